"""Demand: traffic and the calls behind it become call trees, clients and arrival times."""

from dataclasses import dataclass, field

from netsim.chance import name_key
from netsim.lowering.arrivals import intended_times
from netsim.lowering.entrances import DENIED, entry_of, kept_out
from netsim.lowering.manners import Manners
from netsim.lowering.parties import EndpointTable, ServiceTable
from netsim.lowering.paths import Laws
from netsim.lowering.rows import Rows
from netsim.model.cluster import Behaviour, Call, Scenario, Traffic
from netsim.model.load import Bulk, ClosedLoop, Datagrams, Load, OpenLoop, Transactions
from netsim.model.transport import Transport
from netsim.program import Calls, Entry, Groups, Protocol, TrafficKind, Transports
from netsim.program import Traffic as TrafficRows

MODES = {"perRequest": 0, "pooled": 1, "persistent": 2, "perGroup": 3}
TIME_GRAIN = 1000  # ps
LOCALHOST = "localhost"


@dataclass
class Demand:
    """Call trees and traffic under construction."""

    scenario: Scenario
    laws: Laws
    endpoints: EndpointTable
    services: ServiceTable
    calls: Rows[Calls] = field(default_factory=lambda: Rows(Calls))
    transports: Rows[Transports] = field(default_factory=lambda: Rows(Transports))
    groups: Rows[Groups] = field(default_factory=lambda: Rows(Groups))
    traffic: Rows[TrafficRows] = field(default_factory=lambda: Rows(TrafficRows))
    clients: list[int] = field(default_factory=list)
    arrivals: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known_transports: dict[Transport, int] = {}
        self.congestion: list[str] = []
        self.manners = Manners(self.scenario.cluster, self.services, self.services.paths.profile)
        self.behaviours = {one.target: one for one in self.scenario.behaviours}
        self.owner = {pod.path: pod.owner for pod in self.scenario.cluster.pods}

    def add(self, traffic: Traffic, seed: int, places: dict[str, int]) -> None:
        """One stream with its whole call tree."""
        call = self.tree(traffic)
        clients = self.endpoints.clients(traffic, self.laws, places)
        key = name_key(f"traffic/{traffic.name}")
        load = traffic.load
        end = self.scenario.run.duration
        times = intended_times(load, traffic.start, end, seed, key) if isinstance(load, OpenLoop) else []
        self.traffic.add(
            kind=kind_of(load),
            call=call,
            first_client=len(self.clients),
            clients=len(clients),
            first=len(self.arrivals),
            arrivals=len(times),
            users=users_of(load),
            think=self.laws.add(load.think, TIME_GRAIN) if isinstance(load, ClosedLoop) else -1,
            start=traffic.start,
            stop=stop_of(load, traffic.start),
            interval=load.interval if isinstance(load, Datagrams) else 0,
            key=key,
        )
        self.clients += clients
        self.arrivals += times

    def largest_datagram(self) -> int:
        """Bytes of payload of the largest datagram that is sent."""
        calls = self.calls.columns
        rows = zip(calls["protocol"], calls["request"], calls["response"], strict=True)
        laws = {law for protocol, *sizes in rows if protocol == Protocol.UDP for law in sizes}
        streams = zip(self.traffic.columns["kind"], self.traffic.columns["call"], strict=True)
        laws |= {calls["request"][call] for kind, call in streams if kind == TrafficKind.DATAGRAMS}
        return max((int(self.laws.tables[law].max()) for law in laws), default=0)

    def tree(self, traffic: Traffic) -> int:
        """The call tree of a stream, level by level: the calls of a group stand together, behind their caller."""
        cluster = self.scenario.cluster
        entry = entry_of(traffic.call, traffic.via, cluster)
        row = self.service(traffic.call, entry, DENIED if kept_out(traffic, cluster) else "")
        root = self.place(traffic.call, (entry, row), f"call/{traffic.name}")
        level = [(root, traffic.call, f"call/{traffic.name}")]
        while level:
            following = []
            for row, call, path in level:
                behaviour = self.behaviour(call)
                groups = behaviour.calls if behaviour else ()
                for first, count, found, inner in (
                    ("first_group", "groups", groups, path),
                    ("first_lookup", "lookups", call.lookups, f"{path}/lookup"),
                ):
                    self.calls.columns[first][row] = len(self.groups)
                    self.calls.columns[count][row] = len(found)
                    following += self.grouped(found, inner)
                if behaviour is not None and behaviour.one_of:
                    self.choose_one(self.calls.columns["first_group"][row], len(groups))
            level = following
        return root

    def grouped(self, groups: tuple[tuple[Call, ...], ...], path: str) -> list[tuple[int, Call, str]]:
        """Groups of calls, each of which stands together: their rows and names."""
        found: list[tuple[int, Call, str]] = []
        for group in groups:
            self.groups.add(first=len(self.calls), calls=len(group))
            for child in group:
                name = f"{path}/{len(found)}"
                entry = entry_of(child, None, self.scenario.cluster)
                found.append((self.place(child, (entry, self.service(child, entry)), name), child, name))
        return found

    def choose_one(self, first: int, count: int) -> None:
        """Of each of ``count`` groups from ``first`` one call is made: each has a part of one draw."""
        columns, groups = self.calls.columns, self.groups.columns
        for group in range(first, first + count):
            before = 0
            for row in range(groups["first"][group], groups["first"][group] + groups["calls"][group]):
                columns["after"][row] = before
                before += columns["probability"][row]

    def service(self, call: Call, entry: Entry, way: str = "") -> int:
        """The row of Services that a call is addressed to, -1 for the caller's own pod."""
        if call.to == LOCALHOST:
            return -1
        chooses = call.per_request or (entry == Entry.DIRECT and call.via == "loadBalancer")
        return self.services.row(call.to, entry, way or call.via or "", call.strategy if chooses else None)

    def behaviour(self, call: Call) -> Behaviour | None:
        """How the called workload works; None where the scenario does not say."""
        if call.behaviour is not None or call.to == LOCALHOST:
            return call.behaviour
        kind, _, name = call.to.partition("/")
        if kind == "svc":
            name = self.services.services[name].endpoints[0]
        return self.behaviours.get(self.owner.get(name, call.to)) or self.behaviours.get(call.to)

    def place(self, call: Call, target: tuple[Entry, int], name: str) -> int:
        """One place in a call tree; ``target`` is its way in and its row of Services."""
        entry, service = target
        behaviour = self.behaviour(call)
        use = call.connections
        return self.calls.add(
            service=service,
            entry=entry,
            request=self.laws.add(call.request),
            response=self.laws.add(call.response),
            probability=call.probability,
            mode=MODES[use.mode],
            limit=use.limit,
            keep_alive=use.keep_alive,
            service_time=self.laws.add(behaviour.service_time if behaviour else None, TIME_GRAIN),
            cpu_time=self.laws.add(behaviour.cpu_time if behaviour else None, TIME_GRAIN),
            first_group=0,
            groups=0,
            transport=self.transport(call.transport),
            closer=int(use.closed_by == "server"),
            first_lookup=0,
            lookups=0,
            key=name_key(name),
            **self.manners.cells(call, entry),
        )

    def transport(self, chosen: Transport) -> int:
        """The row of a kind of TCP socket."""
        known = self.known_transports.get(chosen)
        if known is not None:
            return known
        if chosen.congestion_control not in self.congestion:
            self.congestion.append(chosen.congestion_control)
        row = self.transports.add(
            congestion=self.congestion.index(chosen.congestion_control),
            ecn=int(chosen.ecn),
            initial_window=chosen.initial_window,
            receive_window=chosen.receive_window,
            delayed_ack=chosen.delayed_ack,
            rack=int(chosen.loss_detection == "rack"),
            idle_restart=int(chosen.slow_start_after_idle),
            hystart=int(chosen.hystart),
            discovery=int(chosen.path_mtu_discovery),
        )
        self.known_transports[chosen] = row
        return row


KINDS = {Bulk: TrafficKind.BULK, Datagrams: TrafficKind.DATAGRAMS, Transactions: TrafficKind.TRANSACTIONS}


def kind_of(load: Load) -> TrafficKind:
    """What a stream of traffic does."""
    return KINDS.get(type(load), TrafficKind.REQUESTS)


def users_of(load: Load) -> int:
    """Users, processes or streams; 0 for an open loop."""
    if isinstance(load, ClosedLoop):
        return load.users
    if isinstance(load, Transactions):
        return load.processes
    return 0 if isinstance(load, OpenLoop) else load.streams


def stop_of(load: Load, start: int) -> int:
    """When its sending ends, -1 with the run."""
    limited = isinstance(load, Bulk | Datagrams) and load.duration is not None
    return start + load.duration if limited else -1  # type: ignore[operator, union-attr]
