"""The measured window: which requests of all replications count, once the warm-up is cut."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsim.records import Column, Records


@dataclass(frozen=True)
class Answered:
    """The answered requests of one traffic, sorted by latency, then row and replication. Times in ps."""

    latency: Column
    replication: Column
    row: Column


def answered(runs: Sequence[Records], traffic: int, cut: int) -> Answered:
    """Requests of ``traffic`` that were meant to start at ``cut`` ps or later and were answered."""
    parts = []
    for number, records in enumerate(runs):
        table = records.requests
        rows = np.flatnonzero((table.traffic == traffic) & (table.outcome == 0) & (table.intended >= cut))
        parts.append((table.completed[rows] - table.intended[rows], np.full(len(rows), number), rows))
    latency, replication, row = (np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True))
    order = np.lexsort((replication, row, latency))
    return Answered(latency[order], replication[order], row[order])


def connects(runs: Sequence[Records], chosen: Answered) -> Column:
    """The handshake times of those requests that opened a connection, in ps, sorted."""
    found = [run.requests.connect[chosen.row[chosen.replication == number]] for number, run in enumerate(runs)]
    times = np.concatenate(found)
    return np.sort(times[times > 0])
