"""The parts of a run over time count every request once, and the terminal tells the most telling events."""

from io import StringIO
from typing import Any

from rich.console import Console

from netsim.analysis.timeline import PARTS, SECOND, intervals, step
from netsim.report.happened import MOST, happened, lines
from tests.unit.analysis.synthetic import US, program, records


def test_parts_are_seconds_where_that_is_handy() -> None:
    seconds = (1, 19, 20, 60, 100, 200)
    assert [step(one * SECOND) // 10**9 for one in seconds] == [20, 380, 1000, 1000, 1000, 4000]


def test_every_request_counts_once_where_it_was_meant_to_start() -> None:
    times = [number * 10 * US for number in range(100)]
    made = program(times, 1000 * US)
    run = records(made, [3 * US] * 100, service=US)
    run.requests.outcome[10:20] = 14
    parts = intervals(made, [run, run])
    assert len(parts) == PARTS
    assert sum(part["issued"] for part in parts) == 200  # type: ignore[misc]
    assert sum(part["answered"] for part in parts) == 180  # type: ignore[misc]
    assert [part["failed"] for part in parts] == [0] * 5 + [4] * 5 + [0] * 40
    assert parts[5]["failures"] == {"refused": 4}
    assert {part["max_us"] for part in parts} == {7.0, None}


def told(count: int, kind: str = "pod") -> dict[str, Any]:
    """Events of a node, and so many more of one kind."""
    events = [{"at_s": 1.0, "kind": "node", "subject": "n-1", "what": "down"}]
    events += [{"at_s": 2.0 + at, "kind": kind, "subject": f"p-{at}", "what": "ready"} for at in range(count)]
    part = {"traffic": "t", "issued": 10, "failed": 2, "failures": {"down": 2}}
    parts = [part | {"from_s": 3.0, "to_s": 4.0}, part | {"from_s": 4.0, "to_s": 5.0}]
    return {"events": events, "intervals": parts}


def test_little_is_told_whole_and_much_in_twelve_lines() -> None:
    assert [line[1] for line in lines(told(3))] == ["n-1", "p-0", "p-1", "t", "p-2"]
    many = list(lines(told(400)))
    assert [line[1] for line in many] == ["n-1", "t", ""]
    assert many[-1][2] == "and 400 more, in happened.csv"
    assert len(list(lines(told(400, "link")))) == MOST


def test_failures_are_told_together() -> None:
    assert ("3 s", "t", "until 5 s, of 20 requests fail 4 down") in list(lines(told(0)))


def test_nothing_is_printed_where_nothing_happened() -> None:
    empty = {"name": "b", "timeline": {"events": [], "intervals": []}}
    assert list(happened({"variants": [{"name": "a"}, empty]})) == []
    console = Console(width=100, record=True, file=StringIO())
    for part in happened({"variants": [{"name": "[/red]", "timeline": told(2)}]}):
        console.print(part)
    assert "what happened" in console.export_text()
