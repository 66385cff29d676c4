"""Tunnels and balancers that are programs of their own: servers in front of which bursts queue."""

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place
from netsim.engines.reference.station import Totals

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network


class Tunnel(Place):
    """A user-space tunnel of a node (flanneld with the udp backend, Weave's sleeve): one thread, first come first
    served. Tunnels in the kernel have no process of their own: they are work of their node's cores."""

    def __init__(self, network: "Network", number: int) -> None:
        self.network = network
        self.number = number
        servers = int(network.program.stations.servers[number])
        self.free = [0] * servers
        self.totals = Totals(number, network.program.duration, network.log)
        self.departures: deque[int] = deque()
        super().__init__(network.clock)

    def run(self) -> Generator[Event, Any, None]:
        """Serve every burst by the thread that is free first."""
        while True:
            burst: Burst = yield self.arrivals
            self.serve(burst)

    def serve(self, burst: Burst) -> None:
        """Work on a burst and send it on."""
        now = self.clock._now
        visit = burst.visits[burst.position]
        work = burst.work(visit.works, burst.frames, burst.payload, visit)
        free = min(self.free)
        start = max(free, now)
        wakeup = visit.wakeup if free <= now else 0
        depart = start + wakeup + work
        self.free[self.free.index(free)] = depart
        self.totals.stay(now, start, depart, wakeup + work)
        self.count_present(now, depart)
        burst.trail.extend(
            (visit.number, self.number, now, start - now, 0, wakeup, work, 0, burst.frames, burst.payload, -1)
        )
        self.network.journeys.advance(burst, depart)

    def count_present(self, now: int, depart: int) -> None:
        """Keep the largest number present."""
        departures = self.departures
        while departures and departures[0] <= now:
            departures.popleft()
        departures.append(depart)
        if len(departures) > self.totals.most:
            self.totals.most = len(departures)
