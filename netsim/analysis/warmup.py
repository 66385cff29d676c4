"""Warm-up: how much of a run's beginning is cut away before anything is measured, by MSER-5.

Source: White, Cobb, Spratt, "A comparison of five steady-state truncation heuristics", WSC 2000.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netsim.analysis.stability import unstable
from netsim.program import Program
from netsim.records import Column, Records

BATCH = 5
_EDGE = 0.45  # a best cut beyond this share is one that would rather lie beyond the middle

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


def truncation(series: NDArray[np.float64]) -> tuple[int, bool]:
    """Batches of 5 to drop from the front of a series, at most half, and whether it has settled by then.

    The statistic is the squared standard error of what remains. Where it still falls towards the middle, more
    would have to go than may. Beyond the middle it says little: few batches vary little by chance alone.
    """
    batches = series[: len(series) // BATCH * BATCH].reshape(-1, BATCH).mean(axis=1)
    count = len(batches)
    if count < 2 * BATCH:
        return 0, True
    left = np.arange(count, 0, -1, dtype=np.float64)
    centred = batches - batches.mean()
    total, squares = centred[::-1].cumsum()[::-1], (centred**2)[::-1].cumsum()[::-1]
    error = np.maximum(squares - total**2 / left, 0.0) / left**2
    best = int(error[: count // 2 + 1].argmin())
    return best, best <= _EDGE * count


def _traffic_cut(variants: Sequence[Variant], traffic: int) -> Cut:
    """By the mean over variants and replications, each variant in units of its own mean; overloaded ones left out."""
    steady = [(program, runs) for program, runs in variants if not unstable(program, runs, traffic)]
    series = [[_latencies(run, traffic) for run in runs] for _, runs in steady]
    shortest = min((len(times) for of_one in series for times, _ in of_one), default=0)
    if not shortest:
        return Cut(0)
    means = [np.mean([times[:shortest] for times, _ in of_one], axis=0) for of_one in series]
    batches, settled = truncation(np.mean([mean / mean.mean() for mean in means], axis=0))
    program = variants[0][0]
    at = max(int(starts[batches * BATCH]) for of_one in series for _, starts in of_one) if batches else 0
    doubt = f"the latency of {program.names.traffic[traffic]} had not settled: the run is too short"
    late = not settled or at > program.duration // 2
    return Cut(min(at, program.duration // 2), doubt if late else "")


def _latencies(run: Records, traffic: int) -> tuple[NDArray[np.float64], Column]:
    table = run.requests
    rows = np.flatnonzero((table.traffic == traffic) & (table.outcome == 0))
    return (table.completed[rows] - table.intended[rows]).astype(np.float64), table.intended[rows]
