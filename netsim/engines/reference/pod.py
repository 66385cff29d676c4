"""A pod: workers that serve requests, compute, call other pods and respond."""

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.chance import name_key, remix
from netsim.engines.reference.clock import Place
from netsim.engines.reference.exchange import Ended, Exchange, Stage, gather
from netsim.engines.reference.plan import Call
from netsim.engines.reference.station import Totals
from netsim.program import Phase, Role
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network

SERVICE_TIME, CPU_TIME, WHETHER = map(name_key, ("service time", "cpu time", "whether"))
MILLION = 1_000_000


class Pod(Place):
    """A pool of workers behind one endpoint; a worker stays held while its request waits for callees."""

    def __init__(self, network: "Network", endpoint: int, station: int) -> None:
        self.network = network
        self.endpoint = endpoint
        self.workers = int(network.program.stations.servers[station])
        self.totals = Totals(station, network.program.duration, network.log)
        self.served = self.worked = 0  # requests that a worker took, ps of their CPU work
        self.unread = 0  # bytes in the buffer of its UDP socket
        self.held: dict[Exchange, tuple[int, int]] = {}  # since when it is here, and has a worker
        self.waiting: deque[tuple[Exchange, int]] = deque()
        super().__init__(network.clock)

    def run(self) -> Generator[Event, Any, None]:
        """Take the next step of whichever exchange arrives."""
        while True:
            exchange: Exchange = yield self.arrivals
            if exchange.stage is Stage.REQUESTED:
                self.admit(exchange)
            elif (exchange.parent or exchange if exchange.stage is Stage.ANSWERED else exchange) not in self.held:
                continue  # it died with an earlier process of this pod
            elif exchange.stage is Stage.SERVED:
                self.compute(exchange)
            else:
                self.returned(exchange)

    def admit(self, exchange: Exchange) -> None:
        """Give the request a worker, or let it wait for one."""
        now = self.clock._now
        exchange.pod = self
        present = 1 + len(self.held) + len(self.waiting)
        if present > self.totals.most:
            self.totals.most = present
        if 0 <= self.workers <= len(self.held):
            self.waiting.append((exchange, now))
        else:
            self.serve(exchange, now)

    def serve(self, exchange: Exchange, since: int) -> None:
        """A worker takes the request and is held for its service time."""
        now = self.clock._now
        self.held[exchange] = (since, now)
        self.served += 1
        if now > since:
            exchange.mark(Mark.WORKER, since, queue=now - since, station=self.totals.number)
        law = exchange.call.service_time
        time = 0 if law is None else exchange.drawn(law, SERVICE_TIME)
        if time:
            exchange.mark(Mark.SERVICE, now, work=time, station=self.totals.number)
            exchange.wake(now + time, Stage.SERVED, self)
        else:
            self.compute(exchange)

    def compute(self, exchange: Exchange) -> None:
        """The part of the request that burns CPU, in the application lane of its thread's core."""
        law = exchange.call.cpu_time
        if law is None:
            self.call_next(exchange)
            return
        assert exchange.connection is not None
        home = exchange.connection.home_core(Role.SERVER)
        core = home.node.core_for(home)
        work = core.node.scaled(exchange.drawn(law, CPU_TIME))
        self.worked += work
        core.submit(exchange, work, 0)

    def call_next(self, exchange: Exchange) -> None:
        """Make the next group of calls; when there is none left, respond."""
        if exchange not in self.held:  # its process died while it was on a core
            return
        groups = exchange.call.groups
        while exchange.group < len(groups) and self.may_go_on(exchange):
            made = [self.call(exchange, self.network.plan.calls[row]) for row in groups[exchange.group]]
            children = [child for child in made if child is not None]
            exchange.group += 1
            if children:
                exchange.outstanding, exchange.latest = len(children), None
                for child in children:
                    child.begin()
                return
        self.respond(exchange)

    @staticmethod
    def may_go_on(exchange: Exchange) -> bool:
        """False once one of its calls has failed: it makes no further ones, and its response is an error."""
        return exchange.broken < 0

    def call(self, exchange: Exchange, call: Call) -> Exchange | None:
        """One call of this exchange, not yet begun; None where chance says that it is not made.

        Of calls of which one is made, all look at the same draw."""
        key, first = (call.key, 0) if call.after < 0 else (exchange.call.key, call.after)
        drawn = remix(remix(exchange.root.luck, key), WHETHER) * MILLION >> 64
        if call.probability < MILLION and not first <= drawn < first + call.probability:
            return None
        return Exchange(self.network, exchange.root, call, self.endpoint, exchange)

    def returned(self, child: Exchange | Ended) -> None:
        """A call came back; with the last of its group the exchange goes on."""
        parent = child.parent
        assert isinstance(parent, Exchange)
        if gather(parent, child):
            self.call_next(parent)

    def respond(self, exchange: Exchange) -> None:
        """Send the response; the worker takes the next request."""
        now = self.clock._now
        since, start = self.held.pop(exchange)
        self.totals.stay(since, start, now, now - start)
        assert exchange.connection is not None
        self.network.transport.start(exchange, exchange.connection, Phase.RESPONSE)
        if self.waiting:
            self.serve(*self.waiting.popleft())

    def die(self) -> None:
        """The process is no more, nor are the requests that it had."""
        self.close()
        self.held.clear()
        self.waiting.clear()

    def close(self) -> None:
        """At the end of the run, count the requests that are still here."""
        now = self.clock._now
        for since, start in self.held.values():
            self.totals.cut_short(since, start, now - start, now)
        for _, since in self.waiting:
            self.totals.cut_short(since, -1, 0, now)
