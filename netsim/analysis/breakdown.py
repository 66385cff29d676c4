"""Where the time goes: the latency at p50 and at p99, split into wait and work per stage and place.

The proportions are those of the requests around each run's own percentile, since a single one tells of its own luck;
the parts sum to the percentile of all runs exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from netsim.analysis.journey import Step, journey, shares
from netsim.analysis.latency import LEVELS, needed, rank
from netsim.analysis.retention import candidates
from netsim.analysis.rounding import microseconds
from netsim.analysis.window import Answered
from netsim.program import Program
from netsim.records import Records

# Percentile to ppm of the requests on either side of it: as wide as retention allows, since stages that variants share
# should agree; p99 leaves no room.
BANDS = {"p50": 20_000, "p99": 4_000}


@dataclass(frozen=True)
class Part:
    """Time in ps of one stage at one place."""

    stage: str
    place: str
    wait: int
    work: int


def split(steps: Sequence[Step]) -> list[Part]:
    """The parts of a journey (or several), one per stage and place, in order of appearance; they sum to its latency."""
    found: dict[tuple[str, str], Part] = {}
    for step in steps:
        for stage, wait, work in step.parts():
            key = stage, step.place
            known = found.get(key, Part(stage, step.place, 0, 0))
            found[key] = Part(stage, step.place, known.wait + wait, known.work + work)
    return list(found.values())


def around(runs: Sequence[Records], sample: Answered, percentile: str) -> list[tuple[int, int]]:
    """(replication, row) of the requests within the band of each run's own ``percentile``, or next to it among those
    whose steps are kept; empty for too few samples."""
    level = LEVELS[percentile]
    if len(sample.latency) < needed(level):
        return []
    found: list[tuple[int, int]] = []
    for number, records in enumerate(runs):
        rows = sample.row[sample.replication == number]
        kept = np.flatnonzero(candidates(records)[rows])
        if not len(kept):
            continue
        distance = np.abs(kept - rank(len(rows), level))
        reach = max(len(rows) * BANDS[percentile] // 1_000_000, int(distance.min()))
        found += [(number, int(row)) for row in rows[kept[distance <= reach]]]
    return found


def scaled(parts: Sequence[Part], latency: int) -> list[Part]:
    """The same proportions of ``latency`` ps, in whole parts that sum to it exactly."""
    cells = shares(latency, [cell for part in parts for cell in (part.wait, part.work)])
    return [replace(part, wait=cells[2 * row], work=cells[2 * row + 1]) for row, part in enumerate(parts)]


def breakdown(
    programs: Sequence[Program], runs: Sequence[Records], sample: Answered, traffic: str
) -> list[dict[str, object]]:
    """The breakdown of one traffic."""
    rows: list[dict[str, object]] = []
    for percentile in BANDS:
        pairs = around(runs, sample, percentile)
        if not pairs:
            continue
        steps = [step for number, row in pairs for step in journey(programs[number], runs[number], row)]
        latency = int(sample.latency[rank(len(sample.latency), LEVELS[percentile])])
        parts = scaled(split(steps), latency)
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
