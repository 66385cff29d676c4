"""Stability: whether unanswered requests pile up, or are lost, so that no percentile of the run means anything."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netsim.analysis.student import t_quantile
from netsim.program import Program
from netsim.records import Column, Records

BATCHES = 20  # the second half of the run is looked at in so many pieces
SIGMAS = 5  # of chance that a backlog may lie above what Little's law gives
SHARE = 0.01  # of the requests that may stay unanswered whatever the law says
PATIENCE = 2  # times the longest answer's time that a user of a closed loop may wait
_CONFIDENCE = 0.99
_LEAST = 50  # requests in the second half below which no trend is sought

Series = NDArray[np.float64]


def unstable(program: Program, runs: Sequence[Records], traffic: int) -> str:
    """Why ``traffic`` is overloaded, as a sentence; "" where it is not.

    Three things must hold of the backlog, the unanswered requests at the end of each piece of the second half:
    its least-squares slope is above 0 with 99 % confidence (t test over the pieces); it rises by more than 1 %
    of the requests issued meanwhile, and than the root of their number; and it ends above ``allowed``.
    """
    edges = _edges(program)
    backlog = _backlog(program, runs, traffic)
    asked = sum(int((_intended(run, traffic) >= edges[0]).sum()) for run in runs)
    if asked < _LEAST:
        return ""
    slope, bound = _line(backlog)
    rise, last = slope * BATCHES, float(backlog.mean()) + slope * (BATCHES - 1) / 2
    if bound <= 0 or rise <= max(asked * SHARE, math.sqrt(asked)):
        return ""
    # Overload may set in at any time: a line would take the bend for chance.
    if last <= allowed(program, runs, traffic, bends=True):
        return ""
    name, waiting = program.names.traffic[traffic], round(float(backlog[-1]) / len(runs))
    return f"unstable: the unanswered requests of {name} grow to the end of the run, to {waiting:,}"


def unanswered(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> str:
    """How many requests of ``traffic`` were never answered, as a sentence; "" where no more than may be.

    Of those meant to start at ``cut`` ps or later, 1 % may be under way at the end, or as many as ``allowed``. In a
    closed loop all users may be waiting at the end; there only those count that wait twice as long as any answer took,
    since a slow one makes all behind it slower than those before.
    """
    tables = [run.requests for run in runs]
    chosen = [(table.traffic == traffic) & (table.intended >= cut) for table in tables]
    issued = sum(int(rows.sum()) for rows in chosen)
    closed = bool(program.traffic.users[traffic])
    longest = PATIENCE * max((_longest(run, traffic) for run in runs), default=0) if closed else -1
    waits = [
        program.duration - table.intended[rows & (table.outcome < 0)]
        for table, rows in zip(tables, chosen, strict=True)
    ]
    open_ones = sum(int((wait > longest).sum()) for wait in waits)
    if open_ones <= max(issued * SHARE, 0 if closed else allowed(program, runs, traffic)):
        return ""
    return f"{open_ones:,} of {issued:,} requests of {program.names.traffic[traffic]} were never answered"


def _longest(run: Records, traffic: int) -> int:
    """The longest time in ps that a request took to end."""
    table = run.requests
    ended = (table.traffic == traffic) & (table.completed >= 0)
    return int((table.completed[ended] - table.intended[ended]).max(initial=0))


def allowed(program: Program, runs: Sequence[Records], traffic: int, bends: bool = False) -> float:
    """The most requests, over all runs, that a stable ``traffic`` has under way at the end, up to chance.

    Every request is still there with the chance that one takes longer than its age, by the times of those that
    ended: for a steady rate that is Little's law, rate x mean latency (Little, Operations Research 9, 1961); for
    a changing one Eick, Massey, Whitt, Management Science 39, 1993. Added are 5 standard deviations, of Poisson
    or, where queueing makes more of it, of the backlog around its trend: a line, or a parabola where it ``bends``.
    That addition is ours.
    """
    expected = sum(_expected(run, traffic, program.duration) for run in runs)
    return expected + SIGMAS * math.sqrt(max(expected, _unrest(_backlog(program, runs, traffic), bends)))


def _expected(run: Records, traffic: int, end: int) -> float:
    table = run.requests
    ended = (table.traffic == traffic) & (table.completed >= 0)
    if not ended.any():
        return 0.0
    times = np.sort(table.completed[ended] - table.intended[ended])
    ages = end - _intended(run, traffic)
    return float((len(times) - np.searchsorted(times, ages[ages >= 0], side="right")).sum()) / len(times)


def _edges(program: Program) -> Column:
    """The beginning of the second half, and the ends of its pieces."""
    half = program.duration // 2
    return half + np.arange(BATCHES + 1, dtype=np.int64) * ((program.duration - half) // BATCHES)


def _backlog(program: Program, runs: Sequence[Records], traffic: int) -> Series:
    """Requests of all runs that had come and not ended, at the end of each piece."""
    at, found = _edges(program)[1:], np.zeros(BATCHES)
    for run in runs:
        completed = run.requests.completed[run.requests.traffic == traffic]
        came = np.searchsorted(np.sort(_intended(run, traffic)), at, side="right")
        found += came - np.searchsorted(np.sort(completed[completed >= 0]), at, side="right")
    return found


def _intended(run: Records, traffic: int) -> Column:
    found: Column = run.requests.intended[run.requests.traffic == traffic]
    return found


def _line(y: Series) -> tuple[float, float]:
    """Least-squares slope per piece, and its lower confidence bound."""
    centred = np.arange(len(y)) - (len(y) - 1) / 2
    spread = float((centred**2).sum())
    slope = float((centred * y).sum()) / spread
    residual = y - y.mean() - slope * centred
    error = math.sqrt(float((residual**2).sum()) / (len(y) - 2) / spread)
    return slope, slope - t_quantile(_CONFIDENCE, len(y) - 2) * error


def _unrest(y: Series, bends: bool) -> float:
    """The variance around the least-squares line or parabola."""
    centred = np.arange(len(y)) - (len(y) - 1) / 2
    residual = y - y.mean()
    for term in (centred, centred**2 - (centred**2).mean())[: 1 + bends]:
        residual = residual - float((term * y).sum() / (term**2).sum()) * term
    return float((residual**2).sum()) / (len(y) - 2 - bends)
