"""Services: the choice of an endpoint for a new connection, and the paths that follow from it."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from netsim.chance import name_key, remix
from netsim.engines.reference.plan import Call, Route
from netsim.program import Entry, Relation, Role

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.network import Network

BACKEND = name_key("backend")


class Services:
    """What connections are addressed to: the choice of an endpoint, and the paths that follow from it."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        program = network.program
        services = program.services
        backends = program.backends.tolist()
        spans = zip(services.first.tolist(), services.members.tolist(), strict=True)
        self.members: list[list[int]] = [backends[first : first + count] for first, count in spans]
        self.strategies: list[Callable[..., int]] = [
            import_module(f"netsim.balancing.{program.names.strategies[row]}").choose
            for row in services.strategy.tolist()
        ]
        self.walks: list[int] = services.walk.tolist()
        self.local: list[int] = services.local.tolist()
        self.masks: list[int] = services.masquerades.tolist()
        self.keys: list[int] = services.key.tolist()
        self.turns = [0] * len(self.members)
        self.open = [[0] * len(members) for members in self.members]  # connections, in the order of the members
        self.place = [{member: place for place, member in enumerate(members)} for members in self.members]
        self.on_node: dict[tuple[int, int], list[int]] = {}

    def key(self, call: Call) -> int:
        """The key of a call's target, for draws."""
        return self.keys[call.service] if call.service >= 0 else call.key

    def walk(self, service: int) -> int:
        """The Works row of the rules that a flow's first packet walks."""
        return self.walks[service] if service >= 0 else -1

    def masquerades(self, connection: "Connection") -> bool:
        """Whether the node that translates a connection's destination also translates its source."""
        return connection.service >= 0 and bool(self.masks[connection.service])

    def single(self, connection: "Connection") -> int:
        """The only endpoint: the other containers of the caller's pod, or the one member."""
        if connection.service < 0:
            return self.network.plan.endpoint_neighbour[connection.client]
        return self.members[connection.service][0]

    def opened(self, connection: "Connection", change: int) -> None:
        """Count the open connections of a server."""
        if connection.service >= 0:
            self.open[connection.service][self.place[connection.service][connection.server]] += change

    def local_members(self, service: int, node: int) -> list[int]:
        """The endpoints of a Service that run on ``node``."""
        found = self.on_node.get((service, node))
        if found is None:
            nodes = self.network.plan.endpoint_node
            found = [member for member in self.members[service] if nodes[member] == node]
            self.on_node[service, node] = found
        return found

    def choose(self, connection: "Connection") -> int:
        """An endpoint for a new connection, -1 where the traffic policy leaves none."""
        service = connection.service
        members, loads = self.members[service], self.open[service]
        if self.local[service] and connection.entry >= Entry.NODE_PORT:
            members = self.local_members(service, connection.entry_node)
            loads = [self.open[service][self.place[service][member]] for member in members]
        if not members:
            return -1
        turn = self.turns[service]
        self.turns[service] += 1
        bits = remix(connection.flow, BACKEND)
        return members[self.strategies[service](len(members), bits, turn, connection.flow, loads)]

    def relation(self, connection: "Connection") -> Relation:
        """Where the server is, seen from the machine that forwards to it."""
        plan = self.network.plan
        if connection.service < 0:
            return Relation.SAME_POD
        forwarder = connection.node(Role.CLIENT) if connection.entry < Entry.NODE_PORT else connection.entry_node
        server = plan.endpoint_node[connection.server]
        if forwarder == server:
            return Relation.SAME_NODE
        if forwarder < 0 or plan.subnet[forwarder] < 0 or plan.subnet[server] < 0:
            return Relation.OUTSIDE
        same = plan.subnet[forwarder] == plan.subnet[server]
        return Relation.SAME_SUBNET if same else Relation.OTHER_SUBNET

    def route(self, connection: "Connection") -> Route:
        """The paths between the parties of a resolved connection."""
        plan = self.network.plan
        client, server = plan.endpoint_kind[connection.client], plan.endpoint_kind[connection.server]
        return plan.routes[plan.route_index[connection.entry][client][server][self.relation(connection)]]

    def provisional_route(self, connection: "Connection") -> Route:
        """Some route of this client and entry: all share their steps up to the one that translates."""
        plan = self.network.plan
        rows = plan.route_index[connection.entry][plan.endpoint_kind[connection.client]]
        return plan.routes[max(max(row) for row in rows)]
