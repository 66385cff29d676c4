"""Tallies: what streams and connections have come to so far."""

from typing import TYPE_CHECKING

from netsim.program import REASONS
from netsim.records import BINS, Sockets

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network
    from netsim.engines.reference.source import Source


class Stream:
    """What one stream of bulk data or datagrams has sent and received: a row of Streams, and its rows of Progress."""

    def __init__(self, source: "Source", number: int, client: int) -> None:
        self.traffic = source.number
        self.stream = number
        self.client = client
        self.server = self.started = self.finished = self.outcome = -1
        self.sent = self.delivered = self.resent = self.timeouts = self.recoveries = 0
        self.datagrams = self.received = self.unsent = 0
        self.lost = [0] * len(REASONS)  # datagrams
        self.variation = 0  # sixteenths of ps
        self.delay_sum, self.delay_least, self.delay_most = 0, -1, -1
        self.duration = source.network.program.duration
        self.parts = [0] * BINS

    @property
    def jitter(self) -> int:
        """The smoothed variation of the one-way time in ps (RFC 3550, 6.4.1 and A.8)."""
        return self.variation >> 4

    def arrived(self, size: int, now: int) -> None:
        """Bytes have come to the reading thread."""
        self.delivered += size
        self.parts[now * BINS // self.duration] += size

    def delayed(self, time: int) -> None:
        """A datagram took so long."""
        self.delay_sum += time
        self.delay_least = time if self.delay_least < 0 else min(self.delay_least, time)
        self.delay_most = max(self.delay_most, time)

    def varied(self, difference: int) -> None:
        """Two datagrams came this much further apart, or closer, than they were sent."""
        self.variation += difference - ((self.variation + 8) >> 4)


class SocketCounts:
    """What became of the connections so far."""

    def __init__(self) -> None:
        self.opened = self.closed = self.reset = self.refused = 0


def sockets(network: "Network") -> Sockets:
    """The balance of connections; those that are open are counted from those that exist."""
    counts = network.sockets
    return Sockets(
        opened=counts.opened,
        closed=counts.closed,
        reset=counts.reset,
        refused=counts.refused,
        open=network.open_connections(),
        most_ports=max((ports.most for ports in network.port_pools.values()), default=0),
    )
