"""Datagrams: how many were due, sent, lost for which reason, and received, how late and how evenly."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from netsim.analysis.goodput import chosen, edges, of_traffic, sending, span
from netsim.analysis.goodput import delivered as delivered_parts
from netsim.analysis.latency import withheld
from netsim.analysis.rounding import mean, microseconds, rounded
from netsim.program import REASONS, Program
from netsim.records import Records

Told = dict[str, object]
_SECOND = 10**12


def lost(runs: Sequence[Records], traffic: int) -> Counter[str]:
    """Datagrams lost by reason, over all replications."""
    found: Counter[str] = Counter()
    for run in runs:
        mine = run.lost.traffic == traffic
        for reason, count in zip(run.lost.reason[mine].tolist(), run.lost.datagrams[mine].tolist(), strict=True):
            found[REASONS[reason]] += count
    return found


def counts(runs: Sequence[Records], traffic: int) -> Told:
    """Datagrams sent in the whole run, by what became of them, summed over replications."""
    tables = [chosen(run, traffic) for run in runs]
    sent, received = (sum(int(getattr(table, name).sum()) for table in tables) for name in ("datagrams", "received"))
    failures = lost(runs, traffic)
    return {
        "issued": sent,
        "completed": received,
        "failed": failures.total(),
        "failures": dict(sorted(failures.items())),
        "in_flight": sent - received - failures.total(),
    }


def datagrams(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> Told:
    """Everything told of datagrams beyond their counts: goodput and datagrams per second of the measured parts, the
    rest of the whole run. What is in flight at the end is not lost."""
    tables = [chosen(run, traffic) for run in runs]
    sent, received, unsent = (
        sum(int(getattr(table, name).sum()) for table in tables) for name in ("datagrams", "received", "unsent")
    )
    return {
        "goodput_gbps": rounded(mean(of_traffic(program, run, traffic, cut) for run in runs)),
        "packets_per_second": rounded(mean(pace(program, run, traffic, cut) for run in runs)),
        "offered": sent + unsent,
        "sent": sent,
        "received": received,
        "unsent": unsent,
        "losses": dict(sorted(lost(runs, traffic).items())),
        "loss_share": rounded(lost(runs, traffic).total() / sent) if sent else None,
        "jitter_us": _jitter(runs, traffic),
        "delay_us": delays(runs, traffic),
    }


def pace(program: Program, run: Records, traffic: int, cut: int) -> float:
    """Datagrams received per second of the measured parts; empty ones leave no bytes there, so of all the time."""
    table = chosen(run, traffic)
    received, size = int(table.received.sum()), int(table.delivered.sum())
    if not size:
        begin, end = sending(program, traffic)
        return received * _SECOND / (end - begin) if end > begin else 0.0
    first, last = span(program, traffic, cut)
    at = edges(program)
    here = int(delivered_parts(run, traffic)[:, first:last].sum())
    return here * received / size * _SECOND / int(at[last] - at[first])


def jitter(run: Records, traffic: int) -> float | None:
    """The mean over streams of RFC 3550's estimate in us, None where no stream received two datagrams."""
    table = chosen(run, traffic)
    known = table.jitter[table.received > 1]
    return microseconds(mean(known.tolist())) if len(known) else None


def delays(runs: Sequence[Records], traffic: int) -> Told:
    """One-way times in us from socket call to socket call, over all that were received."""
    tables = [chosen(run, traffic) for run in runs]
    received = sum(int(table.received.sum()) for table in tables)
    if not received:
        return dict.fromkeys(("mean", "min", "max"))
    total = sum(int(table.delay_sum.sum(dtype=object)) for table in tables)
    least = min(int(table.delay_least[table.received > 0].min(initial=np.iinfo(np.int64).max)) for table in tables)
    most = max(int(table.delay_most.max(initial=-1)) for table in tables)
    return {"mean": microseconds(total / received), "min": microseconds(least), "max": microseconds(most)}


def times(runs: Sequence[Records], traffic: int) -> Told:
    """The same in the shape of a latency distribution; percentiles are not known of what is only counted."""
    known = delays(runs, traffic)
    received = sum(int(chosen(run, traffic).received.sum()) for run in runs)
    if not received:
        return withheld(0, "nothing was received")
    told = withheld(received, "datagrams are counted, not kept one by one")
    reasons = {name: why for name, why in told["reasons"].items() if name not in known}  # type: ignore[attr-defined]
    return told | {"mean": known["mean"], "max": known["max"], "reasons": reasons}


def _jitter(runs: Sequence[Records], traffic: int) -> float | None:
    known = [value for run in runs if (value := jitter(run, traffic)) is not None]
    return rounded(mean(known)) if known else None
