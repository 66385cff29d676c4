"""Connections: who talks to whom, which paths their packets take, and the pools that clients keep them in."""

from collections import deque
from typing import TYPE_CHECKING

from netsim.chance import mix, name_key, pick, remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.plan import Call, Path, Route
from netsim.program import Entry, Phase, Role
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.exchange import Exchange
    from netsim.engines.reference.network import Network

FLOW, CLIENT_CORE, SERVER_CORE, ENTRY_NODE = map(name_key, ("flow", "client core", "server core", "entry"))
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
        self.established = self.closed = False
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
        thread = self.threads[role]
        if thread.core is None:
            cores = self.network.nodes[self.node(role)].cores
            thread.core = cores[pick(remix(self.flow, CLIENT_CORE if role == CLIENT else SERVER_CORE), len(cores))]
        return thread.core

    def close(self) -> None:
        """The connection is over; its conntrack entries stay for TIME_WAIT."""
        self.closed = True
        if self.server >= 0:
            self.network.services.opened(self, -1)
        if self.entry == Entry.LOAD_BALANCER and self.entry_node >= 0:
            self.network.balancer.closed(self.entry_node)
        for node, entries in self.tracked.items():
            self.network.nodes[node].forget_later(entries)


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
        number = exchange.luck if self.call.mode == PER_REQUEST else self.opened
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
        """A connection could not be opened or was given up; requests that share it may do so one after the other."""
        if connection.closed:
            return
        self.discard(connection)
        if connection is self.shared:
            self.shared = None
        if self.waiting:
            exchange, since = self.waiting.popleft()
            exchange.mark(Mark.CONNECTION, since, queue=self.network.clock._now - since)
            self.ask(exchange)
