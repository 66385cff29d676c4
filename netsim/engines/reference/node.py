"""A node: its cores, and the tables that they share."""

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from netsim.chance import UNITY, pick
from netsim.engines.reference.core import Core
from netsim.engines.reference.lanes import Ring
from netsim.engines.reference.ports import CONNTRACK_TIME_WAIT, Ports
from netsim.program import REASON

if TYPE_CHECKING:
    from netsim.engines.reference.burst import Burst
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.network import Network

QUEUE_CELL = -8  # of the last row of a trail


class Workers:
    """Kernel threads that work on the bursts of one visit side by side, and let them go in the order they came, all
    of a pair of machines from one core, as WireGuard's per-peer queues do (drivers/net/wireguard/queueing.h)."""

    def __init__(self, cores: "list[Core]") -> None:
        self.cores = cores
        self.inside: dict[int, deque[Burst]] = {}  # by visit
        self.done: dict[Burst, int] = {}  # since when

    def begin(self, burst: "Burst") -> None:
        """A burst comes to a thread."""
        self.inside.setdefault(burst.visits[burst.position].number, deque()).append(burst)

    def clear(self) -> "list[Burst]":
        """Forget those that are done and wait for others; they are no more."""
        left = list(self.done)
        self.inside.clear()
        self.done.clear()
        return left

    def end(self, burst: "Burst") -> None:
        """Its work is done: it goes on when those before it do."""
        queue = self.inside[burst.visits[burst.position].number]
        journeys = burst.connection.network.journeys
        now = journeys.clock._now
        self.done[burst] = now
        while queue and queue[0] in self.done:
            first = queue.popleft()
            first.trail[QUEUE_CELL] += now - self.done.pop(first)
            first.core = self.cores[pick(journeys.ends(first.connection), len(self.cores))]
            journeys.advance(first, now)


class Node:
    """A machine's shared tables: its cores, NIC ring size, core speed and connection tracking."""

    def __init__(self, network: "Network", number: int) -> None:
        nodes = network.program.nodes
        self.network = network
        self.number = number
        self.ring = int(nodes.ring[number])
        self.slowness = int(nodes.slowness[number])
        self.idle_exit = int(nodes.idle_exit[number])
        self.moderation = int(nodes.moderation[number])
        self.ports = int(nodes.ports[number])
        self.nat_ports = int(nodes.nat_ports[number])
        self.socket_buffer = int(nodes.socket_buffer[number])
        self.translated: dict[int, Ports] = {}  # by destination
        self.conntrack_max = int(nodes.conntrack_max[number])
        first, queues = int(nodes.first_core[number]), int(nodes.queues[number])
        self.cores = [Core(network, self, first + 2 * core) for core in range(int(nodes.cores[number]))]
        self.rings = [Ring(self.cores[queue % len(self.cores)]) for queue in range(queues)]
        self.workers = Workers(self.cores)
        self.down = False
        self.entries = self.peak = 0
        self.closed: list[tuple[int, int]] = []  # (when they are forgotten, entries), a heap

    def fail(self) -> None:
        """The machine is down: all that is in it is lost, its tables with it."""
        self.down = True
        for core in self.cores:
            core.fail()
        for burst in self.workers.clear():
            self.network.transport.lose(burst, burst.frames, self.cores[0].soft_totals, REASON["down"])
        self.entries = 0
        self.closed.clear()
        self.translated.clear()
        for connection in self.network.connections:
            connection.tracked.pop(self.number, None)

    def recover(self) -> None:
        """It works again."""
        self.down = False

    def scaled(self, work: int) -> int:
        """``work`` of the reference hardware on this node's cores."""
        return work if self.slowness == UNITY else work * self.slowness // UNITY

    def core_for(self, home: Core) -> Core:
        """Where a thread that wakes up runs: its own core if that is idle, else the next idle one, else the one with
        the fewest waiting (Linux: select_idle_sibling in kernel/sched/fair.c, then load balancing)."""
        if home.is_free():
            return home
        place = self.cores.index(home)
        others = self.cores[place:] + self.cores[:place]
        free = next((core for core in others if core.is_free()), None)
        return free or min(others, key=Core.length)

    def track(self, connection: "Connection", entries: int) -> bool:
        """Enter a connection into the conntrack table; False when it is full (new flows only are refused).

        A full table makes room from connections that are closed (tcp_can_early_drop in nf_conntrack_proto_tcp.c).
        """
        if self.number in connection.tracked or connection.call.race < 0:
            return True
        now, closed = self.network.clock._now, self.closed
        while closed and (closed[0][0] <= now or self.entries + entries > self.conntrack_max):
            self.entries -= heappop(closed)[1]
        if self.entries + entries > self.conntrack_max:
            return False
        self.entries += entries
        self.peak = max(self.peak, self.entries)
        connection.tracked[self.number] = entries
        return True

    def translate(self, connection: "Connection") -> bool:
        """Give a connection a source port of this node's towards its destination; False when none is free."""
        if connection.nat is not None:
            return True
        target = ~connection.server if connection.call.protocol else connection.server  # TCP and UDP do not share ports
        ports = self.translated.get(target)
        if ports is None:
            ports = self.translated[target] = Ports(self.nat_ports)
        if not ports.take(self.network.clock._now):
            return False
        connection.nat = ports
        return True

    def forget_later(self, entries: int, stay: int = CONNTRACK_TIME_WAIT) -> None:
        """A connection was closed: its entries stay for ``stay`` ps."""
        heappush(self.closed, (self.network.clock._now + stay, entries))
