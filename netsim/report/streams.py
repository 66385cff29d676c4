"""Streams for the terminal and for pages: throughput and its cores, datagrams and their losses, connections refused."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from netsim.report.change import change
from netsim.report.pieces import label, plain, table, titled
from netsim.report.text import number, percent, time

Result = Mapping[str, Any]
Column = tuple[str, Callable[[Result], str]]  # heading, and the cell of a variant

KINDS = ("bulk", "datagrams")
LONG = 12  # characters of a baseline's name that are too many for the head of a column
_USES = (("application", "app"), ("system", "sys"), ("softirq", "softirq"), ("daemon", "tunnel"))


def streaming(traffic: Result) -> bool:
    """Whether a traffic is streams rather than requests."""
    return traffic["kind"] in KINDS


def shown(result: Result, row: int) -> RenderableType:
    """What is told of one traffic of streams."""
    name = result["variants"][0]["traffic"][row]["name"]
    first, *others = (_drawn(result, f"{name}: {title}", wanted) for title, wanted in parts(result, row))
    return Group(*_verdict(result, row), first, *(piece for other in others for piece in (Text(), other)))


def parts(result: Result, row: int) -> Iterator[tuple[str, list[Column]]]:
    """The tables on one traffic of streams, each with its title; those without a column are left out."""
    yield "throughput", columns(result, row)
    for title, wanted in (("datagrams that did not arrive", _losses), ("cores in use at its ends", _cores)):
        if found := list(wanted(result, row)):
            yield title, found


def columns(result: Result, row: int) -> list[Column]:
    """The columns of the throughput table; those that say nothing under any variant are left out."""
    kind = result["variants"][0]["traffic"][row]["kind"]
    return [*_goodput(result, row), *(_bulk if kind == "bulk" else _datagrams)(result, row)]


def _goodput(result: Result, row: int) -> Iterator[Column]:
    base, pointer = result["baseline"], f"/traffic/{row}/goodput_gbps"
    label_of = f"to {base}" if len(base) <= LONG else "to base"

    def rate(variant: Result) -> str:
        value = number(variant["traffic"][row]["goodput_gbps"], 4)
        span = variant["intervals"].get(pointer)
        decimals = len(value.partition(".")[2])
        return f"{value} ± {(span[1] - span[0]) / 2:.{min(3, decimals)}f}" if span else value

    yield "Gbit/s", rate
    if len(result["variants"]) > 1:
        yield label_of, lambda variant: change(result, variant["name"], pointer)


def _bulk(result: Result, row: int) -> Iterator[Column]:
    found = [variant["traffic"][row] for variant in result["variants"]]
    if any(traffic["retransmitted_bytes"] for traffic in found):
        yield "resent", lambda variant: percent(variant["traffic"][row]["retransmitted_share"])
    if any(traffic["timeouts"] for traffic in found):
        yield "RTOs", lambda variant: f"{variant['traffic'][row]['timeouts']:,}"
    if any(len(traffic["streams"]) > 1 for traffic in found):
        yield "Jain", lambda variant: number(variant["traffic"][row]["jain"])
    if any(traffic["failed"] for traffic in found):
        yield "failed", lambda variant: f"{variant['traffic'][row]['failed']:,}"
    if any(traffic["sized"] for traffic in found):
        yield "mean\ntime", lambda variant: time(variant["traffic"][row]["latency_us"]["mean"])
    yield "cores per\nGbit/s", lambda variant: number(variant["traffic"][row]["cores_per_gbps"])
    yield "cycles\nper B", lambda variant: number(variant["traffic"][row]["cycles_per_byte"])


def _datagrams(result: Result, row: int) -> Iterator[Column]:
    yield "sent", lambda variant: f"{variant['traffic'][row]['sent']:,}"
    yield "received", lambda variant: f"{variant['traffic'][row]['received']:,}"
    yield "lost", lambda variant: percent(variant["traffic"][row]["loss_share"])
    yield "delay", lambda variant: time(variant["traffic"][row]["delay_us"]["mean"])
    yield "jitter", lambda variant: time(variant["traffic"][row]["jitter_us"])


def _losses(result: Result, row: int) -> Iterator[Column]:
    """Datagrams that the sender's core had no time for, and those lost, by reason."""
    found = [variant["traffic"][row] for variant in result["variants"]]
    if any(traffic.get("unsent") for traffic in found):
        yield "due, not sent", lambda variant: f"{variant['traffic'][row]['unsent']:,}"
    for reason in sorted({reason for traffic in found for reason in traffic.get("losses", {})}):
        yield reason, lambda variant, reason=reason: f"{variant['traffic'][row]['losses'].get(reason, 0):,}"  # type: ignore[misc]


def _cores(result: Result, row: int) -> Iterator[Column]:
    """Cores in use at either end, by use."""
    ends = [variant["traffic"][row]["cpu"] for variant in result["variants"]]
    uses = _USES if any(end[side]["daemon_cores"] for end in ends for side in end) else _USES[:3]
    words = "/".join(word for _, word in uses)
    for side in ("sender", "receiver"):
        yield f"{side}\n{words}", lambda variant, side=side: split(variant["traffic"][row]["cpu"][side], uses)  # type: ignore[misc]
        yield "all", lambda variant, side=side: f"{_total(variant['traffic'][row]['cpu'][side]):.2f}"  # type: ignore[misc]


def split(end: Result, uses: tuple[tuple[str, str], ...]) -> str:
    """Cores in use at one end, by use."""
    return "/".join(f"{end[f'{use}_cores']:.2f}" for use, _ in uses)


def _total(end: Result) -> float:
    return math.fsum(end[f"{use}_cores"] for use, _ in _USES)


def _verdict(result: Result, row: int) -> Iterator[Text]:
    known = [(variant["traffic"][row]["goodput_gbps"], variant["name"]) for variant in result["variants"]]
    if len(known) > 1:
        (least, last), (most, first) = min(known), max(known)
        name = result["variants"][0]["traffic"][row]["name"]
        told = f"{name} carries the most under {first}, {number(most)} Gbit/s, "
        yield plain(f"{told}and the least under {last}, {number(least)} Gbit/s.")


def _drawn(result: Result, title: str, wanted: list[Column]) -> RenderableType:
    made = table("variant", *(heading for heading, _ in wanted))
    for column in made.columns:
        column.vertical = "bottom"
    for variant in result["variants"]:
        made.add_row(label(variant["name"]), *(Text(cell(variant)) for _, cell in wanted))
    return titled(title, made)


def sockets(result: Result) -> Iterator[RenderableType]:
    """What became of connections, where any was reset or refused."""
    made = table("variant", "opened", "closed", "reset", "refused", "open", "ports at most")
    for variant in result["variants"]:
        book = variant["sockets"]
        if book["reset"] or book["refused"]:
            names = ("opened", "closed", "reset", "refused", "open", "most_ports")
            made.add_row(label(variant["name"]), *(Text(f"{book[name]:,}") for name in names))
    if made.row_count:
        yield titled("connections", made)
