"""Pools: the connections that a client keeps to one target."""

from collections import deque
from typing import TYPE_CHECKING

from netsim.chance import remix
from netsim.engines.reference.connection import Connection
from netsim.engines.reference.messages import Flow
from netsim.engines.reference.plan import Call
from netsim.program import REASON, Phase, Protocol
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.exchange import Exchange
    from netsim.engines.reference.network import Network

PER_REQUEST, POOLED, PERSISTENT, PER_GROUP = range(4)
SHARED = (PERSISTENT, PER_GROUP)


class Pool:
    """The connections of one client to one target, or to one endpoint of it where the client chooses itself.

    With a ``pair`` they belong to the connection of that flow that one of the client's own clients has.
    ``open`` counts those that are open, in their handshake, or about to be opened when names are known.
    """

    def __init__(self, network: "Network", client: int, call: Call, server: int = -1, pair: int = -1) -> None:
        self.network = network
        self.client = client
        self.call = call
        self.server = server
        self.pair = pair
        self.limit = 1 if call.mode in SHARED else call.limit
        self.idle: list[Connection] = []
        self.open = 0
        self.opened = 0
        self.waiting: deque[tuple[Exchange, int]] = deque()
        self.shared: Connection | None = None
        self.serving = False

    # -- who wants a connection ------------------------------------------------------------------------------------

    def ask(self, exchange: "Exchange") -> None:
        """Give an exchange a connection: an idle one, a new one, or the next that comes free."""
        now = self.network.clock._now
        if self.call.mode in SHARED:
            self.ask_shared(exchange, now)
            return
        while self.idle:
            connection = self.idle.pop()
            if now - connection.last_used <= self.call.keep_alive:
                self.network.transport.start(exchange, connection, Phase.REQUEST)
                return
            self.discard(connection)
        if self.call.mode == PER_REQUEST or self.open < self.limit:
            self.connect(exchange)
        else:
            self.waiting.append((exchange, now))

    def ask_shared(self, exchange: "Exchange", now: int) -> None:
        """All requests of a client go over its one connection, as soon as that is established."""
        if self.shared is not None and self.shared.established:
            self.network.transport.start(exchange, self.shared, Phase.REQUEST)
        elif self.open < self.limit:
            self.connect(exchange)
        else:
            self.waiting.append((exchange, now))

    def next(self) -> "Exchange | None":
        """Who has waited longest, but for those who gave up."""
        while self.waiting:
            exchange, since = self.waiting.popleft()
            if exchange.answered < 0:
                exchange.mark(Mark.CONNECTION, since, queue=self.network.clock._now - since)
                return exchange
        return None

    def serve_others(self) -> None:
        """There is room again: those who wait may open connections."""
        if self.serving:  # already, further up
            return
        self.serving = True
        while self.open < self.limit and (exchange := self.next()) is not None:
            self.ask(exchange)
        self.serving = False

    # -- opening ---------------------------------------------------------------------------------------------------

    def connect(self, exchange: "Exchange") -> None:
        """Open a new connection for an exchange, once the target's name is looked up."""
        self.open += 1
        if exchange.call.lookups and not exchange.call.resolves:
            self.network.resolver.look_up(exchange, lambda: self.dial(exchange))
        else:
            self.dial(exchange)

    def dial(self, exchange: "Exchange") -> None:
        """Open it; its handshake is part of the exchange's latency. The client may have no port left."""
        if exchange.answered >= 0:  # given up before its name was known
            self.vacate()
            return
        if self.server < 0 and self.network.services.unknown(self.call):
            self.vacate()
            exchange.refuse(REASON["no-endpoint"])
            return
        sockets, now = self.network.sockets, self.network.clock._now
        sockets.opened += 1
        # Towards an endpoint that the client has chosen itself ports are counted apart; -1 is its own pod.
        ports = self.network.ports(self.client, self.call.service if self.server < 0 else -2 - self.server)
        if not ports.take(now):
            sockets.refused += 1
            self.vacate()
            exchange.refuse(REASON["ports"])
            return
        connection = self.make(exchange)
        connection.pool, connection.ports = self, ports
        self.network.connections.add(connection)
        connection.stream = exchange.root.stream
        self.opened += 1
        exchange.connecting = now
        if self.call.mode in SHARED:
            self.shared = connection
        if self.call.protocol == Protocol.UDP:
            exchange.connected(connection)
        else:
            self.network.transport.start(exchange, connection, Phase.SYN)

    def make(self, exchange: "Exchange") -> Connection:
        """A connection, or a flow of datagrams."""
        number = exchange.luck if self.call.mode in (PER_REQUEST, PER_GROUP) else self.opened
        if self.server >= 0:
            number = remix(number, self.network.plan.endpoint_key[self.server])
        if self.pair >= 0:
            number = remix(number, self.pair)
        kind = Flow if self.call.protocol == Protocol.UDP else Connection
        connection = kind(self.network, self.client, self.call, (number, exchange.tree_key))
        if self.server >= 0:
            connection.settle(self.server)
        return connection

    def established(self, connection: Connection) -> None:
        """The handshake is over: those who waited for the shared connection go."""
        connection.established = True
        if connection is self.shared:
            while (exchange := self.next()) is not None:
                self.network.transport.start(exchange, connection, Phase.REQUEST)

    def vacate(self) -> None:
        """A connection comes to nothing before it was begun."""
        self.open -= 1
        self.serve_others()

    # -- the end of a request, and of a connection -----------------------------------------------------------------

    def release(self, connection: Connection) -> None:
        """The exchange that had the connection to itself is over."""
        if self.call.mode in SHARED:
            if connection.draining:
                self.drained(connection)
            return
        if self.call.mode == PER_REQUEST or connection.draining:
            self.discard(connection)
            self.serve_others()
        elif (exchange := self.next()) is not None:
            self.network.transport.start(exchange, connection, Phase.REQUEST)
        else:
            connection.last_used = self.network.clock._now
            self.idle.append(connection)

    def abandon(self, exchange: "Exchange", connection: Connection) -> None:
        """An exchange is given up: its connection is of no use with an answer outstanding, unless others share it."""
        connection.asked.pop(exchange, None)
        if self.call.mode in SHARED:
            self.release(connection)
        elif not connection.established:
            self.failed(connection)
        elif not connection.closed:
            self.discard(connection)
            self.serve_others()

    def retire(self, connection: Connection) -> None:
        """It counts no more, and takes no further request."""
        if not connection.retired:
            connection.retired = True
            self.open -= 1
        if connection in self.idle:
            self.idle.remove(connection)
        if connection is self.shared:
            self.shared = None

    def drained(self, connection: Connection) -> None:
        """Its server hangs up as soon as nobody waits for an answer over it."""
        if not connection.asked and not connection.closed:
            self.discard(connection)
        elif self.call.mode in SHARED:
            self.retire(connection)
        self.serve_others()

    def discard(self, connection: Connection) -> None:
        """Close a connection."""
        self.retire(connection)
        connection.close()

    def failed(self, connection: Connection) -> None:
        """A connection could not be opened or was given up; those who wait may open others."""
        if connection.closed:
            return
        self.retire(connection)
        connection.give_up()
        self.serve_others()

    def hang_up(self) -> None:
        """Nobody needs a connection any more."""
        if self.shared is not None and not self.shared.closed:
            self.discard(self.shared)
        self.shared = None
