"""One variant's answer: from the Records of its replications to the mapping that results hold."""

from collections.abc import Mapping, Sequence

import numpy as np

from netsim.analysis.bottleneck import limiting
from netsim.analysis.breakdown import breakdown
from netsim.analysis.comparison import intervals
from netsim.analysis.latency import LEVELS, distribution, needed, rank, spectrum, withheld
from netsim.analysis.losses import losses
from netsim.analysis.rounding import microseconds, rounded
from netsim.analysis.stability import unanswered, unstable
from netsim.analysis.stations import cpu, stations
from netsim.analysis.throughput import counts, rates, throughput
from netsim.analysis.window import answered, connects
from netsim.program import REASONS, Program
from netsim.records import Column, Records

Summary = dict[str, object]


def summarise(programs: Sequence[Program], runs: Sequence[Records], cut: int) -> Summary:
    """Everything that a result says of one variant, as plain JSON types.

    ``programs`` and ``runs`` hold one entry per replication; requests meant to start before ``cut`` ps do not
    count.
    """
    program = programs[0]
    overloaded = [unstable(program, runs, row) for row in range(len(program.names.traffic))]
    reasons = [
        "; ".join(filter(None, (growing, unanswered(program, runs, row, cut))))
        for row, growing in enumerate(overloaded)
    ]
    replicates = _replicates(program, runs, cut, reasons)
    traffic = [_traffic(program, runs, (row, cut), reason) for row, reason in enumerate(reasons)]
    return {
        "name": program.variant,
        "cni": program.cni,
        "mode": program.mode,
        "proxy": program.proxy,
        "traffic": traffic,
        "stations": stations(program, runs),
        "breakdown": _breakdown(programs, runs, cut, reasons),
        "ledger": ledger(runs),
        "losses": [
            {"reason": loss.reason, "place": loss.place, "frames": loss.frames, "sentence": str(loss)}
            for loss in losses(program, runs)
        ],
        "replications": len(runs),
        "intervals": intervals(replicates),
        "replicates": replicates,
        "stable": not any(reasons),
        "limiting": limiting(program, runs, any(overloaded)),
        "cpu": cpu(program, runs, sum(int((run.requests.outcome == 0).sum()) for run in runs)),
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


def assumed(program: Program, records: Records) -> set[str]:
    """The stages that answered requests crossed and whose cost has no measured source."""
    steps, works = records.steps, program.works
    visits = np.unique(steps.visit[steps.visit >= 0])
    walks = np.unique(steps.walk[steps.walk >= 0])
    rows = np.concatenate([_spans(program.visits.first_work[visits], program.visits.works[visits]), walks])
    stages = program.stages.name[_spans(works.first_stage[rows], works.stages[rows])]
    names = program.names
    return {names.stages[row] for row in stages.tolist() if names.confidence[row] == "assumed"}


def _spans(first: Column, counts: Column) -> Column:
    """The rows first, first + 1, ... of every span."""
    spans = [np.arange(begin, begin + count) for begin, count in zip(first, counts, strict=True)]
    return np.concatenate([np.zeros(0, dtype=np.int64), *spans])


def _traffic(program: Program, runs: Sequence[Records], of: tuple[int, int], unsteady: str) -> Summary:
    row, cut = of
    sample = answered(runs, row, cut)
    handshakes = connects(runs, sample)

    def told(times: Column, nothing: str) -> Summary:
        return withheld(len(times), unsteady) if unsteady else distribution(times, nothing)

    return {
        "name": program.names.traffic[row],
        "kind": "requests",
        **counts(runs, row, cut),
        "latency_us": told(sample.latency, "nothing completed"),
        **throughput(runs, row, (cut, program.duration)),
        "connect_us": told(handshakes, "no connection was opened in the measured window"),
        "spectrum": [] if unsteady else spectrum(sample.latency),
        "unstable": unsteady,
    }


def _breakdown(
    programs: Sequence[Program], runs: Sequence[Records], cut: int, unsteady: Sequence[str]
) -> list[Summary]:
    rows: list[Summary] = []
    for row, name in enumerate(programs[0].names.traffic):
        if not unsteady[row]:
            rows += breakdown(programs, runs, answered(runs, row, cut), name)
    return rows


def _replicates(
    program: Program, runs: Sequence[Records], cut: int, unsteady: Sequence[str]
) -> Mapping[str, list[float]]:
    """The value of each replication, by the JSON pointer of the number that they stand behind."""
    found: dict[str, list[float]] = {}
    for row, reason in enumerate(unsteady):
        at = f"/traffic/{row}"
        answers, goodput = rates(runs, row, (cut, program.duration))
        found[f"{at}/throughput_rps"] = [rounded(value) for value in answers]
        found[f"{at}/goodput_gbps"] = [rounded(value) for value in goodput]
        samples = [answered([run], row, cut).latency for run in runs]
        if not reason and all(len(sample) for sample in samples):
            found |= {f"{at}/latency_us/{name}": values for name, values in _latencies(samples)}
    return found


def _latencies(samples: Sequence[Column]) -> list[tuple[str, list[float]]]:
    rows = [("mean", [microseconds(float(np.mean(sample))) for sample in samples])]
    for name, level in LEVELS.items():
        if all(len(sample) >= needed(level) for sample in samples):
            rows.append((name, [microseconds(int(sample[rank(len(sample), level)])) for sample in samples]))
    return rows
