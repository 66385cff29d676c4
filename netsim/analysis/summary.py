"""One variant's answer: from the Records of its replications to the mapping that results hold."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from netsim.analysis.assumptions import assumed
from netsim.analysis.bottleneck import limiting
from netsim.analysis.breakdown import breakdown
from netsim.analysis.comparison import intervals
from netsim.analysis.denials import denials
from netsim.analysis.goodput import sized, streaming
from netsim.analysis.losses import losses
from netsim.analysis.machines import cpu, machines
from netsim.analysis.replicates import replicates
from netsim.analysis.stability import unanswered, unstable
from netsim.analysis.stations import stations
from netsim.analysis.traffic import Summary, traffic
from netsim.analysis.window import answered
from netsim.program import REASONS, Program
from netsim.records import Records, Sockets


def summarise(programs: Sequence[Program], runs: Sequence[Records], cut: int) -> Summary:
    """Everything that a result says of one variant, as plain JSON types.

    ``programs`` and ``runs`` hold one entry per replication; requests meant to start before ``cut`` ps do not
    count.
    """
    program, count = programs[0], len(programs[0].names.traffic)
    # Streams have no requests that could pile up: TCP holds them back, and datagrams are lost instead.
    overloaded = ["" if streaming(program, row) else unstable(program, runs, row) for row in range(count)]
    reasons = [
        "" if streaming(program, row) else "; ".join(filter(None, (growing, unanswered(program, runs, row, cut))))
        for row, growing in enumerate(overloaded)
    ]
    values = replicates(program, runs, cut, reasons)
    rows = [traffic(program, runs, (row, cut), reason) for row, reason in enumerate(reasons)]
    return {
        "name": program.variant,
        "cni": program.cni,
        "mode": program.mode,
        "proxy": program.proxy,
        "traffic": rows,
        "stations": stations(program, runs),
        "breakdown": _breakdown(programs, runs, cut, reasons),
        "ledger": ledger(runs),
        "denied": denials(program, runs),
        "losses": [
            {"reason": loss.reason, "place": loss.place, "frames": loss.frames, "sentence": str(loss)}
            for loss in losses(program, runs)
        ],
        "replications": len(runs),
        "intervals": intervals(values),
        "replicates": values,
        "stable": not any(reasons),
        "limiting": _limiting(program, runs, rows, any(overloaded)),
        "cpu": cpu(program, runs, _answers(program, runs)),
        "machines": machines(program, runs),
        "sockets": sockets(runs),
        "assumed": sorted(set().union(*(assumed(program, run) for run in runs))),
    }


def ledger(runs: Sequence[Records]) -> Summary:
    """Where all bursts went, over all replications; sent = delivered + dropped + in flight."""
    dropped = [sum(run.ledger.dropped[number] for run in runs) for number in range(len(REASONS))]
    return {
        "sent": sum(run.ledger.sent for run in runs),
        "delivered": sum(run.ledger.delivered for run in runs),
        "dropped": {reason: count for reason, count in zip(REASONS, dropped, strict=True) if count},
        "in_flight": sum(run.ledger.in_flight for run in runs),
        "encapsulation_bytes": sum(run.ledger.encapsulation_added for run in runs),
    }


def sockets(runs: Sequence[Records]) -> Summary:
    """What became of connections, over all replications; of ports the most that one client ever used."""
    books = [run.sockets for run in runs]
    names = [field.name for field in fields(Sockets) if field.name != "most_ports"]
    counts = {name: sum(getattr(book, name) for book in books) for name in names}
    return {**counts, "most_ports": max(book.most_ports for book in books)}


def _limiting(program: Program, runs: Sequence[Records], rows: Sequence[Summary], overloaded: bool) -> Summary:
    """What limits each traffic of streams, and the whole where there are requests; ``sentences`` has one on each."""
    told: dict[str, Summary] = {str(row["name"]): row["limiting"] for row in rows if "limiting" in row}  # type: ignore[misc]
    if len(told) < len(rows):
        told["all"] = limiting(program, runs, overloaded)
    first = max(told.values(), key=lambda one: (bool(one["saturated"]), one["utilisation"]))
    alone = len(told) == 1
    sentences = [str(one["sentence"]) if alone else f"{name}: {one['sentence']}" for name, one in told.items()]
    return first | {"sentence": "; ".join(sentences), "sentences": sentences}


def _answers(program: Program, runs: Sequence[Records]) -> int:
    """Answered requests; bulk streams are none."""
    asked = [row for row in range(len(program.names.traffic)) if not streaming(program, row)]
    return sum(int(((run.requests.outcome == 0) & np.isin(run.requests.traffic, asked)).sum()) for run in runs)


def _breakdown(
    programs: Sequence[Program], runs: Sequence[Records], cut: int, unsteady: Sequence[str]
) -> list[Summary]:
    rows: list[Summary] = []
    for row, name in enumerate(programs[0].names.traffic):
        timed = not streaming(programs[0], row) or sized(programs[0], row)
        if timed and not unsteady[row]:
            rows += breakdown(programs, runs, answered(runs, row, 0 if sized(programs[0], row) else cut), name)
    return rows
