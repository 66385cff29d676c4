"""A data path drawn from top to bottom: a box per visit, a line per stage with its cost, the wire between."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from netsim.analysis.journey import crossed, wire_bytes
from netsim.errors import clean
from netsim.program import Op, Program, Role

_LANES = {
    Op.APPLICATION: "application lane",
    Op.SOFTIRQ: "softirq lane",
    Op.RECEIVE: "NIC ring, softirq lane",
    Op.DAEMON: "user-space tunnel",
    Op.WORKER: "kernel thread on an idle core",
    Op.BALANCE: "load balancer",
    Op.TRAVEL: "the client's distance",
}
_WIDTH = 66  # columns of a box


@dataclass(frozen=True)
class Drawn:
    """A path to draw: its title, its row in the Program's paths, and the bytes of payload that cross it."""

    title: str
    path: int
    payload: int


def visits(program: Program, drawn: Drawn) -> Iterator[dict[str, Any]]:
    """Every visit of the path: its lane, its stages with ps and source, its bytes on the wire."""
    first = int(program.paths.first[drawn.path])
    size = int(program.paths.mss[drawn.path]) or min(program.endpoints.mss.tolist())
    frames = max(1, -(-drawn.payload // size))
    for visit in range(first, first + int(program.paths.visits[drawn.path])):
        op = Op(int(program.visits.op[visit]))
        yield {
            "visit": program.names.visits[visit],
            "role": Role(int(program.visits.role[visit])).name.lower(),
            "lane": _LANES.get(op, "wire"),
            "frames": frames,
            "wire_bytes": wire_bytes(program, visit, frames, drawn.payload),
            "encapsulation_bytes": int(program.visits.outer[visit]),
            "stages": list(_stages(program, visit, (frames, drawn.payload))),
        }


def draw(program: Program, drawn: Drawn, sources: list[str], console: Console) -> None:
    """Print the path; ``sources`` grows by those that are met for the first time, numbered from 1."""
    steps = list(visits(program, drawn))
    console.print(Text(clean(drawn.title), "bold"))
    for step in steps:
        if step["lane"] == "wire":
            _wire(step, console)
        else:
            _box(step, sources, console)
    work = sum(stage["work_ps"] for step in steps for stage in step["stages"])
    frames = steps[0]["frames"]
    told = f"{drawn.payload:,} B in {frames} frame{'s' * (frames != 1)}: {work / 1e3:,.0f} ns of work, one way"
    console.print(Text(f"{told}, before jitter, wake-ups and waiting", "dim"))
    console.print()


def references(sources: list[str], console: Console) -> None:
    """Print the list of sources that the numbers in brackets point to."""
    console.print(Text("sources", "bold"))
    for number, source in enumerate(sources, 1):
        console.print(Text(f"[{number}] {clean(source)}", "dim"))


def _stages(program: Program, visit: int, burst: tuple[int, int]) -> Iterator[dict[str, Any]]:
    table, names, (frames, payload) = program.stages, program.names, burst
    for row in crossed(program, visit):
        name = int(table.name[row])
        cost = int(table.per_burst[row]) + int(table.per_frame[row]) * frames
        yield {
            "stage": names.stages[name],
            "work_ps": cost + int(table.per_byte[row]) * payload // 1000,
            "source": names.sources[name],
            "confidence": names.confidence[name],
        }


def _box(step: dict[str, Any], sources: list[str], console: Console) -> None:
    head = f"─ {step['role']}: {step['lane']} "
    console.print(Text(f"┌{head:─<{_WIDTH}}┐"))
    for stage in step["stages"]:
        if stage["source"] not in sources:
            sources.append(stage["source"])
        mark = f"[{sources.index(stage['source']) + 1}]"
        style = "yellow" if stage["confidence"] == "assumed" else ""
        cost = f"{stage['work_ps'] / 1e3:>10,.1f} ns"
        line = f" {clean(stage['stage']):<32}{cost}  {stage['confidence']:<9} {mark:>5}"
        console.print(Text("│").append(f"{line:<{_WIDTH}}", style).append("│"))
    if not step["stages"]:
        console.print(Text(f"│ {clean(step['visit']):<{_WIDTH - 1}}│"))
    console.print(Text(f"└{'─' * _WIDTH}┘"))


def _wire(step: dict[str, Any], console: Console) -> None:
    around = step["encapsulation_bytes"]
    told = f" wire: {step['wire_bytes']:,} B" + (f", {around} B of them encapsulation" if around else "") + " "
    console.print(Text(f"{told:═^{_WIDTH + 2}}", "bold"))
