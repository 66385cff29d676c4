"""Machines: cores in use, by what they were used for, and what a Gbit/s or a byte costs of them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from netsim.analysis import effort
from netsim.analysis.goodput import carried, of_traffic
from netsim.analysis.rounding import mean, microseconds, rounded
from netsim.analysis.way import company, sides
from netsim.program import Program
from netsim.records import Records

Told = dict[str, object]
_UNITY = 65_536  # of Nodes.slowness
USES = ("application", "system", "softirq", "daemon")
"""Threads outside and inside the kernel, the kernel's own lane, and user-space tunnels."""


@dataclass(frozen=True)
class Spent:
    """Core time in ps of one machine in one run, by what it was spent on."""

    application: int
    system: int
    softirq: int
    daemon: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.application + self.system + self.softirq + self.daemon


def spent(program: Program, run: Records, node: int) -> Spent:
    """What the cores of ``node`` did in the whole run; a user-space tunnel's daemon counts as beside them."""
    first, cores = int(program.nodes.first_core[node]), int(program.nodes.cores[node])
    totals, daemon = run.stations, int(program.nodes.daemon[node])
    softirq = int(totals.busy[first : first + 2 * cores : 2].sum())
    threads = int(totals.busy[first + 1 : first + 2 * cores : 2].sum())
    system = int(totals.system[first + 1 : first + 2 * cores : 2].sum())
    return Spent(threads - system, system, softirq, int(totals.busy[daemon]) if daemon >= 0 else 0)


def machines(program: Program, runs: Sequence[Records]) -> list[Told]:
    """A row per machine that did anything: cores in use over the whole run, as means of replications."""
    rows = []
    for node, name in enumerate(program.names.nodes):
        used = cores(program, runs, [node])
        if any(used.values()):
            rows.append({"name": name, "cores": int(program.nodes.cores[node]), **used})
    return rows


def cores(program: Program, runs: Sequence[Records], nodes: Iterable[int]) -> dict[str, float]:
    """Cores in use on ``nodes`` together over the whole run, by use, with ``_cores`` behind its name."""
    return _cores(program, runs, list(nodes), [program.duration] * len(runs))


def _cores(program: Program, runs: Sequence[Records], nodes: Sequence[int], times: Sequence[float]) -> dict[str, float]:
    found = [_in_use(program, run, nodes, time) for run, time in zip(runs, times, strict=True)]
    return {f"{use}_cores": rounded(mean(one[use] for one in found)) for use in USES}


def _in_use(program: Program, run: Records, nodes: Iterable[int], time: float) -> dict[str, float]:
    """Cores in use by use in one run; never more on a machine than it has, whatever ``time`` its work is laid into."""
    found = dict.fromkeys(USES, 0.0)
    for node in nodes:
        one = spent(program, run, node)
        threads = (one.total - one.daemon) / time
        fits = min(1.0, int(program.nodes.cores[node]) / threads) if threads else 1.0
        for use in USES[:3]:
            found[use] += getattr(one, use) / time * fits
        if one.daemon:
            servers = int(program.stations.servers[program.nodes.daemon[node]])
            found["daemon"] += min(float(servers), one.daemon / time)
    return found


def cpu(program: Program, runs: Sequence[Records], answers: int) -> Told:
    """Cores in use on all machines, core time per answered request, and what carrying payload costs."""
    nodes = range(len(program.names.nodes))
    total = sum(spent(program, run, node).total for run in runs for node in nodes)
    costs = [cost for run in runs if (cost := per_gigabit(program, run)) is not None]
    payload = sum(map(carried, runs))
    cycles = sum(_cycles(program, run) for run in runs)
    return cores(program, runs, nodes) | {
        "us_per_request": microseconds(total / answers) if answers else None,
        "cores_per_gbps": rounded(mean(costs)) if costs else None,
        "cycles_per_byte": rounded(cycles / payload) if payload and cycles else None,
    }


def ends(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> Told:
    """The machines that send and that receive a traffic's streams, with what their cores did, whatever it was, in the
    time in which its goodput was measured; what a Gbit/s and a byte cost of them; and who else uses them."""
    times = [effort.time(program, run, traffic, cut) for run in runs]
    of_sides = sides(program, runs, traffic)
    costs = [cost for run in runs if (cost := carrying(program, run, traffic, cut)) is not None]
    at_ends = {
        side: {"machines": [program.names.nodes[node] for node in nodes], **_cores(program, runs, nodes, times)}
        for side, nodes in of_sides.items()
    }
    return {
        "cpu": at_ends,
        "cores_per_gbps": rounded(mean(cores for cores, _ in costs)) if costs else None,
        "cycles_per_byte": rounded(mean(cycles for _, cycles in costs)) if costs and program.names.clock else None,
        "shared_with": [program.names.traffic[row] for row in company(program, runs, traffic)],
    }


def carrying(program: Program, run: Records, traffic: int, cut: int) -> tuple[float, float] | None:
    """Cores per Gbit/s, and cycles per byte, of the machines at either end; None where nothing came."""
    rate = of_traffic(program, run, traffic, cut)
    if not rate:
        return None
    time, nodes = effort.time(program, run, traffic, cut), set().union(*sides(program, [run], traffic).values())
    used = {node: math.fsum(_in_use(program, run, [node], time).values()) for node in nodes}
    cycles = math.fsum(value * _clock(program, node) for node, value in used.items())
    return math.fsum(used.values()) / rate, cycles / (rate * 1e9 / 8)


def per_gigabit(program: Program, run: Records) -> float | None:
    """Core seconds per Gbit of payload, which is cores per Gbit/s, on all machines; None where nothing came."""
    total = sum(spent(program, run, node).total for node in range(len(program.names.nodes)))
    size = carried(run)
    return total / 1e12 / (size * 8 / 1e9) if size else None


def _cycles(program: Program, run: Records) -> float:
    """Cycles that all cores of a run worked."""
    nodes = range(len(program.names.nodes))
    return math.fsum(spent(program, run, node).total / 1e12 * _clock(program, node) for node in nodes)


def _clock(program: Program, node: int) -> float:
    """Hz of a machine's cores: a slower one has a lower clock."""
    return program.names.clock * _UNITY / max(1, int(program.nodes.slowness[node]))
