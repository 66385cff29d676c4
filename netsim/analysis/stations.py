"""Stations: how busy each place was, how long work waited there, how much piled up and how much was lost."""

from collections.abc import Sequence

import numpy as np

from netsim.analysis.rounding import mean, microseconds, rounded
from netsim.program import Program
from netsim.records import Column, Records


def utilisations(program: Program, runs: Sequence[Records]) -> list[float]:
    """Share of each station's capacity in use over the whole run, 0 to 1, as a mean of replications."""
    capacity = (program.stations.servers * program.duration).tolist()
    return [
        mean(run.stations.busy[row] / room for run in runs) if room > 0 else 0.0 for row, room in enumerate(capacity)
    ]


def stations(program: Program, runs: Sequence[Records]) -> list[dict[str, object]]:
    """A row per station in use; means over replications, but the largest backlog and all drops."""
    busy = utilisations(program, runs)
    visits = [sum(column) for column in zip(*(run.stations.visits.tolist() for run in runs), strict=True)]
    queued = [sum(column) for column in zip(*(run.stations.queued.tolist() for run in runs), strict=True)]
    most = np.max([run.stations.most for run in runs], axis=0)
    lost = np.sum([_drops(run, len(busy)) for run in runs], axis=0)
    return [
        {
            "name": program.names.stations[row],
            "role": program.names.roles[row],
            "place": program.names.groups[row],
            "utilisation": rounded(busy[row]),
            "mean_wait_us": microseconds(queued[row] / visits[row]) if visits[row] else 0.0,
            "max_backlog": int(most[row]),
            "drops": int(lost[row]),
            "visits": int(visits[row]),
        }
        for row in range(len(busy))
        if visits[row] or lost[row]
    ]


def _drops(run: Records, count: int) -> Column:
    found = np.zeros(count, dtype=np.int64)
    placed = run.drops.station >= 0
    np.add.at(found, run.drops.station[placed], run.drops.frames[placed])
    return found
