"""The recorder: collects facts while the processes run, and makes Records of them at the end."""

from array import array
from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.station import Totals
from netsim.engines.reference.tally import Stream, sockets
from netsim.errors import UsageError
from netsim.program import REASONS, Phase
from netsim.records import (
    Column,
    Drops,
    Ledger,
    Log,
    Lost,
    Progress,
    Records,
    Requests,
    StationTotals,
    Steps,
    Streams,
    Transfers,
)

if TYPE_CHECKING:
    from netsim.engines.reference.exchange import Exchange, Root
    from netsim.engines.reference.flight import Transfer
    from netsim.engines.reference.messages import Message
    from netsim.engines.reference.network import Network
    from netsim.engines.reference.signals import Handshake

REQUEST_COLUMNS = len(fields(Requests))
TRANSFER_COLUMNS = len(fields(Transfers))
STEP_COLUMNS = len(fields(Steps))
COMPLETED, OUTCOME, CONNECT = 5, 6, 7
SERVER, FIRST_STEP, STEPS = 3, 10, 11
REQUEST_BYTES = 8
TARGET, PAYLOAD, BURSTS, FINISHED, RESENT, TIMEOUTS = 5, 6, 7, 9, 10, 11
STREAM_COLUMNS = tuple(field.name for field in fields(Streams))


class Recorder:
    """Rows are kept as flat 64-bit arrays; nothing here decides anything."""

    def __init__(self) -> None:
        self.requests = array("q")
        self.rows: dict[int, int] = {}  # root key -> first cell
        self.transfers = array("q")
        self.streams: list[Stream] = []
        self.steps = array("q")
        self.sent_bursts = self.delivered_bursts = 0
        self.dropped_bursts = [0] * len(REASONS)
        self.frames = {"sent": 0, "delivered": 0, "dropped": 0}
        self.payload = {"sent": 0, "delivered": 0, "dropped": 0}
        self.encapsulation = {"added": 0, "removed": 0, "lost": 0}

    # -- requests and transfers ------------------------------------------------------------------------------------

    def issued(self, root: "Root", exchange: "Exchange") -> None:
        """A root request starts."""
        self.rows[root.key] = len(self.requests)
        self.requests.extend(
            (root.traffic, root.index, root.client, -1, root.intended, -1, -1, 0, exchange.request_bytes,
             exchange.response_bytes, len(self.steps), 0)
        )  # fmt: skip

    def finished(self, exchange: "Exchange") -> None:
        """A root request was answered or failed."""
        root, row, requests = exchange.root, self.rows.pop(exchange.root.key), self.requests
        requests[row + SERVER] = -1 if exchange.connection is None else exchange.connection.server
        requests[row + COMPLETED] = exchange.answered
        requests[row + OUTCOME] = 1 + root.failure
        requests[row + CONNECT] = root.connect
        if root.failure < 0:
            requests[row + FIRST_STEP] = len(self.steps) // STEP_COLUMNS
            requests[row + STEPS] = len(exchange.trail) // STEP_COLUMNS
            self.steps.fromlist(exchange.trail)

    def transfer(self, transfer: "Transfer | Handshake | Message", phase: int = -1) -> None:
        """A transfer starts, to be known by its own phase or another."""
        exchange, connection = transfer.exchange, transfer.connection
        root = exchange.root
        source, target = connection.client, connection.server
        if transfer.phase % 2:
            source, target = target, source
        transfer.row = len(self.transfers)
        self.transfers.extend(
            (root.traffic, root.index, exchange.call.number, transfer.phase if phase < 0 else phase, source, target,
             transfer.payload, 0, transfer.started, -1, 0, 0)
        )  # fmt: skip
        if root.stream is not None and transfer.phase == Phase.REQUEST:
            root.stream.started, root.stream.server = transfer.started, connection.server

    def launched(self, transfer: "Transfer | Handshake | Message") -> None:
        """A burst of a transfer is sent."""
        self.transfers[transfer.row + BURSTS] += 1

    def sized(self, exchange: "Exchange", transfer: "Transfer | None") -> None:
        """A transfer without end has come to its end, or never to its beginning."""
        size = 0 if transfer is None else transfer.payload
        self.requests[self.rows[exchange.root.key] + REQUEST_BYTES] = size
        if transfer is not None:
            self.transfers[transfer.row + PAYLOAD] = size

    def transfer_done(self, transfer: "Transfer | Handshake | Message") -> None:
        """A transfer was received in full."""
        self.transfers[transfer.row + FINISHED] = transfer.network.clock._now
        if transfer.phase % 2 == 0:
            self.transfers[transfer.row + TARGET] = transfer.connection.server

    def resent(self, transfer: "Transfer", size: int) -> None:
        """Bytes are sent again."""
        self.transfers[transfer.row + RESENT] += size
        if transfer.stream is not None:
            transfer.stream.resent += size

    def timed_out(self, transfer: "Transfer | Handshake") -> None:
        """A retransmission timeout is over."""
        self.transfers[transfer.row + TIMEOUTS] += 1
        stream = transfer.exchange.root.stream
        if stream is not None:
            stream.timeouts += 1

    # -- the ledger ------------------------------------------------------------------------------------------------

    def sent(self, burst: Burst) -> None:
        """A burst leaves its socket."""
        self.sent_bursts += 1
        self.frames["sent"] += burst.frames
        self.payload["sent"] += burst.payload

    def delivered(self, burst: Burst) -> None:
        """A burst was received whole."""
        self.delivered_bursts += 1
        self.frames["delivered"] += burst.frames
        self.payload["delivered"] += burst.payload

    def dropped(self, burst: Burst) -> None:
        """A burst came to its end with frames missing."""
        self.dropped_bursts[burst.reason] += 1
        self.frames["delivered"] += burst.frames
        self.payload["delivered"] += burst.payload

    def lost(self, train: Burst, frames: int, payload: int) -> None:
        """Frames were dropped."""
        self.frames["dropped"] += frames
        self.payload["dropped"] += payload
        self.encapsulation["lost"] += frames * train.wrapping

    def wrapped(self, burst: Burst, frames: int) -> None:
        """Frames got outer headers."""
        self.encapsulation["added"] += frames * burst.wrapping

    def unwrapped(self, train: Burst) -> None:
        """Frames lost their outer headers at the machine that received them."""
        self.encapsulation["removed"] += train.frames * train.wrapping
        train.wrapping = train.whole.wrapping = 0

    # -- the end ---------------------------------------------------------------------------------------------------

    def records(self, network: "Network") -> Records:
        """Everything found, in canonical order."""
        totals = sorted(network.totals(), key=lambda one: one.number)
        table = {one.number: one for one in totals}
        blank = Totals(-1, 0, None)
        rows = [table.get(number, blank) for number in range(len(network.program.names.stations))]
        return Records(
            requests=Requests(*_sorted(self.requests, REQUEST_COLUMNS, 2)),
            transfers=Transfers(*_sorted(self.transfers, TRANSFER_COLUMNS, 4)),
            steps=Steps(*_columns(self.steps, STEP_COLUMNS)),
            streams=Streams(*(_column(getattr(stream, name) for stream in self.ordered()) for name in STREAM_COLUMNS)),
            lost=_lost(self.ordered()),
            progress=self.progress(),
            stations=StationTotals(
                *(
                    _column(getattr(row, name) for row in rows)
                    for name in ("visits", "busy", "queued", "sojourn", "most", "system", "marked")
                )
            ),
            drops=_drops(totals),
            log=Log(*(_column(cells) for cells in (zip(*network.log, strict=True) if network.log else [[]] * 5))),
            ledger=self.ledger(network.flying()),
            sockets=sockets(network),
            conntrack_peak=_column(node.peak for node in network.nodes),
            denied=_column(network.denied),
            visits=sum(one.visits for one in totals),
        )

    def ordered(self) -> list[Stream]:
        """The streams in canonical order."""
        return sorted(self.streams, key=lambda one: (one.traffic, one.stream))

    def progress(self) -> Progress:
        """What came when."""
        rows = [
            (stream.traffic, stream.stream, part, size)
            for stream in self.ordered()
            for part, size in enumerate(stream.parts)
        ]
        return Progress(*(_column(cells) for cells in (zip(*rows, strict=True) if rows else [[]] * 4)))

    def ledger(self, flying: list[Burst]) -> Ledger:
        """The balance; what is in flight is counted from the bursts that are still somewhere, not from sums."""
        wholes = {id(burst.whole): burst.whole for burst in flying}.values()
        return Ledger(
            sent=self.sent_bursts,
            delivered=self.delivered_bursts,
            dropped=tuple(self.dropped_bursts),
            in_flight=len(wholes),
            frames_sent=self.frames["sent"],
            frames_delivered=self.frames["delivered"],
            frames_dropped=self.frames["dropped"],
            frames_in_flight=sum(burst.frames for burst in wholes),
            bytes_sent=self.payload["sent"],
            bytes_delivered=self.payload["delivered"],
            bytes_dropped=self.payload["dropped"],
            bytes_in_flight=sum(burst.payload for burst in wholes),
            encapsulation_added=self.encapsulation["added"],
            encapsulation_removed=self.encapsulation["removed"],
            encapsulation_lost=self.encapsulation["lost"],
            encapsulation_in_flight=sum(burst.frames * burst.wrapping for burst in flying),
        )


def _column(cells: Iterable[Any]) -> Column:
    try:
        return np.fromiter(cells, dtype=np.int64)
    except OverflowError as error:
        message = "a sum of this run passes 2^63 ps: too much waits for too long"
        raise UsageError(message, "Shorten the run, or lower the load.") from error


def _columns(flat: "array[int]", count: int) -> list[Column]:
    table = np.frombuffer(flat, dtype=np.int64).reshape(-1, count) if flat else np.empty((0, count), np.int64)
    return [np.ascontiguousarray(table[:, column]) for column in range(count)]


def _sorted(flat: "array[int]", count: int, keys: int) -> list[Column]:
    columns = _columns(flat, count)
    order = np.lexsort(columns[:keys][::-1])
    return [column[order] for column in columns]


def _drops(totals: list[Totals]) -> Drops:
    rows = [(one.number, reason, *counts) for one in totals for reason, counts in sorted(one.drops.items())]
    return Drops(*(_column(cells) for cells in (zip(*rows, strict=True) if rows else [[]] * 4)))


def _lost(streams: list[Stream]) -> Lost:
    rows = [
        (stream.traffic, stream.stream, reason, count)
        for stream in streams
        for reason, count in enumerate(stream.lost)
        if count
    ]
    return Lost(*(_column(cells) for cells in (zip(*rows, strict=True) if rows else [[]] * 4)))
