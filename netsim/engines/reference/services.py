"""Services: the choice of an endpoint for a new connection, and the paths that follow from it."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from netsim.balancing import source_hash
from netsim.chance import name_key, pick, remix
from netsim.engines.reference.plan import Call, Route
from netsim.program import Entry, Relation, Role

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.network import Network

BACKEND, ENTRY_NODE = name_key("backend"), name_key("entry")
EVERYBODY = -1  # in place of a node


class Chooser:
    """What one node, or one L7 proxy, knows of a Service and remembers of its own choices.

    ``load`` counts the open connections (or outstanding requests) of each endpoint that it sent there itself;
    ``kept`` are the clients with session affinity: endpoint and time of their last connection.
    """

    __slots__ = ("kept", "load", "turn")

    def __init__(self) -> None:
        self.turn = 0
        self.load: dict[int, int] = {}
        self.kept: dict[int, tuple[int, int]] = {}

    def count(self, endpoint: int, change: int) -> None:
        """One connection more or less."""
        self.load[endpoint] = self.load.get(endpoint, 0) + change


class Services:
    """What connections are addressed to: the choice of an endpoint, and the paths that follow from it."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        program = network.program
        services = program.services
        backends = program.backends.tolist()
        spans = zip(services.first.tolist(), services.members.tolist(), strict=True)
        self.members: list[tuple[int, ...]] = [tuple(backends[first : first + count]) for first, count in spans]
        views = zip(program.views.first.tolist(), program.views.members.tolist(), strict=True)
        rows = [tuple(backends[first : first + count]) for first, count in views]
        nodes = len(program.nodes.key)
        self.views: list[dict[int, tuple[int, ...]]] = [
            {} if first < 0 else dict(enumerate(rows[first : first + nodes])) for first in services.views.tolist()
        ]
        self.strategies: list[Callable[..., int]] = [
            import_module(f"netsim.balancing.{program.names.strategies[row]}").choose
            for row in services.strategy.tolist()
        ]
        self.walks: list[int] = services.walk.tolist()
        self.masks: list[int] = services.masquerades.tolist()
        self.affinity: list[int] = services.affinity.tolist()
        self.by_client: list[int] = services.by_client.tolist()
        self.hairpin: list[int] = services.hairpin.tolist()
        self.announced: list[int] = services.announced.tolist()
        self.denies: list[int] = services.denies.tolist()
        entries = program.entries.tolist()
        spans = zip(services.first_entry.tolist(), services.entries.tolist(), strict=True)
        self.entries: list[tuple[int, ...] | None] = [
            None if count < 0 else tuple(entries[first : first + count]) for first, count in spans
        ]
        self.keys: list[int] = services.key.tolist()
        self.choosers: dict[tuple[int, int], Chooser] = {}

    def key(self, call: Call) -> int:
        """The key of a call's target, for draws."""
        return self.keys[call.service] if call.service >= 0 else call.key

    def walk(self, service: int) -> int:
        """The Works row of the rules that a flow's first packet walks."""
        return self.walks[service] if service >= 0 else -1

    def masquerades(self, connection: "Connection") -> bool:
        """Whether the node that translates a connection's destination also translates its source: as the Service asks
        for it, and where a pod has come to itself."""
        service = connection.service
        return service >= 0 and (bool(self.masks[service]) or connection.server == connection.client)

    def single(self, connection: "Connection") -> int:
        """The endpoint of a connection without translation: the other containers of the caller's pod, the one member,
        or that which the client chooses (of the addresses in a DNS answer)."""
        service, client = connection.service, connection.client
        if service < 0:
            return self.network.plan.endpoint_neighbour[client]
        members = self.members[service]
        if connection.call.per_request:  # the exchange says whom
            return client
        return members[0] if len(members) == 1 else self.pick(service, ~client, client, connection.flow)

    def unknown(self, call: Call) -> bool:
        """Whether a client that connects to endpoints themselves gets no address from DNS."""
        return call.service >= 0 and call.entry == Entry.DIRECT and not self.members[call.service]

    def chooser(self, service: int, who: int) -> Chooser:
        """The memory of one who chooses: a node, or ``~endpoint`` for a client that does it itself."""
        found = self.choosers.get((service, who))
        if found is None:
            found = self.choosers[service, who] = Chooser()
        return found

    def view(self, service: int, node: int) -> tuple[int, ...]:
        """The endpoints among which a node chooses."""
        found = self.views[service].get(node)
        return self.members[service] if found is None else found

    def set_view(self, service: int, node: int, members: tuple[int, ...]) -> None:
        """Change what a node chooses among (``EVERYBODY``: the Service's endpoints as such)."""
        if node == EVERYBODY:
            self.members[service] = members
        else:
            self.views[service][node] = members

    def entry_nodes(self, service: int) -> Sequence[int]:
        """The nodes that clients outside may come to: those given, else behind a balancer those with an endpoint."""
        found = self.entries[service]
        if found is not None:
            return found
        nodes, views = self.network.cluster_nodes, self.views[service]
        return [node for node in nodes if views.get(node, True)]

    def enter(self, connection: "Connection") -> int:
        """The node that a new connection from outside comes to: a random one of those that its client knows, the one
        that the network's hash picks; -1 where a balancer on the way decides."""
        service = connection.service
        if connection.entry == Entry.NODE_PORT:
            nodes = self.entries[service] or self.network.cluster_nodes
            return nodes[pick(remix(connection.flow, ENTRY_NODE), len(nodes))]
        if not self.announced[service]:
            return -1
        known = self.entry_nodes(service) or self.network.cluster_nodes
        return known[source_hash.choose(known, 0, 0, connection.flow, ())]

    def choose(self, connection: "Connection") -> int:
        """An endpoint for a new connection, -1 where the node that translates knows none."""
        node = connection.translator
        server = self.pick(connection.service, node, connection.client, connection.flow)
        if server >= 0:
            connection.chooser = self.chooser(connection.service, node)
            connection.chooser.count(server, 1)
        return server

    def pick(self, service: int, who: int, client: int, flow: int) -> int:
        """The choice of ``who`` (a node, or ``~endpoint``) for a client's flow, -1 where there is nothing to choose."""
        members = self.view(service, who)
        if not members:
            return -1
        chooser, now = self.chooser(service, who), self.network.clock._now
        if self.affinity[service]:
            kept, since = chooser.kept.get(client, (-1, 0))
            if kept in members and now - since <= self.affinity[service]:
                chooser.kept[client] = kept, now
                return kept
        keys = self.network.plan.endpoint_key
        names = [keys[member] for member in members]
        loads = [chooser.load.get(member, 0) for member in members]
        turn = chooser.turn
        chooser.turn += 1
        hashed = keys[client] if self.by_client[service] else flow
        place = self.strategies[service](names, remix(flow, BACKEND), turn, hashed, loads)
        if self.affinity[service]:
            chooser.kept[client] = members[place], now
        return members[place]

    def relation(self, connection: "Connection") -> Relation:
        """Where the server is, seen from the machine that forwards to it."""
        plan = self.network.plan
        if connection.service < 0:
            return Relation.SAME_POD
        forwarder = connection.node(Role.CLIENT) if connection.entry < Entry.NODE_PORT else connection.entry_node
        server = plan.endpoint_node[connection.server]
        if connection.entry == Entry.EGRESS_GATEWAY:
            forwarder, server = connection.node(Role.CLIENT), connection.entry_node
        if forwarder == server:
            return Relation.SAME_NODE
        if forwarder < 0 or plan.subnet[forwarder] < 0:
            return Relation.FROM_OUTSIDE
        if plan.subnet[server] < 0:
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
