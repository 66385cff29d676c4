"""The load balancer outside the cluster: picks an entry node, or a pod, for every new connection."""

from importlib import import_module
from typing import TYPE_CHECKING

from netsim.chance import name_key, remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.opening import OPENING
from netsim.engines.reference.tunnel import Servers
from netsim.program import REASON, Entry

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network

ENTRY = name_key("balanced entry")


class LoadBalancer(Servers):
    """A pass-through L4 balancer: packets towards the cluster cross it, answers go back directly.

    It knows by health checks which nodes can serve: all of them, or under externalTrafficPolicy Local those that
    have an endpoint of the Service. Where it knows the pods' own addresses it picks one of them itself.
    """

    def __init__(self, network: "Network", number: int) -> None:
        super().__init__(network, number)
        self.choose = import_module(f"netsim.balancing.{network.program.names.strategies[0]}").choose
        self.turn = 0
        self.open = dict.fromkeys(network.cluster_nodes, 0)

    def serve(self, burst: Burst) -> None:
        """Fix the entry node of a new connection, or its pod, then forward."""
        connection = burst.connection
        if connection.entry == Entry.BALANCED_POD:
            if burst.flight.phase in OPENING and (reason := connection.resolve(burst)):
                self.network.transport.lose(burst, burst.frames, self.totals, REASON[reason])
                return
        elif connection.entry_node < 0:
            nodes = self.network.services.entry_nodes(connection.service)
            bits = remix(connection.flow, ENTRY)
            names = [self.network.plan.node_key[node] for node in nodes]
            loads = [self.open[node] for node in nodes]
            connection.entry_node = nodes[self.choose(names, bits, self.turn, connection.flow, loads)]
            self.open[connection.entry_node] += 1
            self.turn += 1
        super().serve(burst)

    def closed(self, node: int) -> None:
        """A connection by way of ``node`` is over."""
        self.open[node] -= 1
