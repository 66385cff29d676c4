"""A run over time: what was asked, answered and refused in each part of it, and how long answers took."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from netsim.analysis.latency import distribution
from netsim.analysis.rounding import rounded
from netsim.program import REASONS, Program, TrafficKind
from netsim.records import Column, Records

SECOND = 10**12
PARTS = 50  # of a run that has no whole number of seconds near it
FEWEST, MOST = 20, 100  # seconds of a run that is divided into seconds

Part = dict[str, object]


def step(duration: int) -> int:
    """The length of a part in ps: a second, or a fiftieth of a run that is too short or too long for that."""
    return SECOND if FEWEST * SECOND <= duration <= MOST * SECOND else -(-duration // PARTS)


def intervals(program: Program, runs: Sequence[Records]) -> list[Part]:
    """A row per traffic of requests and part of the run, over all replications. A request counts to the part in which
    it was meant to start."""
    width = step(program.duration)
    edges = [*range(0, program.duration, width), program.duration]
    told = (TrafficKind.REQUESTS, TrafficKind.TRANSACTIONS)
    rows = [row for row, kind in enumerate(program.traffic.kind.tolist()) if kind in told]
    return [
        _part(program.names.traffic[row], _between(runs, row, begin, end), (begin, end))
        for row in rows
        for begin, end in pairwise(edges)
    ]


def _between(runs: Sequence[Records], traffic: int, begin: int, end: int) -> tuple[Column, Column]:
    """Outcomes and latencies (of the answered ones) of the requests meant to start in [begin, end)."""
    outcomes, times = [], []
    for run in runs:
        table = run.requests
        mine = (table.traffic == traffic) & (table.intended >= begin) & (table.intended < end)
        done = mine & (table.outcome == 0)
        outcomes.append(table.outcome[mine])
        times.append(table.completed[done] - table.intended[done])
    return np.concatenate(outcomes), np.sort(np.concatenate(times))


def _part(name: str, found: tuple[Column, Column], span: tuple[int, int]) -> Part:
    outcomes, times = found
    told = distribution(times)
    failures = {
        reason: int((outcomes == number).sum())
        for number, reason in enumerate(REASONS, 1)
        if (outcomes == number).any()
    }
    return {
        "traffic": name,
        "from_s": rounded(span[0] / SECOND),
        "to_s": rounded(span[1] / SECOND),
        "issued": len(outcomes),
        "answered": len(times),
        "failed": sum(failures.values()),
        "failures": failures,
        "in_flight": int((outcomes < 0).sum()),
        "p50_us": told["p50"],
        "p99_us": told["p99"],
        "max_us": told["max"],
    }
