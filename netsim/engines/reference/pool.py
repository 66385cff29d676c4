"""Pools: the connections that a client keeps to one target."""

from collections import deque
from typing import TYPE_CHECKING

from netsim.engines.reference.connection import Connection
from netsim.engines.reference.plan import Call
from netsim.program import REASON, Phase
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.exchange import Exchange
    from netsim.engines.reference.network import Network

PER_REQUEST, POOLED, PERSISTENT = 0, 1, 2


class Pool:
    """The connections of one client to one target."""

    def __init__(self, network: "Network", client: int, call: Call) -> None:
        self.network = network
        self.client = client
        self.call = call
        self.idle: list[Connection] = []
        self.open = 0
        self.opened = 0
        self.waiting: deque[tuple[Exchange, int]] = deque()
        self.shared: Connection | None = None

    def ask(self, exchange: "Exchange") -> None:
        """Give an exchange a connection: an idle one, a new one, or the next that comes free."""
        now = self.network.clock._now
        if self.call.mode == PERSISTENT:
            self.ask_shared(exchange, now)
            return
        while self.idle:
            connection = self.idle.pop()
            if now - connection.last_used <= self.call.keep_alive:
                self.network.transport.start(exchange, connection, Phase.REQUEST)
                return
            self.discard(connection)
        if self.call.mode == PER_REQUEST or self.open < self.call.limit:
            self.connect(exchange)
        else:
            self.waiting.append((exchange, now))

    def ask_shared(self, exchange: "Exchange", now: int) -> None:
        """All requests of a client go over its one connection, as soon as that is established."""
        if self.shared is None:
            self.shared = self.connect(exchange)
        elif self.shared.established:
            self.network.transport.start(exchange, self.shared, Phase.REQUEST)
        else:
            self.waiting.append((exchange, now))

    def connect(self, exchange: "Exchange") -> Connection | None:
        """Open a new connection for an exchange; its handshake is part of the exchange's latency. None where the
        client has no port left."""
        sockets, now = self.network.sockets, self.network.clock._now
        sockets.opened += 1
        ports = self.network.ports(self.client, self.call.service)
        if not ports.take(now):
            sockets.refused += 1
            exchange.refuse(REASON["ports"])
            return None
        number = exchange.luck if self.call.mode == PER_REQUEST else self.opened
        connection = Connection(self.network, self.client, self.call, (number, exchange.tree_key))
        connection.pool, connection.ports = self, ports
        self.network.connections.add(connection)
        connection.stream = exchange.root.stream
        self.open += 1
        self.opened += 1
        exchange.connecting = now
        self.network.transport.start(exchange, connection, Phase.SYN)
        return connection

    def established(self, connection: Connection) -> None:
        """The handshake is over: those who waited for the shared connection go."""
        connection.established = True
        if connection is self.shared:
            while self.waiting:
                self.serve(connection)

    def serve(self, connection: Connection) -> None:
        """Give the connection to the one who has waited longest."""
        exchange, since = self.waiting.popleft()
        exchange.mark(Mark.CONNECTION, since, queue=self.network.clock._now - since)
        self.network.transport.start(exchange, connection, Phase.REQUEST)

    def release(self, connection: Connection) -> None:
        """The exchange that had the connection to itself is over."""
        if self.call.mode == PERSISTENT:
            return
        if self.call.mode == PER_REQUEST:
            self.discard(connection)
        elif self.waiting:
            self.serve(connection)
        else:
            connection.last_used = self.network.clock._now
            self.idle.append(connection)

    def discard(self, connection: Connection) -> None:
        """Close a connection; one who waits for a place opens another."""
        self.open -= 1
        connection.close()

    def failed(self, connection: Connection) -> None:
        """A connection could not be opened or was given up; requests that share it may do so one after the other."""
        if connection.closed:
            return
        self.open -= 1
        connection.give_up()
        if connection is self.shared:
            self.shared = None
        while self.waiting and not self.open:
            exchange, since = self.waiting.popleft()
            exchange.mark(Mark.CONNECTION, since, queue=self.network.clock._now - since)
            self.ask(exchange)
