"""One request's journey as a table: a line per thing that took time, with place, wait, work and bytes."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from netsim.analysis.journey import Step
from netsim.report.pieces import plain, table, titled
from netsim.report.text import number

Row = dict[str, Any]


def rows(steps: Sequence[Step]) -> Iterator[Row]:
    """A row per part of every step: ps since the intended start, and how long it waited and worked."""
    begin = steps[0].at
    for step in steps:
        at = step.at - begin
        for stage, wait, work in step.parts():
            yield {
                "at_ps": at,
                "place": f"{step.place} {step.role}".strip(),
                "visit": step.visit,
                "stage": stage,
                "wait_ps": wait,
                "work_ps": work,
                "frames": step.frames,
                "payload": step.payload,
                "wire": step.wire,
            }
            at += wait + work


def draw(head: str, steps: Sequence[Step], console: Console, end: str = "answered") -> None:
    """Print the journey under its headline, a place's name only where it changes, and last how it ended."""
    made = table("µs", "place", "stage", "wait", "work", "bytes", left=3)
    made.columns[0].justify = "right"
    before = None
    for row in rows(steps):
        place = "" if row["place"] == before else row["place"]
        before = row["place"]
        made.add_row(
            Text(f"{row['at_ps'] / 1e6:,.3f}"),
            plain(place),
            plain(row["stage"]),
            Text(_us(row["wait_ps"])),
            Text(_us(row["work_ps"])),
            Text(_bytes(row)),
        )
    total = sum(step.total for step in steps)
    wait = sum(row["wait_ps"] for row in rows(steps))
    made.add_section()
    cells = [f"{total / 1e6:,.3f}", "", end, _us(wait), _us(total - wait), ""]
    made.add_row(*map(Text, cells), style="bold")
    console.print(titled(head, made))


def _us(picoseconds: int) -> str:
    return number(picoseconds / 1e6) if picoseconds else ""


def _bytes(row: Row) -> str:
    if row["wire"] and row["work_ps"]:
        return f"{row['wire']:,} on the wire"
    return f"{row['payload']:,}" if row["frames"] else ""
