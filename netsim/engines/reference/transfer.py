"""Transport: transfers as lists of bursts over a connection, with handshake and retransmission timeout."""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.chance import remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place, Traveller
from netsim.engines.reference.connection import Connection
from netsim.engines.reference.exchange import Exchange, Stage
from netsim.engines.reference.order import TIMER, as_kind, burst_key
from netsim.engines.reference.station import Totals
from netsim.headers import TCP_IP
from netsim.program import REASON, Phase
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network

GSO_BYTES = 65_535  # the largest IP packet: a super-packet is whole segments within it
# Linux include/net/tcp.h: TCP_TIMEOUT_INIT 1 s, TCP_RTO_MIN 200 ms, TCP_RTO_MAX 120 s; sysctl tcp_syn_retries 6,
# tcp_synack_retries 5, tcp_retries2 15.
HANDSHAKE_TIMEOUT = 10**12
DATA_TIMEOUT = 2 * 10**11
LONGEST_TIMEOUT = 120 * 10**12
RETRIES = (6, 5, 15, 15)


class Transfer:
    """A SYN, SYN-ACK, request or response on its way: complete when all its frames were received."""

    def __init__(self, exchange: Exchange, connection: Connection, phase: int, payload: int, now: int) -> None:
        self.exchange = exchange
        self.connection = connection
        self.phase = phase
        self.payload = payload
        self.path = connection.route.paths[phase]
        self.started = now
        self.mss: int = connection.mss(self.path)
        self.missing = max(1, -(-payload // self.mss))
        self.row = -1

    @property
    def luck(self) -> int:
        """The bits that all its bursts' draws come from."""
        return remix(self.exchange.luck, 1 + self.phase)

    def burst_key(self, number: int, attempt: int) -> int:
        """The key of a burst's first hop."""
        return burst_key(self.exchange.tree_key, self.phase, number, attempt)

    def pieces(self) -> list[tuple[int, int]]:
        """(frames, payload) of each burst."""
        mss = self.mss
        whole = (GSO_BYTES - TCP_IP) // mss
        frames, payload = self.missing, self.payload
        found = []
        while frames > whole:
            found.append((whole, whole * mss))
            frames, payload = frames - whole, payload - whole * mss
        found.append((frames, payload))
        return found


class Timer(Traveller):
    """A retransmission timeout of one burst."""

    def __init__(self, transport: "Transport", burst: Burst) -> None:
        super().__init__(transport.clock)
        self.burst = burst


SYN, SYNACK, REQUEST, RESPONSE = map(int, Phase)


class Transport(Place):
    """The TCP sockets of all machines: starts transfers, receives bursts, and notices losses by timeout."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        super().__init__(network.clock)

    def run(self) -> Generator[Event, Any, None]:
        """Receive the bursts whose path ended in a softirq, and send again when a timeout fires."""
        while True:
            item: Burst | Timer = yield self.arrivals
            if isinstance(item, Timer):
                self.retransmit(item)
            else:
                self.received(item)

    def start(self, exchange: Exchange, connection: Connection, phase: int) -> None:
        """Begin the next transfer of an exchange."""
        exchange.connection = connection
        payload = exchange.request_bytes if phase == REQUEST else exchange.response_bytes if phase == RESPONSE else 0
        transfer = Transfer(exchange, connection, phase, payload, self.clock._now)
        if not transfer.path.visits:
            if phase in (REQUEST, RESPONSE):
                self.network.recorder.transfer(transfer, 0)
                self.network.recorder.transfer_done(transfer, self.clock._now)
            self.done(transfer)
            return
        pieces = transfer.pieces()
        self.network.recorder.transfer(transfer, len(pieces))
        for number, (frames, payload) in enumerate(pieces):
            self.send(Burst(transfer, number, 0, frames, payload))

    def send(self, burst: Burst) -> None:
        """Hand a burst to the sending socket."""
        self.network.recorder.sent(burst)
        burst.core = burst.connection.core
        self.network.journeys.advance(burst, self.clock._now)

    def received(self, burst: Burst) -> None:
        """A burst has crossed its whole path."""
        if burst.lost:
            self.incomplete(burst)
            return
        burst.over = True
        transfer = burst.transfer
        self.network.recorder.delivered(burst)
        transfer.missing -= burst.frames
        if transfer.missing:
            return
        if transfer.phase == SYN:
            transfer.connection.core = burst.core
        transfer.exchange.trail.extend(burst.trail)
        self.network.recorder.transfer_done(transfer, self.clock._now)
        self.done(transfer)

    def incomplete(self, burst: Burst) -> None:
        """A burst that lost frames has come as far as it can; TCP keeps what arrived."""
        burst.over = True
        burst.transfer.missing -= burst.frames
        self.network.recorder.dropped(burst)

    def done(self, transfer: Transfer) -> None:
        """All of a transfer was received: what happens next."""
        exchange, connection = transfer.exchange, transfer.connection
        if transfer.phase == SYN:
            self.start(exchange, connection, SYNACK)
        elif transfer.phase == SYNACK:
            if exchange.parent is None:
                exchange.root.connect = self.clock._now - exchange.connecting
            exchange.pool.established(connection)
            self.start(exchange, connection, REQUEST)
        elif transfer.phase == REQUEST:
            exchange.wake(self.clock._now, Stage.REQUESTED, self.network.pods[connection.server])
        else:
            exchange.responded()

    def lose(self, train: Burst, frames: int, totals: Totals, reason: int) -> None:
        """Lose the last ``frames`` frames of a burst or train at a station, for a REASONS entry."""
        whole = train.whole
        kept = train.frames - frames
        payload = train.payload - min(train.payload, kept * train.mss)
        totals.drop(reason, frames, payload)
        self.network.recorder.lost(train, frames, payload)
        train.frames, train.payload, train.last_wire = kept, train.payload - payload, train.full_wire
        if whole is not train:
            whole.frames, whole.payload = whole.frames - frames, whole.payload - payload
        on_wire = whole.pending > 0
        whole.pending -= frames
        if not whole.lost:
            whole.reason = reason
            self.arm(whole)
        whole.lost += frames
        whole.lost_payload += payload
        if not whole.frames or (on_wire and whole.pending <= 0):  # else what is left of it travels on
            self.incomplete(whole)

    def arm(self, burst: Burst) -> None:
        """Let the sender's timeout for this attempt fire; it counts from when the attempt was sent."""
        handshake = burst.transfer.phase in (SYN, SYNACK)
        timeout = min(LONGEST_TIMEOUT, (HANDSHAKE_TIMEOUT if handshake else DATA_TIMEOUT) << burst.attempt)
        at = max(self.clock._now, burst.sent + timeout)
        self.clock.send(Timer(self, burst), self, at, burst_key_as_timer(burst))

    def retransmit(self, timer: Timer) -> None:
        """Send the frames that a burst has lost again, or give the exchange up."""
        burst, now = timer.burst, self.clock._now
        if not burst.over:  # other frames of the burst are still on the wire; look again later
            self.clock.send(timer, self, now + DATA_TIMEOUT, burst_key_as_timer(burst))
            return
        transfer = burst.transfer
        if transfer.exchange.answered >= 0:  # given up because of another burst
            return
        if burst.attempt >= RETRIES[transfer.phase]:
            handshake = transfer.phase in (SYN, SYNACK)
            transfer.exchange.give_up(REASON["connect-timeout" if handshake else "transfer-timeout"])
            return
        again = Burst(transfer, burst.number, burst.attempt + 1, burst.lost, burst.lost_payload)
        again.trail.extend((Mark.TIMER, -1, transfer.started, now - transfer.started, 0, 0, 0, 0, 0, 0, -1))
        self.network.recorder.retried(again)
        self.send(again)


def burst_key_as_timer(burst: Burst) -> int:
    """The key of a burst's timeout."""
    return as_kind(TIMER, burst.transfer.burst_key(burst.number, burst.attempt))
