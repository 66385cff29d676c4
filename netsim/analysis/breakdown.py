"""Where the time goes: the latency at p50 and at p99, split into wait and work per stage and place.

The proportions are those of the requests around the percentile, since a single one tells of its own luck; the parts
sum to the percentile exactly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from netsim.analysis.journey import Step, journey, shares
from netsim.analysis.latency import LEVELS, needed, rank
from netsim.analysis.retention import candidates
from netsim.analysis.rounding import microseconds
from netsim.analysis.window import Answered
from netsim.program import Program
from netsim.records import Records

PERCENTILES = ("p50", "p99")
BAND = 4_000  # ppm of the requests on either side of a percentile

Replay = Callable[[int, int], Records]


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
    """(replication, row) of the request at the nearest rank of ``percentile``, then of those within ``BAND`` of it
    whose steps are kept; empty for too few samples."""
    level, count = LEVELS[percentile], len(sample.latency)
    if count < needed(level):
        return []
    place, reach = rank(count, level), count * BAND // 1_000_000
    near = [other for other in range(max(0, place - reach), min(count, place + reach + 1)) if other != place]
    pairs = [(int(sample.replication[one]), int(sample.row[one])) for one in (place, *near)]
    kept = [candidates(records) for records in runs]
    return pairs[:1] + [(number, row) for number, row in pairs[1:] if kept[number][row]]


def scaled(parts: Sequence[Part], latency: int) -> list[Part]:
    """The same proportions of ``latency`` ps, in whole parts that sum to it exactly."""
    cells = shares(latency, [cell for part in parts for cell in (part.wait, part.work)])
    return [replace(part, wait=cells[2 * row], work=cells[2 * row + 1]) for row, part in enumerate(parts)]


def breakdown(
    programs: Sequence[Program], runs: Sequence[Records], replay: Replay, sample: Answered, traffic: str
) -> list[dict[str, object]]:
    """The breakdown of one traffic; ``replay`` gives Records with the steps of (replication, row)."""
    rows: list[dict[str, object]] = []
    for percentile in PERCENTILES:
        pairs = around(runs, sample, percentile)
        if not pairs:
            continue
        steps = [step for number, row in pairs for step in journey(programs[number], replay(number, row), row)]
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
