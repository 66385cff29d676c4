"""Doubts: what keeps the numbers of a traffic of streams from meaning what they seem to."""

from collections.abc import Iterator, Sequence

from netsim.analysis import effort
from netsim.analysis.causes import GROWS, SHORT, growth, trips, unconnected
from netsim.analysis.goodput import chosen, kind, sized
from netsim.analysis.rounding import counted
from netsim.program import Program, TrafficKind
from netsim.records import Records


def measured_s(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> list[float]:
    """From when to when, in seconds, goodput was measured, over all replications."""
    spans = [effort.measured(program, run, traffic, cut) for run in runs]
    edges = (min(begin for begin, _ in spans), max(end for _, end in spans))
    return [float(f"{edge / 1e12:.6g}") for edge in edges]


def doubts(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> list[str]:
    """Sentences, without their full stops, on one traffic of streams."""
    found = list(_time(program, runs, traffic, cut))
    return found + list(_steady(program, runs, traffic, cut)) if kind(program, traffic) == TrafficKind.BULK else found


def _time(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> Iterator[str]:
    name = program.names.traffic[traffic]
    begin, end = measured_s(program, runs, traffic, cut)
    if end * 1e12 <= cut:
        yield (
            f"{name} ended at {1000 * end:.4g} ms, before the measured window began at {cut / 1e9:.4g} ms: its "
            f"Gbit/s and cores are of {1000 * begin:.3g} to {1000 * end:.3g} ms"
        )


def _steady(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> Iterator[str]:
    name, missing = program.names.traffic[traffic], unconnected(runs, traffic)
    count = sum(len(chosen(run, traffic).stream) for run in runs)
    if missing:
        yield f"{missing:,} of {counted(count, 'stream')} of {name} never got a connection"
    if sized(program, traffic) or missing == count:
        return
    lasting = trips(program, runs, traffic)
    if lasting is not None and lasting < SHORT:
        yield f"{name} lasted {lasting:.3g} round trips only: too short for a steady state"
    elif (times := growth(program, runs, traffic, cut)) > GROWS:
        more = f"its last quarter carried {100 * (times - 1):.0f} % more than the quarter before"
        yield f"{name} was not in its steady state: {more}. Run longer"
