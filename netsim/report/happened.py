"""What happened while a scenario ran: the events that people look for, and when requests failed."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group
from rich.table import Table

from netsim.report.pieces import label, plain, titled

Result = Mapping[str, Any]

MOST = 12  # lines on the terminal; all are in happened.csv
# What is left out first: what nodes and pods do one by one.
RANK = {"pod": 1, "view": 3, "policy": 2}


def happened(result: Result) -> Iterator[Group]:
    """The most telling events of each variant, nothing where none had any."""
    for variant in result["variants"]:
        told = variant.get("timeline") or {"events": [], "intervals": []}
        if not told["events"]:
            continue
        made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        shown = list(lines(told))
        for at, subject, what in shown:
            made.add_row(plain(at, "dim"), label(subject), plain(what))
        of = f" ({variant['name']})" if len(result["variants"]) > 1 else ""
        yield titled(f"what happened{of}", made)


def lines(told: Result) -> Iterator[tuple[str, str, str]]:
    """At most MOST lines of time, subject and what, in the order of time."""
    failed = list(failures(told["intervals"]))
    events = chosen(told["events"], MOST - len(failed) - 1)
    hidden = len(told["events"]) - len(events)
    rows = [(event["at_s"], event["subject"], event["what"]) for event in events] + failed
    for at, subject, what in sorted(rows, key=lambda row: row[0]):
        yield f"{round(at, 3):g} s", subject, what
    if hidden:
        yield "", "", f"and {hidden:,} more, in happened.csv"


def chosen(events: list[dict[str, Any]], room: int) -> list[dict[str, Any]]:
    """The events of the first rank, and those of later ones as long as there is room for all of theirs."""
    found = [event for event in events if not rank(event)]
    for more in sorted({rank(event) for event in events} - {0}):
        wider = [event for event in events if rank(event) <= more]
        if len(wider) > room:
            break
        found = wider
    return found[:room]


def rank(event: Result) -> int:
    """0 for what is always told."""
    return 0 if "no " in event["what"] else RANK.get(event["kind"], 0)


def failures(intervals: list[dict[str, Any]]) -> Iterator[tuple[float, str, str]]:
    """For each traffic the parts of the run in which requests failed, taken together; at most two traffics."""
    for name in list(dict.fromkeys(part["traffic"] for part in intervals))[:2]:
        parts = [part for part in intervals if part["traffic"] == name]
        bad = [number for number, part in enumerate(parts) if part["failed"]]
        if not bad:
            continue
        span = parts[bad[0] : bad[-1] + 1]
        reasons: dict[str, int] = {}
        for part in span:
            for reason, count in part["failures"].items():
                reasons[reason] = reasons.get(reason, 0) + count
        told = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
        issued = sum(part["issued"] for part in span)
        yield span[0]["from_s"], name, f"until {span[-1]['to_s']:g} s, of {issued:,} requests fail {told}"
