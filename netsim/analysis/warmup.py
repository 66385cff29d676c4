"""Warm-up: how much of a run's beginning is cut away before anything is measured, by MSER-5.

Sources: White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69(6), 1997
(the statistic); White, Cobb, Spratt, "A comparison of five steady-state truncation heuristics", WSC 2000 (batches of
5, cuts in the first half only). Ours: what it would cut must differ from what stays (``truncation``), and one cut
serves all variants. Requests are judged by their latency, streams by the goodput of each part of the run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netsim.analysis.goodput import delivered, edges, sized, span, streaming
from netsim.analysis.stability import unstable
from netsim.program import Program
from netsim.records import Column, Records

BATCH = 5
FEWEST = 10  # batches
SIGMAS = 3
_PIECES = 20
_NEAR, _BIAS = 0.05, 0.01  # a start this near to the rest, and moving the whole mean so little, may stay
_EDGE = 0.45  # a best cut beyond this share is one that would rather lie beyond the middle

Series = NDArray[np.float64]
Variant = tuple[Program, Sequence[Records]]


@dataclass(frozen=True)
class Cut:
    """The time in ps before which nothing counts, and what there is to say against it ("" for nothing)."""

    at: int
    doubt: str = ""


def cut(variants: Sequence[Variant]) -> Cut:
    """One cut for all variants: the latest that any traffic asks for."""
    found = [_traffic_cut(variants, traffic) for traffic in range(len(variants[0][0].traffic.key))]
    return Cut(max(one.at for one in found), next((one.doubt for one in found if one.doubt), ""))


def truncation(series: Series) -> tuple[int, bool]:
    """Batches of 5 to drop from the front of a series, at most half, and whether it has settled by then.

    MSER-5 also cuts behind a chance outlier, or an excursion of a queue, in a series that was steady all along. So
    of its cut the end is given back whose mean lies within 3 standard errors of the mean of what stays, or so
    near that keeping it moves the result by less than 1 %. Where the statistic still falls towards the middle,
    more would have to go than may. Of fewer than 10 batches nothing can be said, and nothing is cut.
    """
    batches = batched(series)
    if len(batches) < FEWEST:
        return 0, True
    best = mser(batches)
    kept = _distinct(batches, best)
    return kept, not kept or best <= _EDGE * len(batches)


def batched(series: Series) -> Series:
    """The means of successive batches of 5; what is left over at the end is left out."""
    means: Series = series[: len(series) // BATCH * BATCH].reshape(-1, BATCH).mean(axis=1)
    return means


def mser(batches: Series) -> int:
    """The cut that MSER gives: the least squared standard error of what remains, in the first half.

    Beyond the middle the statistic says little: few batches vary little by chance alone.
    """
    count = len(batches)
    left = np.arange(count, 0, -1, dtype=np.float64)
    centred = batches - batches.mean()
    total, squares = centred[::-1].cumsum()[::-1], (centred**2)[::-1].cumsum()[::-1]
    error = np.maximum(squares - total**2 / left, 0.0) / left**2
    return int(error[: count // 2 + 1].argmin())


def _distinct(batches: Series, cut: int) -> int:
    """The first place from where on to ``cut`` the batches are like those behind it, as are the first 1, 2, 4, ..."""
    tail, begins = batches[cut:], np.arange(cut)
    sums, squares = (np.concatenate([[0.0], column.cumsum()]) for column in (batches, batches**2))
    noise, alike = _long_run_variance(tail), np.ones(cut, dtype=bool)
    for power in range(cut.bit_length() + 1):
        ends = np.minimum(begins + (1 << power), cut)
        count = ends - begins
        mean = (sums[ends] - sums[begins]) / count
        variance = np.maximum((squares[ends] - squares[begins]) / count - mean**2, noise)
        apart = np.abs(mean - tail.mean())
        slight = tail.mean() * np.minimum(_NEAR, _BIAS * len(batches) / count)
        alike &= apart <= np.maximum(SIGMAS * np.sqrt(variance * (1 / count + 1 / len(tail))), slight)
    return int(np.flatnonzero(np.append(alike, True))[0])


def _long_run_variance(batches: Series) -> float:
    """Variance of the mean of many batches, times their number: by 20 batch means, since neighbours are alike.

    Source: Law, Simulation Modeling and Analysis, 5th edition, 2015, 9.5.3.
    """
    size = max(1, len(batches) // _PIECES)
    means = batches[len(batches) % size :].reshape(-1, size).mean(axis=1)
    return max(float(batches.var()), size * float(means.var(ddof=1)))


def _traffic_cut(variants: Sequence[Variant], traffic: int) -> Cut:
    """By the latency of requests, or the goodput of streams; a stream with a size counts whole."""
    program = variants[0][0]
    if sized(program, traffic):
        return Cut(0)
    if streaming(program, traffic):
        series = [[_goodput(program, run, traffic) for run in runs] for program, runs in variants]
        moving = [one for one in series if any(rates.any() for rates, _ in one)]
        return _of_series(program, moving, (traffic, "goodput"))
    steady = [(program, runs) for program, runs in variants if not unstable(program, runs, traffic)]
    latencies = [[_latencies(run, traffic) for run in runs] for _, runs in steady]
    return _of_series(program, latencies, (traffic, "latency"))


def _of_series(program: Program, series: Sequence[Sequence[tuple[Series, Column]]], of: tuple[int, str]) -> Cut:
    """By the mean over variants and replications, each variant in units of its own mean; overloaded ones left out."""
    traffic, what = of
    shortest = min((len(times) for of_one in series for times, _ in of_one), default=0)
    if not shortest:
        return Cut(0)
    means = [np.mean([times[:shortest] for times, _ in of_one], axis=0) for of_one in series]
    batches, settled = truncation(np.mean([mean / mean.mean() for mean in means], axis=0))
    at = max(int(starts[batches * BATCH]) for of_one in series for _, starts in of_one) if batches else 0
    doubt = f"the {what} of {program.names.traffic[traffic]} had not settled: the run is too short"
    late = not settled or at > program.duration // 2
    return Cut(min(at, program.duration // 2), doubt if late else "")


def _goodput(program: Program, run: Records, traffic: int) -> tuple[Series, Column]:
    """Bytes that all streams together received in each part of the run that they could use, and when it began."""
    first, last = span(program, traffic, 0)
    sizes = delivered(run, traffic)[:, first:last].sum(axis=0).astype(np.float64)
    return sizes, edges(program)[first:last]


def _latencies(run: Records, traffic: int) -> tuple[Series, Column]:
    table = run.requests
    rows = np.flatnonzero((table.traffic == traffic) & (table.outcome == 0))
    return (table.completed[rows] - table.intended[rows]).astype(np.float64), table.intended[rows]
