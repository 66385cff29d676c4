"""Stability: whether unanswered requests pile up, so that no percentile of the run means anything."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netsim.analysis.student import t_quantile
from netsim.program import Program
from netsim.records import Column, Records

BATCHES = 20  # the second half of the run is looked at in so many pieces
_CONFIDENCE = 0.99
_LEAST = 50  # requests in the second half below which nothing is said


def unstable(program: Program, runs: Sequence[Records], traffic: int) -> str:
    """Why ``traffic`` is overloaded, as a sentence; "" where it is not.

    The backlog of each piece of the second half, divided by the rate at which requests came in it, is the
    wait that a request faces (Little); its slope must be above 0 with 99 % confidence, and its rise over the
    half must stand for more requests than chance gives: 1 % of those issued, and the root of their number.
    """
    half = program.duration // 2
    edges = half + np.arange(BATCHES + 1, dtype=np.int64) * ((program.duration - half) // BATCHES)
    backlog = np.mean([_backlog(*_times(run, traffic), edges[1:]) for run in runs], axis=0)
    issued = np.mean([np.histogram(_times(run, traffic)[0], edges)[0] for run in runs], axis=0)
    asked = float(issued.sum())
    busy = issued > 0
    if asked < _LEAST or busy.sum() < BATCHES // 2:
        return ""
    slope, bound = _slope(np.flatnonzero(busy).astype(float), backlog[busy] / issued[busy])
    if bound <= 0 or slope * asked <= max(asked / 100, math.sqrt(asked)):
        return ""
    name, waiting = program.names.traffic[traffic], round(float(backlog[-1]))
    return f"unstable: the unanswered requests of {name} grow to the end of the run, to {waiting:,}"


def _times(run: Records, traffic: int) -> tuple[Column, Column]:
    table = run.requests
    mine = table.traffic == traffic
    completed = table.completed[mine]
    return table.intended[mine], np.sort(completed[completed >= 0])


def _backlog(intended: Column, completed: Column, at: Column) -> NDArray[np.float64]:
    """Requests that had come and not ended at each of the times ``at``."""
    came = np.searchsorted(np.sort(intended), at, side="right")
    return (came - np.searchsorted(completed, at, side="right")).astype(np.float64)


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Least squares slope and its lower confidence bound."""
    centred = x - x.mean()
    spread = float((centred**2).sum())
    slope = float((centred * y).sum()) / spread
    residual = y - y.mean() - slope * centred
    error = math.sqrt(float((residual**2).sum()) / (len(x) - 2) / spread)
    return slope, slope - t_quantile(_CONFIDENCE, len(x) - 2) * error
