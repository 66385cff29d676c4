"""Signals: the packets of a connection that carry no payload: SYN, SYN-ACK, acknowledgements and FIN."""

from typing import TYPE_CHECKING

from netsim.chance import name_key, remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Traveller
from netsim.engines.reference.flight import Flight
from netsim.engines.reference.order import timer_key
from netsim.program import REASON, Phase
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.exchange import Exchange

# Linux include/net/tcp.h: TCP_TIMEOUT_INIT 1 s, TCP_RTO_MIN 200 ms, TCP_RTO_MAX 120 s; sysctl tcp_syn_retries 6,
# tcp_synack_retries 5, tcp_orphan_retries 8.
HANDSHAKE_TIMEOUT, FIN_TIMEOUT, LONGEST_TIMEOUT = 10**12, 2 * 10**11, 120 * 10**12
RETRIES = {Phase.SYN: 6, Phase.SYNACK: 5, Phase.FIN: 8, Phase.FIN_BACK: 8}
SIGNAL = name_key("signal")
ONE = (0, 1)  # a packet without payload takes one byte of sequence space


class Retry(Traveller):
    """A retransmission timeout of a signal that was lost; it counts from when that was sent."""

    def __init__(self, signal: "Repeated", sent: int) -> None:
        super().__init__(signal.network.clock)
        self.signal = signal
        self.sent = sent

    def fire(self) -> None:
        """Its time has come."""
        self.signal.repeat()


class Repeated(Flight):
    """A signal that is sent again until it arrives. Its timer starts only when the packet is lost: before, it would
    fire in vain."""

    __slots__ = ("attempt",)
    timeout = HANDSHAKE_TIMEOUT

    def __init__(self, connection: "Connection", phase: int, key: int, luck: int) -> None:
        super().__init__(connection, phase, key, luck)
        self.attempt = 0

    def start(self) -> None:
        """Send it, or let it arrive at once where there is no way between."""
        if self.path.visits:
            self.send()
        else:
            self.arrive()

    def arrive(self) -> None:
        """It has come to the other side."""
        raise TypeError(f"{type(self).__name__} does not say what its arrival means")

    def send(self) -> None:
        """Send it, for the first time or again."""
        burst = Burst(self, ONE, 1)
        self.prepare(burst)
        self.network.transport.send(burst)

    def prepare(self, burst: Burst) -> None:
        """Put into the packet what it carries."""

    def lost(self, burst: Burst) -> None:
        """Send it again when the timeout for this attempt is over."""
        clock = self.network.clock
        at = max(clock._now, burst.sent + min(LONGEST_TIMEOUT, self.timeout << self.attempt))
        self.attempt += 1
        clock.send(Retry(self, burst.sent), self.network.transport, at, timer_key(self.key, self.phase, self.attempt))

    def repeat(self) -> None:
        """The timeout is over: once more, or never again."""
        if self.connection.reset:
            return
        if self.attempt > RETRIES[Phase(self.phase)]:
            self.failed()
        else:
            self.send()

    def failed(self) -> None:
        """It was sent in vain too often."""
        raise TypeError(f"{type(self).__name__} does not say what its failure means")


class Handshake(Repeated):
    """A SYN or SYN-ACK, part of the latency of the exchange that opens the connection."""

    __slots__ = ("exchange", "payload", "row", "started")

    def __init__(self, exchange: "Exchange", connection: "Connection", phase: int) -> None:
        super().__init__(connection, phase, exchange.tree_key, remix(exchange.luck, 1 + phase))
        self.exchange = exchange
        self.started = self.network.clock._now
        self.payload = 0
        self.row = -1

    def prepare(self, burst: Burst) -> None:
        """What is sent again begins with the wait for the timeout."""
        burst.visits = self.connection.route.paths[self.phase].visits
        if self.attempt:
            waited = self.network.clock._now - self.started
            burst.trail.extend((Mark.TIMER, -1, self.started, waited, 0, 0, 0, 0, 0, 0, -1))
            self.network.recorder.timed_out(self)
        self.network.recorder.launched(self)

    def received(self, burst: Burst) -> None:
        """It has arrived."""
        if self.phase == Phase.SYN:
            self.connection.core = burst.core
        self.exchange.trail.extend(burst.trail)
        self.network.recorder.transfer_done(self)
        self.arrive()

    def arrive(self) -> None:
        """The handshake goes on."""
        self.network.transport.shaken(self)

    def failed(self) -> None:
        """The connection cannot be opened."""
        self.connection.abort(REASON["connect-timeout"])


class Acknowledgements(Flight):
    """Packets that only carry what a receiver has to say."""

    def __init__(self, connection: "Connection", phase: int) -> None:
        super().__init__(connection, phase, connection.key, remix(connection.flow, SIGNAL ^ phase))

    def received(self, burst: Burst) -> None:
        """What it says was told already."""


class Goodbye(Repeated):
    """A FIN: one side will send nothing more."""

    timeout = FIN_TIMEOUT

    def __init__(self, connection: "Connection", phase: int) -> None:
        super().__init__(connection, phase, connection.key, remix(connection.flow, SIGNAL ^ phase))

    def prepare(self, burst: Burst) -> None:
        """It is sent by the side that owns the socket, with the last acknowledgement in it."""
        burst.core = self.connection.core_of(self.phase)
        self.connection.tell(burst)

    def received(self, burst: Burst) -> None:
        """It has arrived."""
        self.arrive()

    def arrive(self) -> None:
        """The other side answers with a FIN of its own, or the connection is over."""
        self.connection.hung_up(self.phase)

    def failed(self) -> None:
        """Nobody is there any more."""
        self.connection.over(cleanly=False)
