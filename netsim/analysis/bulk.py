"""Bulk transfers: goodput, how fairly streams share it, and what was sent twice."""

import math
from collections.abc import Sequence

import numpy as np

from netsim.analysis.goodput import chosen, of_streams, of_traffic, sized
from netsim.analysis.latency import distribution, withheld
from netsim.analysis.rounding import mean, rounded
from netsim.analysis.window import answered
from netsim.program import REASONS, Program
from netsim.records import Records

Told = dict[str, object]


def jain(rates: Sequence[float]) -> float | None:
    """Jain's index of fairness, 1 where all have the same; None where nobody has anything.

    Source: Jain, Chiu, Hawe, DEC-TR-301, 1984.
    """
    squares = math.fsum(rate * rate for rate in rates)
    return math.fsum(rates) ** 2 / (len(rates) * squares) if squares else None


def bulk(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> Told:
    """Everything told of bulk traffic beyond its counts: goodput and fairness as means of replications, the rest
    summed over them and over the whole run."""
    tables = [chosen(run, traffic) for run in runs]
    sent, resent, timeouts, recoveries = (
        sum(int(getattr(table, name).sum()) for table in tables)
        for name in ("sent", "resent", "timeouts", "recoveries")
    )
    return {
        "goodput_gbps": rounded(mean(of_traffic(program, run, traffic, cut) for run in runs)),
        "jain": _fairness(program, runs, traffic, cut),
        "retransmitted_bytes": resent,
        "retransmitted_share": rounded(resent / sent) if sent else 0.0,
        "timeouts": timeouts,
        "recoveries": recoveries,
        "streams": _streams(program, runs, traffic, cut),
    }


def times(runs: Sequence[Records], program: Program, traffic: int) -> Told:
    """How long streams took to be received in full, where they have a size; null with its reason where not."""
    sample = answered(runs, traffic, 0)
    if not sized(program, traffic):
        return withheld(0, "the streams have no size: they last as long as they may")
    return distribution(sample.latency)


def counts(runs: Sequence[Records], traffic: int) -> Told:
    """Streams of the whole run, by how they ended, summed over replications."""
    outcomes = np.concatenate([run.requests.outcome[run.requests.traffic == traffic] for run in runs])
    kinds = {reason: int((outcomes == number).sum()) for number, reason in enumerate(REASONS, 1)}
    return {
        "issued": len(outcomes),
        "completed": int((outcomes == 0).sum()),
        "failed": int((outcomes > 0).sum()),
        "failures": {reason: count for reason, count in kinds.items() if count},
        "in_flight": int((outcomes < 0).sum()),
    }


def fairness(program: Program, run: Records, traffic: int, cut: int) -> float | None:
    """Jain's index of one replication."""
    return jain(of_streams(program, run, traffic, cut).tolist())


def _fairness(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> float | None:
    known = [value for run in runs if (value := fairness(program, run, traffic, cut)) is not None]
    return rounded(mean(known)) if known else None


def _streams(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> list[Told]:
    rates = np.mean([of_streams(program, run, traffic, cut) for run in runs], axis=0)
    tables = [chosen(run, traffic) for run in runs]
    totals = {
        name: np.sum([getattr(table, name) for table in tables], axis=0)
        for name in ("resent", "timeouts", "recoveries")
    }
    return [
        {
            "stream": int(tables[0].stream[row]),
            "client": _endpoint(program, int(tables[0].client[row])),
            "server": _endpoint(program, int(tables[0].server[row])),
            "goodput_gbps": rounded(float(rates[row])),
            "retransmitted_bytes": int(totals["resent"][row]),
            "timeouts": int(totals["timeouts"][row]),
            "recoveries": int(totals["recoveries"][row]),
        }
        for row in range(len(rates))
    ]


def _endpoint(program: Program, row: int) -> str:
    return program.names.endpoints[row] if row >= 0 else ""
