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
SCHEMA = 3
BINS = 100  # parts of a run in Progress


class Mark(IntEnum):
    """The steps of a request that are no visit of a path; they stand in ``Steps.visit``."""

    WORKER = -1  # waiting for a free worker of the pod
    SERVICE = -2  # the workload's service time, a worker held
    CPU = -3  # the workload's CPU time in an application lane
    CONNECTION = -4  # waiting for a free connection of the pool
    TIMER = -5  # waiting for a retransmission timeout
    SEND = -6  # waiting for earlier bytes of the same connection to leave the socket
    WINDOW = -7  # waiting for the congestion or receive window to open
    RECOVERY = -8  # waiting until a loss was noticed by acknowledgements, and its bytes sent again
    GAP = -9  # received, waiting for earlier bytes that were lost or late
    ATTEMPT = -10  # an attempt at a call that failed, from its beginning to its failure
    TLS = -11  # a thread's work on a handshake of TLS


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
    """One row per transfer that was started: a SYN, SYN-ACK, flight of TLS, request or response of one place in a call
    tree, for each attempt. Requests and responses over UDP have the phases of datagrams.

    ``payload`` of a bulk transfer without end is what was sent of it.
    """

    traffic: Column
    index: Column
    call: Column
    phase: Column
    source: Column  # endpoint ids
    target: Column
    payload: Column  # bytes
    bursts: Column  # that were sent of it, those sent again included
    started: Column
    finished: Column
    resent: Column  # bytes sent again
    timeouts: Column  # retransmission timeouts


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
class Streams:
    """One row per stream of BULK and DATAGRAMS traffic. Sizes are payload bytes; of TCP ``delivered`` counts each byte
    once. One-way times run from the sending to the receiving socket call; ``jitter`` is RFC 3550's estimate in ps.
    """

    traffic: Column
    stream: Column
    client: Column
    server: Column
    started: Column  # -1: it never came to send
    finished: Column  # -1: in flight at the end of the run
    outcome: Column  # as of Requests
    sent: Column  # bytes, those sent again included
    delivered: Column  # bytes
    resent: Column  # bytes
    timeouts: Column
    recoveries: Column  # times that the window was reduced without a timeout
    datagrams: Column  # sent
    received: Column  # datagrams
    unsent: Column  # datagrams that were due and that the sender's core had no time for
    jitter: Column
    delay_sum: Column  # ps over all received
    delay_least: Column  # -1 where none
    delay_most: Column


@dataclass(frozen=True)
class Lost:
    """Datagrams lost, by stream and reason; only reasons that occurred."""

    traffic: Column
    stream: Column
    reason: Column
    datagrams: Column


@dataclass(frozen=True)
class Progress:
    """Payload bytes delivered per stream, one row for each of its BINS equal parts of the run, in order of time."""

    traffic: Column
    stream: Column
    part: Column
    delivered: Column


@dataclass(frozen=True)
class Sockets:
    """What became of the connections that clients opened; opened = closed + reset + refused + open."""

    opened: int  # asked for, those without a free port included
    closed: int  # by FINs of both sides
    reset: int  # given up after too many timeouts
    refused: int  # no ephemeral port was free
    open: int  # at the end of the run: in their handshake, established, or closing
    most_ports: int  # the most that one client had in use towards one destination, TIME_WAIT included


@dataclass(frozen=True)
class StationTotals:
    """Sums per station over the run. ``sojourn`` is the integral of the number present, up to the end of the run."""

    visits: Column
    busy: Column  # ps of work done, clipped at the end of the run
    queued: Column  # ps waited for service
    sojourn: Column
    most: Column  # the most present at once: bytes for a link with a bounded buffer, bursts elsewhere
    system: Column  # APPLICATION: ps of ``busy`` spent in the kernel (sockets, kernel threads); 0 elsewhere
    marked: Column  # LINK: frames marked by ECN


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
    streams: Streams
    lost: Lost
    progress: Progress
    stations: StationTotals
    drops: Drops
    log: Log
    ledger: Ledger
    sockets: Sockets
    conntrack_peak: Column  # per node
    denied: Column  # opening packets that a policy denied, per rule of Names.rules
    visits: int  # station visits executed, the unit of the benchmarks

    def tables(self) -> Iterator[tuple[str, Column]]:
        """Every column with its dotted name, in a fixed order."""
        for field in fields(self):
            value = getattr(self, field.name)
            if hasattr(value, "__dataclass_fields__") and not isinstance(value, Ledger | Sockets):
                for column in fields(value):
                    yield f"{field.name}.{column.name}", getattr(value, column.name)

    def digest(self) -> str:
        """SHA-256 over the request, transfer and stream tables, equal for engines that agree."""
        found = hashlib.sha256(f"records {SCHEMA}".encode())
        for table in (self.requests, self.transfers, self.streams):
            for column in fields(table):
                if column.name not in ("first_step", "steps"):
                    found.update(np.ascontiguousarray(getattr(table, column.name), dtype="<i8").tobytes())
        return found.hexdigest()
