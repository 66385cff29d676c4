"""A node: its cores, and the tables that they share."""

from collections import deque
from typing import TYPE_CHECKING

from netsim.chance import UNITY
from netsim.engines.reference.core import Core
from netsim.engines.reference.lanes import Ring

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.network import Network

CONNTRACK_TIME_WAIT = 120 * 10**12  # nf_conntrack_tcp_timeout_time_wait


class Node:
    """A machine's shared tables: its cores, NIC ring size, core speed and connection tracking."""

    def __init__(self, network: "Network", number: int) -> None:
        nodes = network.program.nodes
        self.network = network
        self.number = number
        self.ring = int(nodes.ring[number])
        self.slowness = int(nodes.slowness[number])
        self.idle_exit = int(nodes.idle_exit[number])
        self.conntrack_max = int(nodes.conntrack_max[number])
        first, queues = int(nodes.first_core[number]), int(nodes.queues[number])
        self.cores = [Core(network, self, first + 2 * core) for core in range(int(nodes.cores[number]))]
        self.rings = [Ring(self.cores[queue % len(self.cores)]) for queue in range(queues)]
        self.entries = self.peak = 0
        self.closed: deque[tuple[int, int]] = deque()  # (end of TIME_WAIT, entries)

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
        if self.number in connection.tracked:
            return True
        now, closed = self.network.clock._now, self.closed
        while closed and (closed[0][0] <= now or self.entries + entries > self.conntrack_max):
            self.entries -= closed.popleft()[1]
        if self.entries + entries > self.conntrack_max:
            return False
        self.entries += entries
        self.peak = max(self.peak, self.entries)
        connection.tracked[self.number] = entries
        return True

    def forget_later(self, entries: int) -> None:
        """A connection was closed: its entries stay for TIME_WAIT."""
        self.closed.append((self.network.clock._now + CONNTRACK_TIME_WAIT, entries))
