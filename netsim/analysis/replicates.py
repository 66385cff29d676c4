"""Replicates: the value that each replication has of every number that comes with an interval."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from netsim.analysis.bulk import fairness
from netsim.analysis.datagrams import delays, jitter, lost, pace
from netsim.analysis.goodput import chosen, kind, of_traffic, sized
from netsim.analysis.latency import LEVELS, needed, rank
from netsim.analysis.machines import carrying, per_gigabit
from netsim.analysis.rounding import microseconds, rounded
from netsim.analysis.throughput import rates
from netsim.analysis.window import answered
from netsim.program import Program, TrafficKind
from netsim.records import Column, Records

Values = Sequence[float | None]


def replicates(
    program: Program, runs: Sequence[Records], cut: int, unsteady: Sequence[str]
) -> Mapping[str, list[float]]:
    """By the JSON pointer of the number; left out where a replication has no value."""
    found: dict[str, list[float]] = {}
    for row, reason in enumerate(unsteady):
        told = {TrafficKind.BULK: _bulk, TrafficKind.DATAGRAMS: _datagrams}.get(kind(program, row), _requests)
        for name, values in told(program, runs, (row, cut)):
            _put(found, f"/traffic/{row}/{name}", values)
        begin = 0 if sized(program, row) else cut
        samples = [answered([run], row, begin).latency for run in runs]
        timed = kind(program, row) != TrafficKind.BULK or sized(program, row)
        if timed and not reason and all(len(sample) for sample in samples):
            found |= {f"/traffic/{row}/latency_us/{name}": values for name, values in _latencies(samples)}
    _put(found, "/cpu/cores_per_gbps", [per_gigabit(program, run) for run in runs])
    return found


def _put(found: dict[str, list[float]], pointer: str, values: Values) -> None:
    known = [rounded(value) for value in values if value is not None]
    if len(known) == len(values):
        found[pointer] = known


def _requests(program: Program, runs: Sequence[Records], of: tuple[int, int]) -> Iterator[tuple[str, Values]]:
    row, cut = of
    answers, goodput = rates(runs, row, (cut, program.duration))
    yield from (("throughput_rps", answers), ("goodput_gbps", goodput))


def _bulk(program: Program, runs: Sequence[Records], of: tuple[int, int]) -> Iterator[tuple[str, Values]]:
    row, cut = of
    yield "goodput_gbps", [of_traffic(program, run, row, cut) for run in runs]
    yield "jain", [fairness(program, run, row, cut) for run in runs]
    costs = [carrying(program, run, row, cut) for run in runs]
    yield "cores_per_gbps", [cost and cost[0] for cost in costs]
    tables = [chosen(run, row) for run in runs]
    yield "retransmitted_share", [_share(table.resent, table.sent) for table in tables]


def _datagrams(program: Program, runs: Sequence[Records], of: tuple[int, int]) -> Iterator[tuple[str, Values]]:
    row, cut = of
    paces = [pace(program, run, row, cut) for run in runs]
    yield "goodput_gbps", [of_traffic(program, run, row, cut) for run in runs]
    yield from (("throughput_rps", paces), ("packets_per_second", paces))
    sent = [int(chosen(run, row).datagrams.sum()) for run in runs]
    shares = [lost([run], row).total() / count if count else None for run, count in zip(runs, sent, strict=True)]
    yield "loss_share", shares
    yield "jitter_us", [jitter(run, row) for run in runs]
    yield "delay_us/mean", [delays([run], row)["mean"] for run in runs]  # type: ignore[misc]


def _share(part: Column, whole: Column) -> float:
    return int(part.sum()) / int(whole.sum()) if whole.sum() else 0.0


def _latencies(samples: Sequence[Column]) -> list[tuple[str, list[float]]]:
    rows = [("mean", [microseconds(float(np.mean(sample))) for sample in samples])]
    for name, level in LEVELS.items():
        if all(len(sample) >= needed(level) for sample in samples):
            rows.append((name, [microseconds(int(sample[rank(len(sample), level)])) for sample in samples]))
    return rows
