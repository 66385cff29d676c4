"""Demand: traffic and the calls behind it become call trees, clients and arrival times."""

from dataclasses import dataclass, field

from netsim.chance import name_key
from netsim.lowering.arrivals import intended_times
from netsim.lowering.parties import EndpointTable, ServiceTable
from netsim.lowering.paths import Laws
from netsim.lowering.rows import Rows
from netsim.model.cluster import (
    Behaviour,
    Bulk,
    Call,
    ClosedLoop,
    Datagrams,
    Load,
    OpenLoop,
    Scenario,
    Traffic,
    Transactions,
)
from netsim.model.transport import Transport
from netsim.program import Calls, Entry, Groups, TrafficKind, Transports
from netsim.program import Traffic as TrafficRows

MODES = {"perRequest": 0, "pooled": 1, "persistent": 2}
ENTRIES = {"nodePort": Entry.NODE_PORT, "loadBalancer": Entry.LOAD_BALANCER}
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
        found = [one.call.request for one in self.scenario.traffic if isinstance(one.load, Datagrams)]
        return max((int(self.laws.tables[self.laws.add(law)].max()) for law in found), default=0)

    def tree(self, traffic: Traffic) -> int:
        """The call tree of a stream, level by level: the calls of a group stand together, behind their caller."""
        entry = self.entry(traffic.call) if traffic.via is None else ENTRIES[traffic.via]
        root = self.place(traffic.call, entry, f"call/{traffic.name}")
        level = [(root, traffic.call, f"call/{traffic.name}")]
        while level:
            following = []
            for row, call, path in level:
                behaviour = self.behaviour(call)
                groups = behaviour.calls if behaviour else ()
                self.calls.columns["first_group"][row] = len(self.groups)
                self.calls.columns["groups"][row] = len(groups)
                number = 0
                for group in groups:
                    self.groups.add(first=len(self.calls), calls=len(group))
                    for child in group:
                        name = f"{path}/{number}"
                        following.append((self.place(child, self.entry(child), name), child, name))
                        number += 1
            level = following
        return root

    @staticmethod
    def entry(call: Call) -> Entry:
        """How a pod or host comes to the target of a call."""
        return Entry.CLUSTER_IP if call.to.startswith("svc/") else Entry.DIRECT

    def behaviour(self, call: Call) -> Behaviour | None:
        """How the called workload works; None where the scenario does not say."""
        if call.to == LOCALHOST:
            return None
        kind, _, name = call.to.partition("/")
        if kind == "svc":
            name = self.services.services[name].endpoints[0]
        return self.behaviours.get(self.owner.get(name, call.to)) or self.behaviours.get(call.to)

    def place(self, call: Call, entry: Entry, name: str) -> int:
        """One place in a call tree."""
        behaviour = self.behaviour(call)
        use = call.connections
        return self.calls.add(
            service=-1 if call.to == LOCALHOST else self.services.row(call.to, entry),
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
            key=name_key(name),
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
