"""The load balancer outside the cluster: picks an entry node for every new connection."""

from importlib import import_module
from typing import TYPE_CHECKING

from netsim.chance import name_key, remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.tunnel import Servers

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network

ENTRY = name_key("balanced entry")


class LoadBalancer(Servers):
    """A pass-through L4 balancer: packets towards the cluster cross it, answers go back directly.

    It knows by health checks which nodes can serve: all of them, or under externalTrafficPolicy Local those that
    have an endpoint of the Service.
    """

    def __init__(self, network: "Network", number: int) -> None:
        super().__init__(network, number)
        self.choose = import_module(f"netsim.balancing.{network.program.names.strategies[0]}").choose
        self.turn = 0
        self.open = dict.fromkeys(network.cluster_nodes, 0)
        self.healthy: dict[int, list[int]] = {}

    def serve(self, burst: Burst) -> None:
        """Fix the entry node of a new connection, then forward."""
        connection = burst.connection
        if connection.entry_node < 0:
            nodes = self.entries(connection.service)
            bits = remix(connection.flow, ENTRY)
            loads = [self.open[node] for node in nodes]
            connection.entry_node = nodes[self.choose(len(nodes), bits, self.turn, connection.flow, loads)]
            self.open[connection.entry_node] += 1
            self.turn += 1
        super().serve(burst)

    def closed(self, node: int) -> None:
        """A connection by way of ``node`` is over."""
        self.open[node] -= 1

    def entries(self, service: int) -> list[int]:
        """The nodes that pass the health check of a Service."""
        found = self.healthy.get(service)
        if found is None:
            services, nodes = self.network.services, self.network.cluster_nodes
            if services.local[service]:
                nodes = [node for node in nodes if services.local_members(service, node)]
            found = self.healthy[service] = nodes
        return found
