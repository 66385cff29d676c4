"""Where the time goes: the request at p50 and at p99, split into wait and work per stage and place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netsim.analysis.journey import Step, journey
from netsim.analysis.latency import LEVELS, needed, rank
from netsim.analysis.rounding import microseconds
from netsim.analysis.window import Answered
from netsim.program import Program
from netsim.records import Records

PERCENTILES = ("p50", "p99")

Replay = Callable[[int, int], Records]


@dataclass(frozen=True)
class Part:
    """Time in ps of one stage at one place."""

    stage: str
    place: str
    wait: int
    work: int


def split(steps: Sequence[Step]) -> list[Part]:
    """The parts of a journey, one per stage and place, in order of appearance; they sum to its latency."""
    found: dict[tuple[str, str], Part] = {}
    for step in steps:
        for stage, wait, work in step.parts():
            key = stage, step.place
            known = found.get(key, Part(stage, step.place, 0, 0))
            found[key] = Part(stage, step.place, known.wait + wait, known.work + work)
    return list(found.values())


def chosen(sample: Answered, percentile: str) -> tuple[int, int] | None:
    """(replication, row) of the request at the nearest rank of ``percentile``; None for too few samples."""
    level = LEVELS[percentile]
    if len(sample.latency) < needed(level):
        return None
    place = rank(len(sample.latency), level)
    return int(sample.replication[place]), int(sample.row[place])


def breakdown(programs: Sequence[Program], replay: Replay, sample: Answered, traffic: str) -> list[dict[str, object]]:
    """The breakdown of one traffic; ``replay`` gives Records with the steps of (replication, row)."""
    rows: list[dict[str, object]] = []
    for percentile in PERCENTILES:
        if (found := chosen(sample, percentile)) is None:
            continue
        replication, row = found
        parts = split(journey(programs[replication], replay(replication, row), row))
        rows.extend({"traffic": traffic, "percentile": percentile} | _row(part) for part in parts)
    return rows


def _row(part: Part) -> dict[str, object]:
    return {
        "stage": part.stage,
        "place": part.place,
        "wait_us": microseconds(part.wait),
        "work_us": microseconds(part.work),
        "wait_ps": part.wait,
        "work_ps": part.work,
    }
