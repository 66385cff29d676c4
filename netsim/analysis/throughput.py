"""Throughput: what was asked, answered and refused, and how much of it per second of the measured window."""

from collections.abc import Sequence

import numpy as np

from netsim.analysis.rounding import mean, rounded
from netsim.program import REASONS
from netsim.records import Column, Records

_SECOND = 10**12


def counts(runs: Sequence[Records], traffic: int, cut: int) -> dict[str, object]:
    """Requests meant to start in the measured window, by how they ended, summed over replications."""
    outcomes = np.concatenate([_outcomes(records, traffic, cut) for records in runs])
    failures = {
        reason: int((outcomes == number).sum())
        for number, reason in enumerate(REASONS, 1)
        if (outcomes == number).any()
    }
    return {
        "issued": len(outcomes),
        "completed": int((outcomes == 0).sum()),
        "failed": int((outcomes > 0).sum()),
        "failures": failures,
        "in_flight": int((outcomes < 0).sum()),
    }


def rates(runs: Sequence[Records], traffic: int, window: tuple[int, int]) -> tuple[list[float], list[float]]:
    """Answers per second and goodput in Gbit/s (request and response payload) of each replication.

    ``window`` is (cut, end) in ps; an answer counts where it came, whenever it was asked for.
    """
    cut, end = window
    seconds = (end - cut) / _SECOND
    answers, goodput = [], []
    for records in runs:
        table = records.requests
        done = (table.traffic == traffic) & (table.outcome == 0) & (table.completed >= cut)
        carried = int(table.request_bytes[done].sum()) + int(table.response_bytes[done].sum())
        answers.append(int(done.sum()) / seconds)
        goodput.append(carried * 8 / seconds / 1e9)
    return answers, goodput


def throughput(runs: Sequence[Records], traffic: int, window: tuple[int, int]) -> dict[str, object]:
    """The means of ``rates`` over the replications."""
    answers, goodput = rates(runs, traffic, window)
    return {"throughput_rps": rounded(mean(answers)), "goodput_gbps": rounded(mean(goodput))}


def _outcomes(records: Records, traffic: int, cut: int) -> Column:
    table = records.requests
    found: Column = table.outcome[(table.traffic == traffic) & (table.intended >= cut)]
    return found
