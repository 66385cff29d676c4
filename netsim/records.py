"""Records: what happened in one run, as tables of integers; facts, not statistics.

Rows are in canonical order (request tables by traffic and index). Every column is int64; times are ps since the
start of the run, -1 means "not".
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
SCHEMA = 1


class Mark(IntEnum):
    """The steps of a request that are no visit of a path; they stand in ``Steps.visit``."""

    WORKER = -1  # waiting for a free worker of the pod
    SERVICE = -2  # the workload's service time, a worker held
    CPU = -3  # the workload's CPU time in an application lane
    CONNECTION = -4  # waiting for a free connection of the pool
    TIMER = -5  # waiting for a retransmission timeout


@dataclass(frozen=True)
class Requests:
    """One row per root request. ``outcome``: -1 in flight, 0 answered, else 1 + the number of a REASONS entry.

    ``connect`` is the handshake's part of the latency (0 over an open connection). ``first_step``, ``steps`` point
    into Steps for answered requests.
    """

    traffic: Column
    index: Column
    client: Column
    server: Column
    intended: Column
    completed: Column
    outcome: Column
    connect: Column
    request_bytes: Column
    response_bytes: Column
    first_step: Column
    steps: Column


@dataclass(frozen=True)
class Transfers:
    """One row per transfer that was started: a SYN, SYN-ACK, request or response of one place in a call tree."""

    traffic: Column
    index: Column
    call: Column
    phase: Column
    source: Column  # endpoint ids
    target: Column
    payload: Column  # bytes
    bursts: Column
    started: Column
    finished: Column
    attempts: Column  # of its most retried burst


@dataclass(frozen=True)
class Steps:
    """The critical path of each answered request: a partition of the time from its intended start to its answer.

    A step begins ``at`` where the one before ended: at + queue + stolen + wakeup + work + travel. On links the times
    are those of the tail and ``work`` is the part of the serialisation not hidden behind the previous link's.
    """

    visit: Column  # a visit of the Program, or a Mark
    station: Column  # -1 where none
    at: Column
    queue: Column
    stolen: Column
    wakeup: Column
    work: Column
    travel: Column
    frames: Column
    payload: Column  # bytes
    walk: Column  # the Works row of the Service rules that were walked in this visit, or -1


@dataclass(frozen=True)
class StationTotals:
    """Sums per station over the run. ``sojourn`` is the integral of the number present, up to the end of the run."""

    visits: Column
    busy: Column  # ps of work done, clipped at the end of the run
    queued: Column  # ps waited for service
    sojourn: Column
    most: Column  # the most present at once: bytes for a link with a bounded buffer, bursts elsewhere


@dataclass(frozen=True)
class Log:
    """Every stay of a burst (or train, or job) at a station, kept when an engine is asked to; empty otherwise."""

    station: Column
    arrive: Column
    start: Column
    depart: Column
    work: Column


@dataclass(frozen=True)
class Drops:
    """Frames lost, by station and reason."""

    station: Column
    reason: Column
    frames: Column
    payload: Column


@dataclass(frozen=True)
class Ledger:
    """Where everything sent has gone. A burst with a lost frame counts as dropped, under its first loss."""

    sent: int
    delivered: int
    dropped: tuple[int, ...]  # bursts, per REASONS
    in_flight: int
    frames_sent: int
    frames_delivered: int
    frames_dropped: int
    frames_in_flight: int
    bytes_sent: int  # payload
    bytes_delivered: int
    bytes_dropped: int
    bytes_in_flight: int
    encapsulation_added: int  # header bytes put around frames
    encapsulation_removed: int
    encapsulation_lost: int  # with frames lost on the wire
    encapsulation_in_flight: int


@dataclass(frozen=True)
class Records:
    """All that one engine run found."""

    requests: Requests
    transfers: Transfers
    steps: Steps
    stations: StationTotals
    drops: Drops
    log: Log
    ledger: Ledger
    conntrack_peak: Column  # per node
    visits: int  # station visits executed, the unit of the benchmarks

    def tables(self) -> Iterator[tuple[str, Column]]:
        """Every column with its dotted name, in a fixed order."""
        for field in fields(self):
            value = getattr(self, field.name)
            if hasattr(value, "__dataclass_fields__") and not isinstance(value, Ledger):
                for column in fields(value):
                    yield f"{field.name}.{column.name}", getattr(value, column.name)

    def digest(self) -> str:
        """SHA-256 over the request and transfer tables, equal for engines that agree."""
        found = hashlib.sha256(f"records {SCHEMA}".encode())
        for table in (self.requests, self.transfers):
            for column in fields(table):
                if column.name not in ("first_step", "steps"):
                    found.update(np.ascontiguousarray(getattr(table, column.name), dtype="<i8").tobytes())
        return found.hexdigest()
