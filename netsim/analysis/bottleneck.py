"""The limiting element: what drops, else the busiest core, link, process, worker pool or table, in one sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netsim.analysis.losses import Loss, losses
from netsim.analysis.rounding import mean, rounded
from netsim.analysis.stations import utilisations
from netsim.program import Kind, Program
from netsim.records import Records

_REFUSED = ("conntrack", "no-endpoint", "ports", "nat-ports", "mtu", "loss")  # reasons that no queue is behind
_FEW = 0.001  # of all frames sent: fewer drops in a queue limit nothing
NEAR = 0.6  # below this utilisation an element limits nothing

_POOLED = {
    Kind.LINK: "link",
    Kind.DAEMON: "user-space tunnel",
    Kind.BALANCER: "load balancer",
    Kind.POD: "workers of pod",
}

Use = Sequence[tuple[float, int]]  # per station: share in use, ps waited for it


@dataclass(frozen=True)
class Element:
    """Something that can run full: its share in use over the run, 0 to 1, and a word on what fills it."""

    name: str
    role: str
    utilisation: float
    detail: str = ""
    waited: int = 0  # ps that work spent waiting here, over all replications

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.role} {self.name} at {100 * self.utilisation:.0f} %{detail}"


def elements(program: Program, runs: Sequence[Records]) -> list[Element]:
    """All that can limit, the busiest first."""
    use = list(zip(utilisations(program, runs), _waited(runs), strict=True))
    found = [*_cores(program, use), *_pools(program, use), *_conntrack(program, runs)]
    return sorted(found, key=lambda element: (-element.utilisation, element.role, element.name))


def limiting(program: Program, runs: Sequence[Records], overloaded: bool = False) -> dict[str, object]:
    """The limiting element, and a sentence that names it and what comes next.

    What drops most comes first, where that is a refusal or 0.1 % of all frames. Utilisation is of the whole run;
    where load grew into overload it says little of the end, so the element that most work waited for is named
    instead of the busiest.
    """
    found, lost = elements(program, runs), losses(program, runs)
    crowded = _crowded(found, overloaded)
    if not lost:
        return crowded
    few = _FEW * sum(run.ledger.frames_sent for run in runs)
    lost = sorted(lost, key=lambda loss: loss.reason not in _REFUSED and loss.frames < few)
    if lost[0].reason not in _REFUSED and lost[0].frames < few:
        return crowded | {"sentence": f"{crowded['sentence']}; {lost[0]}"}
    return _dropping(lost, found, str(crowded["sentence"]))


def _dropping(lost: Sequence[Loss], found: Sequence[Element], crowded: str) -> dict[str, object]:
    """The place that dropped most. Nothing queued where a table or a rule refused, so waiting tells nothing there."""
    first = lost[0]
    utilisation = next((one.utilisation for one in found if one.name == first.place), 0.0)
    total = sum(loss.frames for loss in lost if loss.reason == first.reason)
    everywhere = f" ({total:,} at all places)" if total > first.frames else ""
    other = next((loss for loss in lost if loss.reason != first.reason), None)
    rest = [one for one in found if (one.name, one.role) != (first.place, "conntrack table of")]
    refused = first.reason in _REFUSED
    after = (f"next: {other}" if other else f"busiest: {rest[0]}") if refused else crowded
    return {
        "name": first.place,
        "role": first.reason,
        "utilisation": rounded(utilisation),
        "saturated": True,
        "sentence": f"{first}{everywhere}; {after}",
    }


def _crowded(found: Sequence[Element], overloaded: bool) -> dict[str, object]:
    first, *others = found
    waited = sum(element.waited for element in found)
    if overloaded and waited:
        first = max(found, key=lambda element: element.waited)
        part = f"{100 * first.waited / waited:.0f} % of all waiting"
        busy = f"busy {100 * first.utilisation:.0f} % of the run"
        sentence = f"overloaded: {part} is for {first.role} {first.name}, {busy}"
    elif first.utilisation < NEAR:
        sentence = f"nothing is near saturation; busiest: {first}"
    else:
        second = next((other for other in others if other.role != first.role), None)
        sentence = f"{first} limits" + (f"; next: {second}" if second else "")
    return {
        "name": first.name,
        "role": first.role,
        "utilisation": rounded(first.utilisation),
        "saturated": overloaded or first.utilisation >= NEAR,
        "sentence": sentence,
    }


def _waited(runs: Sequence[Records]) -> list[int]:
    return [sum(column) for column in zip(*(run.stations.queued.tolist() for run in runs), strict=True)]


def _cores(program: Program, use: Use) -> Iterator[Element]:
    nodes = program.nodes
    for node, name in enumerate(program.names.nodes):
        for core in range(int(nodes.cores[node])):
            lane = int(nodes.first_core[node]) + 2 * core
            (softirq, kernel_waits), (application, thread_waits) = use[lane], use[lane + 1]
            detail = f"softirq {100 * softirq:.0f} %, application {100 * application:.0f} %"
            busy = min(1.0, softirq + application)
            yield Element(f"{name}.core{core}", "core", busy, detail, kernel_waits + thread_waits)


def _pools(program: Program, use: Use) -> Iterator[Element]:
    for row, kind in enumerate(program.stations.kind.tolist()):
        if role := _POOLED.get(Kind(kind)):
            busy, waited = use[row]
            yield Element(program.names.stations[row], role, busy, waited=waited)


def _conntrack(program: Program, runs: Sequence[Records]) -> Iterator[Element]:
    for node, most in enumerate(program.nodes.conntrack_max.tolist()):
        if most > 0:
            peak = mean(run.conntrack_peak[node] / most for run in runs)
            yield Element(program.names.nodes[node], "conntrack table of", peak, "at its peak")
