"""Flights: bursts of one connection that travel one way for one purpose."""

from typing import TYPE_CHECKING

from netsim.chance import remix
from netsim.engines.reference.order import burst_key
from netsim.headers import TCP_IP
from netsim.program import Phase

if TYPE_CHECKING:
    from netsim.engines.reference.burst import Burst
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.exchange import Exchange
    from netsim.engines.reference.tally import Stream

REQUEST, RESPONSE = int(Phase.REQUEST), int(Phase.RESPONSE)


class Flight:
    """What the bursts of one purpose share: their connection, path, size of a full frame, keys and luck."""

    __slots__ = ("bursts", "connection", "key", "luck", "mss", "network", "path", "phase")

    def __init__(self, connection: "Connection", phase: int, key: int, luck: int) -> None:
        self.network = connection.network
        self.connection = connection
        self.phase = phase
        self.path = connection.route.paths[phase]
        self.mss = self.network.fitting.mss(connection, self.path, phase)
        self.key = key
        self.luck = luck
        self.bursts = 0  # sent so far

    @property
    def headers(self) -> int:
        """Bytes of its packets before the payload."""
        return TCP_IP

    @property
    def empty(self) -> bool:
        """Whether its bursts carry no payload; they take a byte of a stream all the same."""
        return True

    def next_key(self) -> int:
        """The key of the next burst's first hop."""
        self.bursts += 1
        return burst_key(self.key, self.phase, self.bursts - 1)

    def pushed(self, burst: "Burst") -> None:
        """A burst has left the sending thread."""

    def admits(self, burst: "Burst", room: int) -> bool:
        """Whether the receiving socket has room, in a buffer of ``room`` bytes; TCP keeps its own account."""
        return True

    def received(self, burst: "Burst") -> None:
        """A burst has crossed its whole path."""
        raise TypeError(f"{type(self).__name__} does not say what it receives")

    def lost(self, burst: "Burst") -> None:
        """A burst has lost its first frames."""


class Transfer(Flight):
    """A request or response, as ``span`` bytes of its connection's stream from ``start`` on: one byte stands for an
    empty message. ``blocked`` is how long its sender had waited for its window before this transfer was asked for."""

    __slots__ = (
        "blocked", "exchange", "latest", "latest_at", "missing", "payload", "row", "start", "started", "stream"
    )  # fmt: skip

    def __init__(self, exchange: "Exchange", connection: "Connection", phase: int, payload: int) -> None:
        super().__init__(connection, phase, exchange.tree_key, remix(exchange.luck, 1 + phase))
        self.exchange = exchange
        self.payload = payload
        self.started = self.network.clock._now
        self.missing = self.span
        self.start = -1
        self.blocked = 0
        self.latest: list[int] = []  # the critical path of the last burst that was read
        self.latest_at = self.started
        self.row = -1
        self.stream: Stream | None = exchange.root.stream

    @property
    def empty(self) -> bool:
        """Whether it is a message without content."""
        return self.payload == 0

    @property
    def span(self) -> int:
        """Bytes of the stream that it takes."""
        return self.payload or 1

    @property
    def end(self) -> int:
        """Where it ends in the stream."""
        return self.start + self.span

    def pushed(self, burst: "Burst") -> None:
        """The thread may write on."""
        self.connection.sender(self.phase).pushed(burst)

    def taken(self) -> bool:
        """Whether it is for somebody else than the application at the other end, who has it now."""
        return False

    def received(self, burst: "Burst") -> None:
        """The receiving thread has these bytes."""
        connection = self.connection
        connection.receiver(self.phase).read(burst)
        self.missing -= burst.fresh
        self.latest, self.latest_at = burst.trail, self.network.clock._now
        if self.stream is not None:
            self.stream.arrived(burst.fresh, self.network.clock._now)
        if not self.missing and burst.fresh:
            self.exchange.trail.extend(burst.trail)
            self.network.transport.done(self)
