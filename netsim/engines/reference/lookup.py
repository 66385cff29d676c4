"""Look-ups: the questions to DNS that a client asks before it connects, group after group."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.engines.reference.clock import Place
from netsim.engines.reference.exchange import Ended, Exchange, gather
from netsim.engines.reference.pool import PER_GROUP, Pool

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network


class Lookup:
    """The look-ups that one exchange waits for. ``then`` is called when they are over, however they went."""

    def __init__(self, resolver: "Resolver", exchange: Exchange, then: Callable[[], None]) -> None:
        self.pod = resolver  # where answers arrive
        self.exchange = exchange
        self.then = then
        self.group = 0
        self.outstanding = 0
        self.latest: Exchange | Ended | None = None
        self.broken = -1
        self.trail: list[int] = []
        self.pools: dict[int, Pool] = {}  # by Service: the socket of the present group

    def next(self) -> None:
        """Ask the next group of questions, or let the exchange go on."""
        exchange = self.exchange
        network, groups = exchange.network, exchange.call.lookups
        if self.group < len(groups) and self.broken < 0 and exchange.answered < 0:
            rows = groups[self.group]
            self.group += 1
            self.outstanding = len(rows)
            calls = [network.plan.calls[row] for row in rows]
            for child in [Exchange(network, exchange.root, call, exchange.client, self) for call in calls]:
                child.begin()
            return
        if exchange.answered < 0:
            exchange.trail.extend(self.trail)
            if self.broken >= 0:
                exchange.refuse(self.broken)
        self.then()

    def pool_for(self, exchange: Exchange) -> Pool | None:
        """The socket that all questions of a group share, where they do."""
        call = exchange.call
        if call.mode != PER_GROUP:
            return None
        found = self.pools.get(call.service)
        if found is None:
            found = self.pools[call.service] = Pool(exchange.network, exchange.client, call, exchange.server)
        return found

    def returned(self, child: Exchange | Ended) -> None:
        """An answer has come, or none will."""
        if gather(self, child):
            for pool in self.pools.values():
                pool.hang_up()
            self.pools.clear()
            self.next()


class Resolver(Place):
    """The resolver library of all clients: it takes in the answers."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        super().__init__(network.clock)

    def run(self) -> Generator[Event, Any, None]:
        """Give each answer to the look-up that asked."""
        while True:
            child: Any = yield self.arrivals
            child.parent.returned(child)

    def look_up(self, exchange: Exchange, then: Callable[[], None]) -> None:
        """Ask what an exchange has to know, then go on."""
        Lookup(self, exchange, then).next()
