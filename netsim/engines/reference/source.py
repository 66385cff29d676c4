"""Sources: where root requests come from, on a schedule or from users who wait and think."""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.chance import draw, mix, name_key, pick, remix
from netsim.engines.reference.clock import Place, Traveller
from netsim.engines.reference.exchange import Exchange, Root
from netsim.engines.reference.order import ISSUE, request_key
from netsim.program import REASON

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network

REFUSED_PAUSE = 10**9  # ps: a client whose connect() finds no port tries again 1 ms later (assumed)
CLIENT, THINK, BEGIN = map(name_key, ("client", "think", "begin"))


class Tick(Traveller):
    """The next request of a schedule or of one user."""

    def __init__(self, source: "Source", user: int) -> None:
        super().__init__(source.clock)
        self.user = user
        self.round = 0


class Source(Place):
    """One stream of requests. Open loop: they come at their intended times, answered or not. Closed loop: each user
    asks, waits for the answer, thinks, and asks again."""

    def __init__(self, network: "Network", number: int) -> None:
        traffic, program = network.program.traffic, network.program
        self.network = network
        self.number = number
        self.key = int(traffic.key[number])
        self.call = network.plan.calls[int(traffic.call[number])]
        first, count = int(traffic.first_client[number]), int(traffic.clients[number])
        self.clients = program.clients[first : first + count].tolist()
        first, count = int(traffic.first[number]), int(traffic.arrivals[number])
        self.schedule = program.arrivals[first : first + count].tolist()
        self.users = int(traffic.users[number])
        self.think = network.plan.law(int(traffic.think[number]))
        self.silent = False  # no client is left
        super().__init__(network.clock)
        self.begin()

    def begin(self) -> None:
        """Plan the first request of the schedule, or of every user."""
        if self.users:
            start = int(self.network.program.traffic.start[self.number])
            for user in range(self.users):
                self.first_round(Tick(self, user), start)
        elif self.schedule:
            self.plan_next(Tick(self, -1))

    def run(self) -> Generator[Event, Any, None]:
        """Do what every tick is for."""
        while True:
            self.ticked((yield self.arrivals))

    def ticked(self, tick: Tick) -> None:
        """Issue the next request of the schedule, or of a user."""
        if self.users:
            self.issue(tick.round * self.users + tick.user, tick.user, tick)
        else:
            self.issue(tick.round, -1, None)
            tick.round += 1
            self.plan_next(tick)

    def plan_next(self, tick: Tick) -> None:
        """Wait for the schedule's next time."""
        if tick.round < len(self.schedule):
            self.clock.send(tick, self, self.schedule[tick.round], ISSUE | request_key(self.number, tick.round))

    def first_round(self, tick: Tick, start: int) -> None:
        """Let a user begin somewhere in a think time, so that equal think times do not march in step."""
        bits = mix(self.network.program.seed, self.key, BEGIN, tick.user)
        at = start + (self.thinking(tick.user) * (bits >> 44) >> 20)
        self.clock.send(tick, self, at, ISSUE | request_key(self.number, tick.user))

    def thinking(self, index: int) -> int:
        """How long the user of request ``index`` thinks before it, in ps."""
        return draw(self.think, mix(self.network.program.seed, self.key, THINK, index)) if self.think else 0

    def next_round(self, tick: Tick, now: int) -> None:
        """Let a user think, then ask."""
        index = tick.round * self.users + tick.user
        self.clock.send(tick, self, now + self.thinking(index), ISSUE | request_key(self.number, index))

    def issue(self, index: int, user: int, tick: Tick | None) -> None:
        """Start one root request."""
        root = self.root(index, user, tick)
        exchange = Exchange(self.network, root, self.call, root.client, None)
        self.network.recorder.issued(root, exchange)
        if self.silent:
            exchange.refuse(REASON["down"])
        else:
            exchange.begin()

    def root(self, index: int, user: int, tick: Tick | None) -> Root:
        """A root request and its client."""
        root = Root(self, index, self.clock._now, tick)
        many = len(self.clients)
        root.client = self.clients[user % many if user >= 0 else pick(remix(root.luck, CLIENT), many)]
        return root

    def finish(self, exchange: Exchange) -> None:
        """A root request was answered or given up; its user thinks, and without a connection waits at least a while."""
        root = exchange.root
        self.network.recorder.finished(exchange)
        if root.tick is not None:
            root.tick.round += 1
            pause = 0 if exchange.connection is not None else REFUSED_PAUSE
            self.next_round(root.tick, self.clock._now + pause)

    def sending(self, exchange: Exchange) -> None:
        """A request or response begins."""

    def close(self) -> None:
        """At the end of the run, count what is open."""
