"""The transport: sockets of all machines start transfers, take in what arrives, and lose what the network drops."""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place, Traveller
from netsim.engines.reference.connection import Connection
from netsim.engines.reference.exchange import Exchange, Stage
from netsim.engines.reference.flight import Transfer
from netsim.engines.reference.messages import message
from netsim.engines.reference.order import TRAFFIC_LIMIT, request_key, timer_key
from netsim.engines.reference.security import Security
from netsim.engines.reference.signals import Handshake
from netsim.engines.reference.spans import Span, add
from netsim.engines.reference.station import Totals
from netsim.program import REASON, Phase, Protocol

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.link import Link
    from netsim.engines.reference.network import Network

REPORTS = request_key(TRAFFIC_LIMIT - 1, 0)  # stands for no stream of traffic
SYN, SYNACK, REQUEST, RESPONSE = map(int, (Phase.SYN, Phase.SYNACK, Phase.REQUEST, Phase.RESPONSE))


class Report(Traveller):
    """An ICMP message on its way back: fragmentation needed, and DF set."""

    def __init__(self, train: Burst, mss: int) -> None:
        super().__init__(train.connection.network.clock)
        self.connection = train.connection
        self.phase = train.flight.phase
        self.mss = mss

    def fire(self) -> None:
        """It has come to the sender."""
        if not self.connection.reset:
            self.connection.network.fitting.learn(self.connection, self.phase, self.mss)


class Unreachable(Traveller):
    """An ICMP message on its way back: nothing may or can be reached there."""

    def __init__(self, connection: Connection, reason: int) -> None:
        super().__init__(connection.network.clock)
        self.connection = connection
        self.reason = reason

    def fire(self) -> None:
        """It has come to the client."""
        self.connection.was_reset(self.reason)


class Transport(Place):
    """Where bursts come to the end of their path in a softirq, and where the timers of sockets fire."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        self.reports = 0
        self.held: dict[Burst, None] = {}  # received, behind a gap
        super().__init__(network.clock)

    def run(self) -> Generator[Event, Any, None]:
        """Take in a burst, or let a timer act."""
        while True:
            item: Any = yield self.arrivals
            if isinstance(item, Burst):
                self.received(item)
            else:
                item.fire()

    # -- exchanges -------------------------------------------------------------------------------------------------

    def start(self, exchange: Exchange, connection: Connection, phase: int) -> None:
        """Begin the next transfer of an exchange."""
        exchange.connection = connection
        if exchange.answered < 0:
            connection.asked[exchange] = None
        if connection.reset:
            if exchange.answered < 0:
                exchange.give_up(REASON["transfer-timeout"])
            return
        if connection.call.protocol == Protocol.UDP:
            message(exchange, connection, phase).send()
            return
        if phase == RESPONSE and connection.closing and exchange.answered >= 0:
            return  # its client has hung up
        if phase in (SYN, SYNACK):
            handshake = Handshake(exchange, connection, phase)
            if handshake.path.visits:
                self.network.recorder.transfer(handshake)
            handshake.start()
            return
        transfer = Transfer(exchange, connection, phase, exchange.size(phase))
        self.network.recorder.transfer(transfer)
        if transfer.path.visits:
            connection.live[transfer] = None
            connection.sender(phase).enqueue(transfer)
            exchange.root.source.sending(exchange)
        else:
            self.done(transfer)

    def shaken(self, handshake: Handshake) -> None:
        """A SYN or SYN-ACK was received: what happens next."""
        exchange, connection = handshake.exchange, handshake.connection
        if connection.reset:
            return
        connection.repeated |= handshake.attempt > 0
        if handshake.phase == SYN:
            self.start(exchange, connection, SYNACK)
            return
        took = self.clock._now - exchange.connecting
        connection.handshake = -1 if connection.repeated else took
        if connection.call.tls is None:
            exchange.connected(connection)
        else:
            Security(exchange, connection, connection.call.tls).ask()

    def done(self, transfer: Transfer) -> None:
        """All of a transfer was received: what happens next."""
        exchange, connection = transfer.exchange, transfer.connection
        connection.live.pop(transfer, None)
        self.network.recorder.transfer_done(transfer)
        if transfer.taken() or connection.orphaned or connection.misplaced:
            return
        given_up = exchange.answered >= 0
        if transfer.phase == RESPONSE or exchange.root.stream is not None:
            if not given_up:
                connection.asked.pop(exchange, None)
                exchange.responded()
        elif not (given_up and connection.closed):  # a server that others share knows nothing of it
            exchange.wake(self.clock._now, Stage.REQUESTED, self.network.pods[connection.server])

    # -- bursts ----------------------------------------------------------------------------------------------------

    def send(self, burst: Burst) -> None:
        """Hand a burst to the sending socket."""
        self.network.recorder.sent(burst)
        if burst.core is None:
            burst.core = burst.connection.core
        self.network.journeys.advance(burst, self.clock._now)

    def arrived(self, burst: Burst, core: "Core | None" = None) -> bool:
        """A burst has come to the receiving socket; True when its thread, on ``core``, may have it now."""
        connection, flight = burst.connection, burst.flight
        presence = self.network.presence
        if presence.changed and not presence.admits(burst):
            return False
        if burst.note is not None:
            connection.told(burst)
        if flight.phase in (REQUEST, RESPONSE):
            receiver = connection.receiver(flight.phase)
            receiver.core = burst.core
            return receiver.accept(burst)
        burst.accepted = True
        if core is None or flight.admits(burst, core.node.socket_buffer):
            return True
        self.lose(burst, burst.frames, core.app_totals, REASON["socket-buffer"])
        return False

    def received(self, burst: Burst) -> None:
        """A burst has crossed its whole path."""
        if burst.accepted or self.arrived(burst):
            self.over(burst)
            burst.flight.received(burst)

    def released(self, burst: Burst) -> None:
        """A burst need not wait any longer for what comes before it."""
        if burst.position < len(burst.visits):
            burst.key += 1
            core = burst.connection.home_core(burst.visits[burst.position].role)
            self.clock.send(burst, core, self.clock._now, burst.key)
        else:
            self.received(burst)

    def over(self, burst: Burst) -> None:
        """Count a burst that is where it should be, or came to nothing."""
        if burst.lost:
            self.network.recorder.dropped(burst)
        else:
            self.network.recorder.delivered(burst)

    def refuse(self, burst: Burst, totals: Totals, reason: int) -> None:
        """A node answers an opening packet by an ICMP error, which takes as long back as the packet took."""
        sent, now = burst.sent, self.clock._now
        self.lose(burst, burst.frames, totals, reason)
        self.reports += 1
        key = timer_key(REPORTS, 0, self.reports)
        self.clock.send(Unreachable(burst.connection, reason), self, now + (now - sent), key)

    # -- losses ----------------------------------------------------------------------------------------------------

    def lose(self, train: Burst, frames: int, totals: Totals, reason: int) -> None:
        """Lose the last ``frames`` frames of a burst or train at a station, for a REASONS entry."""
        if frames == train.frames and not train.holes:
            self.lose_parts(train, [(train.start, train.end)], frames, (totals, reason))
        else:
            self.lose_parts(train, train.parts()[-frames:], frames, (totals, reason))

    def lose_parts(self, train: Burst, parts: list[Span], frames: int, cause: tuple[Totals, int]) -> None:
        """Lose ``frames`` frames, which are these parts of the stream."""
        totals, reason = cause
        whole = train.whole
        payload = 0 if train.flight.empty else sum(end - start for start, end in parts)
        totals.drop(reason, frames, payload)
        self.network.recorder.lost(train, frames, payload)
        if parts[-1][1] == train.end:
            train.last_wire = train.full_wire
        on_wire = whole.pending > 0
        first = not whole.lost
        for one in {train, whole}:
            one.frames -= frames
            one.payload -= payload
            for start, end in parts:
                add(one.holes, start, end)
        whole.pending -= frames
        whole.lost += frames
        if first:
            whole.reason = reason
            whole.flight.lost(whole)
        if not whole.frames:
            self.network.recorder.dropped(whole)
        elif on_wire and whole.pending <= 0:  # its earlier trains are there already
            self.network.journeys.flush(whole)

    # -- path MTU --------------------------------------------------------------------------------------------------

    def too_large(self, train: Burst, link: "Link") -> None:
        """Frames did not fit on a link: its sender reports it, if it is one that does (RFC 1191)."""
        phase = train.flight.phase
        if link.reports and phase in (REQUEST, RESPONSE) and train.connection.call.transport.discovery:
            visit = train.visits[train.position]
            room = link.mtu - visit.outer
            report = Report(train, room // visit.align * visit.align - train.flight.headers)
            self.reports += 1
            now = self.clock._now
            self.clock.send(report, self, now + (now - train.whole.sent), timer_key(REPORTS, 0, self.reports))
