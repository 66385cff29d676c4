"""Connections: who talks to whom, which paths their packets take, and the pools that clients keep them in."""

from collections import deque
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from netsim.chance import mix, name_key, pick, remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.plan import Call, Path, Route
from netsim.program import Entry, Phase, Relation, Role
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.exchange import Exchange
    from netsim.engines.reference.network import Network

FLOW, CLIENT_CORE, SERVER_CORE, BACKEND, ENTRY_NODE = map(
    name_key, ("flow", "client core", "server core", "backend", "entry")
)
PER_REQUEST, POOLED, PERSISTENT = 0, 1, 2
CLIENT, SERVER = int(Role.CLIENT), int(Role.SERVER)  # plain numbers: these are compared for every packet


class Thread:
    """One side of a connection: the thread that owns its socket works on one core at a time, in order."""

    __slots__ = ("core", "jobs")

    def __init__(self) -> None:
        self.core: Core | None = None
        self.jobs = 0  # of this thread, in the core's application lane


class Connection:
    """One TCP connection between a client endpoint and, once resolved, a server endpoint.

    ``flow`` are the bits that RSS, ECMP and balancers hash; they come from names, so variants share them.
    """

    def __init__(self, network: "Network", client: int, call: Call, number: int) -> None:
        self.network = network
        self.client = client
        self.service = call.service
        self.entry = call.entry
        self.flow = mix(
            network.program.seed, network.plan.endpoint_key[client] ^ network.services.key(call), FLOW, number
        )
        self.server = -1
        self.entry_node = -1
        self.client_place = network.plan.endpoint_place[client]
        self.server_place = -1
        self.walk = network.services.walk(call.service)
        self.tracked: dict[int, int] = {}
        self.core: Core | None = None  # where the SYN was handled
        self.threads = {CLIENT: Thread(), SERVER: Thread()}
        self.last_used = 0
        self.established = False
        self.route: Route = network.services.provisional_route(self)
        if call.entry == Entry.NODE_PORT:
            nodes = network.cluster_nodes
            self.entry_node = nodes[pick(remix(self.flow, ENTRY_NODE), len(nodes))]
        if call.entry == Entry.DIRECT:
            self.settle(network.services.single(self))

    def settle(self, server: int) -> None:
        """Fix the server, and with it the paths."""
        self.server = server
        self.server_place = self.network.plan.endpoint_place[server]
        self.network.services.opened(self, 1)
        self.route = self.network.services.route(self)

    def resolve(self, burst: Burst) -> bool:
        """Translate the Service address of an opening packet; False when no endpoint may be chosen here."""
        if self.server < 0:
            server = self.network.services.choose(self)
            if server < 0:
                return False
            self.settle(server)
        burst.visits = self.route.paths[Phase.SYN].visits  # a SYN that is sent again starts on the provisional route
        return True

    def node(self, role: int) -> int:
        """The node of a party, -1 where it has none."""
        if role == Role.ENTRY:
            return self.entry_node
        return self.network.plan.endpoint_node[self.client if role == Role.CLIENT else self.server]

    def place(self, role: int) -> int:
        """The fabric place of a party."""
        if role == CLIENT:
            return self.client_place
        if role == SERVER:
            return self.server_place
        return self.network.plan.balancer_place if role == Role.BALANCER else self.network.node_place[self.entry_node]

    def mss(self, path: Path) -> int:
        """TCP payload in bytes of a full frame on a path: what the smaller interface allows, unless the path says."""
        if path.mss or self.server < 0:
            return path.mss or 1
        sizes = self.network.plan.endpoint_mss
        return min(sizes[self.client], sizes[self.server])

    def home_core(self, role: int) -> "Core":
        """The core on which the party's thread was last, where it wakes up when that core is idle."""
        cores = self.network.nodes[self.node(role)].cores
        return cores[pick(remix(self.flow, CLIENT_CORE if role == CLIENT else SERVER_CORE), len(cores))]

    def close(self) -> None:
        """The connection is over; its conntrack entries stay for TIME_WAIT."""
        if self.server >= 0:
            self.network.services.opened(self, -1)
        for node, entries in self.tracked.items():
            self.network.nodes[node].forget_later(entries)


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
        self.keys: list[int] = services.key.tolist()
        self.turns = [0] * len(self.members)
        self.open = [dict.fromkeys(members, 0) for members in self.members]
        self.on_node: dict[tuple[int, int], list[int]] = {}

    def key(self, call: Call) -> int:
        """The key of a call's target, for draws."""
        return self.keys[call.service] if call.service >= 0 else call.key

    def walk(self, service: int) -> int:
        """The Works row of the rules that a flow's first packet walks."""
        return self.walks[service] if service >= 0 else -1

    def single(self, connection: Connection) -> int:
        """The only endpoint: the other containers of the caller's pod, or the one member."""
        if connection.service < 0:
            return self.network.plan.endpoint_neighbour[connection.client]
        return self.members[connection.service][0]

    def opened(self, connection: Connection, change: int) -> None:
        """Count the open connections of a server."""
        if connection.service >= 0:
            self.open[connection.service][connection.server] += change

    def local_members(self, service: int, node: int) -> list[int]:
        """The endpoints of a Service that run on ``node``."""
        found = self.on_node.get((service, node))
        if found is None:
            nodes = self.network.plan.endpoint_node
            found = self.on_node[service, node] = [member for member in self.members[service] if nodes[member] == node]
        return found

    def choose(self, connection: Connection) -> int:
        """An endpoint for a new connection, -1 where the traffic policy leaves none."""
        service = connection.service
        members = self.members[service]
        if self.local[service] and connection.entry >= Entry.NODE_PORT:
            members = self.local_members(service, connection.entry_node)
        if not members:
            return -1
        loads = [self.open[service][member] for member in members]
        turn = self.turns[service]
        self.turns[service] += 1
        bits = remix(connection.flow, BACKEND)
        return members[self.strategies[service](len(members), bits, turn, connection.flow, loads)]

    def relation(self, connection: Connection) -> Relation:
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

    def route(self, connection: Connection) -> Route:
        """The paths between the parties of a resolved connection."""
        plan = self.network.plan
        client, server = plan.endpoint_kind[connection.client], plan.endpoint_kind[connection.server]
        return plan.routes[plan.route_index[connection.entry][client][server][self.relation(connection)]]

    def provisional_route(self, connection: Connection) -> Route:
        """Some route of this client and entry: all share their steps up to the one that translates."""
        plan = self.network.plan
        rows = plan.route_index[connection.entry][plan.endpoint_kind[connection.client]]
        return plan.routes[max(max(row) for row in rows)]


class Pool:
    """The connections of one client to one target."""

    def __init__(self, network: "Network", client: int, call: Call) -> None:
        self.network = network
        self.client = client
        self.call = call
        self.idle: list[Connection] = []
        self.open = 0
        self.opened = 0
        self.waiting: deque[tuple[Exchange, int]] = deque()
        self.shared: Connection | None = None

    def ask(self, exchange: "Exchange") -> None:
        """Give an exchange a connection: an idle one, a new one, or the next that comes free."""
        now = self.network.clock._now
        if self.call.mode == PERSISTENT:
            self.ask_shared(exchange, now)
            return
        while self.idle:
            connection = self.idle.pop()
            if now - connection.last_used <= self.call.keep_alive:
                self.network.transport.start(exchange, connection, Phase.REQUEST)
                return
            self.discard(connection)
        if self.call.mode == PER_REQUEST or self.open < self.call.limit:
            self.connect(exchange)
        else:
            self.waiting.append((exchange, now))

    def ask_shared(self, exchange: "Exchange", now: int) -> None:
        """All requests of a client go over its one connection, as soon as that is established."""
        if self.shared is None:
            self.shared = self.connect(exchange)
        elif self.shared.established:
            self.network.transport.start(exchange, self.shared, Phase.REQUEST)
        else:
            self.waiting.append((exchange, now))

    def connect(self, exchange: "Exchange") -> Connection:
        """Open a new connection for an exchange; its handshake is part of the exchange's latency."""
        root = exchange.root
        number = root.index << 12 | exchange.call.number if self.call.mode == PER_REQUEST else self.opened
        connection = Connection(self.network, self.client, self.call, number)
        self.open += 1
        self.opened += 1
        exchange.connecting = self.network.clock._now
        self.network.transport.start(exchange, connection, Phase.SYN)
        return connection

    def established(self, connection: Connection) -> None:
        """The handshake is over: those who waited for the shared connection go."""
        connection.established = True
        if connection is self.shared:
            while self.waiting:
                self.serve(connection)

    def serve(self, connection: Connection) -> None:
        """Give the connection to the one who has waited longest."""
        exchange, since = self.waiting.popleft()
        exchange.mark(Mark.CONNECTION, since, queue=self.network.clock._now - since)
        self.network.transport.start(exchange, connection, Phase.REQUEST)

    def release(self, connection: Connection) -> None:
        """The exchange that had the connection to itself is over."""
        if self.call.mode == PERSISTENT:
            return
        if self.call.mode == PER_REQUEST:
            self.discard(connection)
        elif self.waiting:
            self.serve(connection)
        else:
            connection.last_used = self.network.clock._now
            self.idle.append(connection)

    def discard(self, connection: Connection) -> None:
        """Close a connection; one who waits for a place opens another."""
        self.open -= 1
        connection.close()

    def failed(self, connection: Connection) -> None:
        """A connection could not be opened or was given up."""
        self.discard(connection)
        if connection is self.shared:
            self.shared = None
        if self.waiting:
            exchange, since = self.waiting.popleft()
            exchange.mark(Mark.CONNECTION, since, queue=self.network.clock._now - since)
            self.ask(exchange)
