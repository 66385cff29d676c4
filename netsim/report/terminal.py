"""A result for the terminal: the comparison, where the time goes, what is busy, what was lost, and doubts."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from netsim.report.change import change
from netsim.report.denied import denied
from netsim.report.groups import groups, kinds
from netsim.report.happened import happened
from netsim.report.legend import legend
from netsim.report.matrix import busy_places, stages
from netsim.report.pieces import label, plain, table, titled
from netsim.report.streams import KINDS, shown, sockets, streaming
from netsim.report.text import UNITS, number, time
from netsim.report.troubles import troubles, unanswered

Result = Mapping[str, Any]

LONG = 20  # characters of a name that are too many for the head of a column
_BREAKDOWNS = 2  # traffics whose time is broken down on the terminal; all are in breakdown.csv


def show(result: Result, console: Console) -> None:
    """Print a result; ``console`` decides on width and colour."""
    for part in _parts(result, console.width):
        console.print(part)
        console.print()


def _parts(result: Result, width: int) -> Iterator[RenderableType]:
    yield _head(result)
    for row, alike in groups(result):
        if streaming(alike["variants"][0]["traffic"][row]):
            yield shown(alike, row)
        else:
            yield Group(*_verdict(alike, row), *_comparison(alike, row, len(kinds(result)) > 1))
            yield from _unanswered(alike, row)
    broken_down = {part["traffic"]: None for variant in result["variants"] for part in variant["breakdown"]}
    for name in list(broken_down)[:_BREAKDOWNS]:
        for percentile in ("p50", "p99"):
            yield from stages(result, name, percentile, width)
    yield from busy_places(result, width)
    yield from happened(result)
    yield _limits(result)
    yield from sockets(result)
    yield from denied(result)
    yield _ledger(result)
    yield Text("\n").join(_footnotes(result))


def _head(result: Result) -> Text:
    run, variants = result["run"], result["variants"]
    head = Text().append_text(plain(result["scenario"], "bold"))
    for line in result["description"].splitlines():
        head.append("\n").append_text(plain(line))
    count = variants[0]["replications"]
    cut = f"first {time(run['warmup_s'] * 1e6)} cut" if run["warmup_s"] else "no warm-up cut"
    facts = [
        f"{count} run{'s' * (count != 1)} of {run['duration_s']:g} s per variant",
        f"{cut} ({run['warmup_by']})",
        f"seed {result['seed']}",
        f"{result['engine']} engine",
    ]
    return head.append(f"\n{' · '.join(facts)}", style="dim")


def _comparison(result: Result, row: int, mixed: bool) -> Iterator[RenderableType]:
    base = result["baseline"]
    name = result["variants"][0]["traffic"][row]["name"]
    compared = len(result["variants"]) > 1
    unit = UNITS.get(result["variants"][0]["traffic"][row]["kind"], "answers/s")
    columns = ["variant", "p50", "p99", unit, "Gbit/s", "CPU/req\nof all" if mixed else "CPU/req", "failed"]
    if compared:
        columns.insert(3, f"p99 to {base}" if len(base) <= LONG else "p99 to baseline")
    made = table(*columns)
    for column in made.columns:
        column.vertical = "bottom"
    for variant in result["variants"]:
        traffic = variant["traffic"][row]
        times = traffic["latency_us"]
        cells = [time(times["p50"]), time(times["p99"])]
        if traffic["unstable"]:
            cells = ["unstable" if traffic["unstable"].startswith("unstable") else "withheld"] * 2
        if compared:
            cells.append(change(result, variant["name"], f"/traffic/{row}/latency_us/p99"))
        cells += [number(traffic["throughput_rps"], 4), number(traffic["goodput_gbps"])]
        cells += [time(variant["cpu"]["us_per_request"]), _failed(traffic)]
        made.add_row(label(variant["name"]), *map(Text, cells))
    yield titled(f"{name}: latency and throughput", made)


def _unanswered(result: Result, row: int) -> Iterator[RenderableType]:
    """The variants under which more than a few requests had no answer when the run ended."""
    made = table("variant", "issued", "answered", "failed", "unanswered")
    for variant in result["variants"]:
        traffic = variant["traffic"][row]
        if unanswered(traffic):
            counts = [f"{traffic[how]:,}" for how in ("issued", "completed", "failed", "in_flight")]
            made.add_row(label(variant["name"]), *map(Text, counts))
    if made.row_count:
        yield titled(f"{result['variants'][0]['traffic'][row]['name']}: requests without an answer", made)


def _verdict(result: Result, row: int) -> Iterator[Text]:
    """Which variants are fastest and slowest at p99, in one line."""
    known = [
        (variant["traffic"][row]["latency_us"]["p99"], variant["name"])
        for variant in result["variants"]
        if variant["traffic"][row]["latency_us"]["p99"] is not None
    ]
    if len(known) > 1:
        (least, fastest), (most, slowest) = min(known), max(known)
        traffic = result["variants"][0]["traffic"][row]["name"]
        told = f"99 of 100 requests of {traffic} are answered within {time(least)} under {fastest}, "
        yield plain(f"{told}the fastest, and within {time(most)} under {slowest}, the slowest.")


def _failed(traffic: Result) -> str:
    if not traffic["failed"]:
        return "0"
    worst = max(traffic["failures"], key=lambda reason: traffic["failures"][reason])
    return f"{traffic['failed']:,} {worst}"


def _limits(result: Result) -> Group:
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for variant in result["variants"]:
        style = "bold" if variant["limiting"]["saturated"] else ""
        for place, sentence in enumerate(variant["limiting"]["sentences"]):
            made.add_row(label("" if place else variant["name"]), plain(sentence, style))
    return titled("what limits", made)


def _ledger(result: Result) -> Group:
    made = table("variant", "sent", "= delivered", "+ dropped", "+ in flight")
    for variant in result["variants"]:
        book = variant["ledger"]
        lost = ", ".join(f"{count:,} {reason}" for reason, count in book["dropped"].items()) or "0"
        counts = [f"{book['sent']:,}", f"{book['delivered']:,}", lost, f"{book['in_flight']:,}"]
        made.add_row(label(variant["name"]), *map(Text, counts))
    return titled("bursts, every one accounted for", made)


def _footnotes(result: Result) -> Iterator[Text]:
    variants = result["variants"]
    yield from (plain(f"! {note}.", "bold") for variant in variants for note in troubles(variant))
    if result["run"]["doubt"] and any(variant["stable"] for variant in variants):
        yield plain(f"! {result['run']['doubt']}.", "bold")
    yield from (plain(f"! {note}", "dim") for note in _weak(result))
    if variants[0]["replications"] == 1:
        yield plain("One run per variant, so no intervals: --replications 5 gives them.", "dim")
    elif len(variants) > 1:
        told = "± is the 95 % interval of the difference, run by run on the same luck; ~ may be chance."
        yield plain(told, "dim")
    if assumed := sorted({stage for variant in variants for stage in variant["assumed"]}):
        yield plain(f"Costs without a measured source (assumed): {', '.join(assumed)}.", "dim")
    yield plain(f"Digest {result['digest']}.", "dim")
    yield from (plain(told, "dim") for told in legend(result))
    if kinds(result) - set(KINDS):
        others = ", for all traffic together" if len(kinds(result)) > 1 or len(variants[0]["traffic"]) > 1 else ""
        yield plain(f"CPU/req: core time of all machines{others}, per answered request.", "dim")


def _weak(result: Result) -> Iterator[str]:
    """One line per traffic: the percentiles that too few samples stand behind, under any variant."""
    for row, alike in groups(result):
        traffic = alike["variants"][0]["traffic"][row]
        reasons: dict[str, str] = {}
        for variant in [] if streaming(traffic) else alike["variants"]:
            if not variant["traffic"][row]["unstable"]:
                reasons |= variant["traffic"][row]["latency_us"]["reasons"]
        shown = {name: reason for name, reason in reasons.items() if name in ("p50", "p99", "p99.9")}
        if shown:
            told = "; ".join(f"{name} ({reason})" for name, reason in shown.items())
            yield f"{traffic['name']}: withheld {told}."
