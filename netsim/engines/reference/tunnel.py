"""Servers in front of which bursts queue: user-space tunnels and what balances them have programs of their own."""

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place
from netsim.engines.reference.station import Totals
from netsim.program import REASON

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network
    from netsim.engines.reference.node import Node


class Servers(Place):
    """One queue, first come first served, for ``servers`` equal servers: a burst goes to the one that is free first."""

    def __init__(self, network: "Network", number: int) -> None:
        stations = network.program.stations
        self.network = network
        self.number = number
        self.free = [-1] * int(stations.servers[number])
        self.room = int(stations.room[number])
        self.totals = Totals(number, network.program.duration, network.log)
        self.departures: deque[tuple[int, int]] = deque()  # (time, frames)
        self.present = 0
        super().__init__(network.clock)

    def run(self) -> Generator[Event, Any, None]:
        """Serve every burst that there is room for."""
        while True:
            burst: Burst = yield self.arrivals
            if self.admit(burst, self.clock._now):
                self.serve(burst)

    def admit(self, burst: Burst, now: int) -> bool:
        """Lose the frames for which there is no room; False when none is left."""
        departures = self.departures
        while departures and departures[0][0] <= now:
            self.present -= departures.popleft()[1]
        excess = self.present + burst.frames - self.room
        if self.room < 0 or excess <= 0:
            return True
        left = excess < burst.frames
        self.network.transport.lose(burst, min(excess, burst.frames), self.totals, REASON["tunnel"])
        return left

    def serve(self, burst: Burst) -> None:
        """Work on a burst and send it on."""
        now = self.clock._now
        visit = burst.visits[burst.position]
        work = self.scaled(burst.work(visit.works, burst.frames, burst.payload, visit))
        free = min(self.free)
        start = max(free, now)
        wakeup = self.woken(visit.wakeup) if free <= now else 0
        depart = start + wakeup + work
        self.free[self.free.index(free)] = depart
        self.totals.stay(now, start, depart, wakeup + work)
        self.departures.append((depart, burst.frames))
        self.present += burst.frames
        self.totals.most = max(self.totals.most, self.present)
        burst.trail.extend(
            (visit.number, self.number, now, start - now, 0, wakeup, work, 0, burst.frames, burst.payload, -1)
        )
        self.network.journeys.advance(burst, depart)

    def scaled(self, work: int) -> int:
        """``work`` on this machine."""
        return work

    def woken(self, wakeup: int) -> int:
        """What a server that was found idle pays first."""
        return wakeup


class Tunnel(Servers):
    """A user-space tunnel of a node (flanneld with the udp backend, Weave's sleeve): one thread behind a queue of
    frames. Tunnels in the kernel have no process of their own: they are work of their node's cores."""

    def __init__(self, network: "Network", number: int, node: "Node") -> None:
        self.node = node
        super().__init__(network, number)

    def scaled(self, work: int) -> int:
        """``work`` at the speed of the node's cores."""
        return self.node.scaled(work)

    def woken(self, wakeup: int) -> int:
        """The daemon's thread wakes up on an idle core."""
        return self.node.idle_exit + self.node.scaled(wakeup)
