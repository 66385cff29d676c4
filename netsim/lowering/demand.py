"""Demand: traffic and the calls behind it become call trees, clients and arrival times."""

from dataclasses import dataclass, field

from netsim.chance import name_key
from netsim.lowering.arrivals import intended_times
from netsim.lowering.parties import EndpointTable, ServiceTable
from netsim.lowering.paths import Laws
from netsim.lowering.rows import Rows
from netsim.model.cluster import Behaviour, Call, ClosedLoop, OpenLoop, Scenario, Traffic
from netsim.program import Calls, Entry, Groups
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
    groups: Rows[Groups] = field(default_factory=lambda: Rows(Groups))
    traffic: Rows[TrafficRows] = field(default_factory=lambda: Rows(TrafficRows))
    clients: list[int] = field(default_factory=list)
    arrivals: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
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
            call=call,
            first_client=len(self.clients),
            clients=len(clients),
            first=len(self.arrivals),
            arrivals=len(times),
            users=load.users if isinstance(load, ClosedLoop) else 0,
            think=self.laws.add(load.think, TIME_GRAIN) if isinstance(load, ClosedLoop) else -1,
            start=traffic.start,
            key=key,
        )
        self.clients += clients
        self.arrivals += times

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
            key=name_key(name),
        )
