"""The running network: one SimPy process per core, link, tunnel, balancer, pod and source of a Program."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from netsim.engines import Progress
from netsim.engines.reference import edits, order
from netsim.engines.reference.balancer import LoadBalancer
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Clock
from netsim.engines.reference.connection import Connection
from netsim.engines.reference.core import Core
from netsim.engines.reference.fitting import Fitting
from netsim.engines.reference.journey import Journeys
from netsim.engines.reference.link import Link
from netsim.engines.reference.lookup import Resolver
from netsim.engines.reference.node import Node
from netsim.engines.reference.opening import screens_of
from netsim.engines.reference.plan import Call, Plan, Visit
from netsim.engines.reference.pod import Pod
from netsim.engines.reference.pool import Pool
from netsim.engines.reference.ports import Ports
from netsim.engines.reference.presence import Presence
from netsim.engines.reference.recorder import Recorder
from netsim.engines.reference.services import Services
from netsim.engines.reference.station import Stay, Totals
from netsim.engines.reference.streams import source
from netsim.engines.reference.tally import SocketCounts
from netsim.engines.reference.transport import Transport
from netsim.engines.reference.tunnel import Servers, Tunnel
from netsim.engines.reference.watch import Watch
from netsim.program import Kind, Op, Program
from netsim.program_edits import Counters, Edit
from netsim.records import Records

INTERNET_PORTS = 28_232  # Linux's default range, 32768 to 60999
SLICES = 100  # progress reports per run


class Network:
    """All processes of one run and what they share."""

    def __init__(self, program: Program, log: bool, progress: Progress | None) -> None:
        order.check(len(program.names.traffic), len(program.calls.key))
        self.program = program
        self.progress = progress
        self.part = 0  # slices of the run that are over
        self.log: list[Stay] | None = [] if log else None
        self.clock = Clock()
        self.plan = Plan(program)
        self.recorder = Recorder()
        self.journeys = Journeys(self)
        self.transport = Transport(self)
        self.services = Services(self)
        self.presence = Presence(self)
        self.nodes = [Node(self, number) for number in range(len(program.names.nodes))]
        self.node_place: list[int] = program.nodes.place.tolist()
        self.cluster_nodes = [number for number, subnet in enumerate(self.plan.subnet) if subnet >= 0]
        self.place_key = dict(zip(self.node_place, self.plan.node_key, strict=True))
        kinds = program.stations.kind.tolist()
        self.links = {number: Link(self, number) for number, kind in enumerate(kinds) if kind == Kind.LINK}
        self.daemon_of: list[int] = program.nodes.daemon.tolist()
        self.tunnels = {
            number: Tunnel(self, number, self.nodes[self.daemon_of.index(number)])
            for number, kind in enumerate(kinds)
            if kind == Kind.DAEMON and number in self.daemon_of
        }
        self.balancers = {
            number: LoadBalancer(self, number) for number, kind in enumerate(kinds) if kind == Kind.BALANCER
        }
        stations = program.endpoints.station.tolist()
        self.pods = {end: Pod(self, end, station) for end, station in enumerate(stations) if station >= 0}
        self.pools: dict[tuple[int, ...], Pool] = {}
        self.watches: dict[int, Watch] = {}  # by call
        self.resolver = Resolver(self)
        self.fitting = Fitting(self)
        self.sockets = SocketCounts()
        self.screens = [screens_of(program.screens)] * len(self.nodes)
        self.chores = 0
        self.denied = [0] * len(program.names.rules)  # opening packets that policies denied
        self.connections: set[Connection] = set()
        self.port_pools: dict[tuple[int, int], Ports] = {}
        self.sources = [source(self, number, kind) for number, kind in enumerate(program.traffic.kind.tolist())]

    def pool(self, client: int, call: Call, server: int = -1, pair: int = -1) -> Pool:
        """The connections that ``client`` keeps to the target of ``call``, or to the endpoint that it has chosen; those
        that belong to one of its own clients' connections, ``pair``, by themselves."""
        sockets = (call.mode, call.limit, call.keep_alive, call.protocol, call.tls is not None)
        key = (client, call.service, call.entry, server, pair, *sockets)
        found = self.pools.get(key)
        if found is None:
            found = self.pools[key] = Pool(self, client, call, server, pair)
        return found

    def watch(self, call: Call) -> Watch:
        """Who looks after the timeouts of a call."""
        found = self.watches.get(call.number)
        if found is None:
            found = self.watches[call.number] = Watch(self, call)
        return found

    def ports(self, client: int, service: int) -> Ports:
        """The ports that a client has towards one destination."""
        found = self.port_pools.get((client, service))
        if found is None:
            node = self.plan.endpoint_node[client]
            limit = self.nodes[node].ports if node >= 0 else INTERNET_PORTS
            found = self.port_pools[client, service] = Ports(limit)
        return found

    def open_connections(self) -> int:
        """Connections that are neither closed nor given up, counted from those that exist."""
        return len(self.connections)

    def servers_of(self, connection: Connection, visit: Visit) -> Servers:
        """The tunnel daemon or balancer of a visit."""
        if visit.op == Op.BALANCE:
            return self.balancer
        return self.tunnels[self.daemon_of[connection.node(visit.role)]]

    @property
    def balancer(self) -> LoadBalancer:
        """The external load balancer, where the program has one."""
        return next(iter(self.balancers.values()))

    def advance(self, until: int) -> None:
        """Run every event earlier than ``until``, slice by slice."""
        duration = self.program.duration
        while self.part < SLICES and duration * (self.part + 1) // SLICES <= until:
            self.part += 1
            self.clock.advance(duration * self.part // SLICES)
            gc.collect(self.part % 10 == 0)  # what a closed connection leaves behind has cycles
            if self.progress is not None:
                self.progress(self.clock.now, sum(one.visits for one in self.totals()))
        self.clock.advance(until)

    def apply(self, edit: Edit) -> None:
        """Change a table now."""
        edits.apply(self, edit)

    def counters(self) -> Counters:
        """What the pods have done so far, and do now."""
        ends = range(len(self.plan.endpoint_kind))
        pods = [self.pods.get(end) for end in ends]
        return Counters(
            cpu=[pod.worked if pod else 0 for pod in pods],
            requests=[pod.served if pod else 0 for pod in pods],
            active=[len(pod.held) + len(pod.waiting) if pod else 0 for pod in pods],
        )

    def finish(self) -> Records:
        """Run to the end and collect the records."""
        self.advance(self.program.duration)
        for core in self.cores():
            core.close()
        for pod in self.pods.values():
            pod.close()
        for one in self.sources:
            one.close()
        return self.recorder.records(self)

    def cores(self) -> list[Core]:
        """Every core of every node."""
        return [core for node in self.nodes for core in node.cores]

    def totals(self) -> list[Totals]:
        """The sums of every station."""
        found = [
            one.totals for table in (self.links, self.tunnels, self.balancers, self.pods) for one in table.values()
        ]
        for core in self.cores():
            found += [core.soft_totals, core.app_totals]
        return found

    def flying(self) -> list[Burst]:
        """The bursts and trains that are still somewhere: on their way, or in an application lane."""
        found = [event for event in self.clock.pending() if isinstance(event, Burst)]
        for core in self.cores():
            found += [begin.job for begin in core.waiting if isinstance(begin.job, Burst)]
        found += self.transport.held
        for node in self.nodes:
            found += node.workers.done
        return found


@contextmanager
def simulation(program: Program, log: bool, progress: Progress | None) -> Iterator[Network]:
    """A Program that runs on SimPy; the definition of right.

    The cyclic garbage collector rests meanwhile but for a look at every slice: only connections leave cycles behind.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield Network(program, log, progress)
    finally:
        if collecting:
            gc.enable()
