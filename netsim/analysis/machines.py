"""Machines: cores in use, by what they were used for, and what a Gbit/s or a byte costs of them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from netsim.analysis.goodput import carried, lasted
from netsim.analysis.rounding import mean, microseconds, rounded
from netsim.analysis.way import sides
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
    return _cores(program, runs, list(nodes), program.duration)


def _cores(program: Program, runs: Sequence[Records], nodes: Sequence[int], time: float) -> dict[str, float]:
    found = [[spent(program, run, node) for node in nodes] for run in runs]
    return {
        f"{use}_cores": rounded(mean(sum(getattr(one, use) for one in of_run) for of_run in found) / time)
        for use in USES
    }


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


def ends(program: Program, runs: Sequence[Records], traffic: int) -> Told:
    """The machines that send and that receive a traffic's streams, with what their cores did, whatever it was, over
    the time in which the streams had something to send."""
    time = mean(lasted(program, run, traffic) for run in runs)
    return {
        side: {"machines": [program.names.nodes[node] for node in nodes], **_cores(program, runs, nodes, time)}
        for side, nodes in sides(program, runs, traffic).items()
    }


def per_gigabit(program: Program, run: Records) -> float | None:
    """Core seconds per Gbit of payload, which is cores per Gbit/s, on all machines; None where nothing came."""
    total = sum(spent(program, run, node).total for node in range(len(program.names.nodes)))
    size = carried(run)
    return total / 1e12 / (size * 8 / 1e9) if size else None


def _cycles(program: Program, run: Records) -> float:
    """Cycles that all cores of a run worked; a slower core has a lower clock."""
    clocks = [program.names.clock * _UNITY / max(1, slowness) for slowness in program.nodes.slowness.tolist()]
    return math.fsum(spent(program, run, node).total / 1e12 * clock for node, clock in enumerate(clocks))
