"""Lowering: a Scenario becomes a Program, the only place that sees both nouns and integers."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from netsim import cni, costs, fabric, proxy
from netsim.errors import Problem, ScenarioError
from netsim.headers import TCP_IP, UDP_IP
from netsim.ipam import AddressesExhausted
from netsim.lowering.demand import Demand
from netsim.lowering.machines import BALANCER, INTERNET, FabricTable, MachineTable, StationTable, attached
from netsim.lowering.offload import of_cluster
from netsim.lowering.parties import EndpointTable, ServiceTable
from netsim.lowering.paths import Laws, PathBuilder, PathTables
from netsim.lowering.policed import policed
from netsim.lowering.screens import Screening
from netsim.lowering.segments import Network
from netsim.model.balancer import Balancing
from netsim.model.cluster import Behaviour, Call, Scenario
from netsim.model.datapath import DataPath, Lane
from netsim.model.stages import LB_FORWARD
from netsim.program import Column, Endpoint, Kind, Names, Program


def lower(scenario: Scenario, seed: int) -> Program:
    """The Program of one variant for one seed. Raises ScenarioError where the cluster cannot be built."""
    return Lowering(scenario, seed).program()


class Lowering:
    """One scenario on its way to a Program; the tables fill in the order of the attributes."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        cluster = scenario.cluster
        self.scenario = scenario
        self.seed = seed
        self.cni = cni.load(cluster.cni.plugin)  # type: ignore[attr-defined]
        self.path: DataPath = self.cni.data_path(cluster.cni)
        self.proxy = proxy.load(cluster.proxy.mode)  # type: ignore[attr-defined]
        self.translation = self.proxy.translation(cluster.proxy)
        self.laws = Laws()
        self.profile = costs.load()
        self.stations = StationTable()
        self.build_machines()
        self.build_parties()

    def build_machines(self) -> None:
        """Fabric and machines."""
        cluster = self.scenario.cluster
        nodes = sorted(cluster.nodes, key=lambda one: one.name)
        externals = sorted(cluster.externals, key=lambda one: one.name)
        vias = {traffic.via for traffic in self.scenario.traffic}
        forwards = "loadBalancer" in vias and cluster.load_balancer.balancing is Balancing.FORWARDS
        balanced = cluster.load_balancer.bandwidth if forwards else None
        outside = any(traffic.source == INTERNET for traffic in self.scenario.traffic)
        machines = attached(nodes, externals, balanced, outside)
        topology = fabric.load(cluster.fabric.topology).topology(cluster.fabric, machines)  # type: ignore[attr-defined]
        self.machines = MachineTable(self.stations, self.profile.idle_exit, self.path, self.has_daemon())
        place = {name: number for number, name in enumerate(topology.places)}
        subnets: dict[str, int] = {}
        domain = dict(topology.subnets)
        for node in nodes:
            subnet = node.subnet or domain.get(node.name, "")
            self.machines.add(node, place[node.name], subnets.setdefault(subnet, len(subnets)))
        for external in externals:
            self.machines.add(external, place[external.name], -1)
        self.fabric_table = FabricTable(topology, self.stations)
        self.places = place
        if balanced is not None:
            self.stations.add(
                Kind.BALANCER, BALANCER, BALANCER, servers=cluster.load_balancer.servers, place=place[BALANCER]
            )
        self.fabric = self.fabric_table.done([place[machine.name] for machine in machines])

    def has_daemon(self) -> bool:
        """Whether the CNI tunnels through a user-space process."""
        return any(stage.lane is Lane.DAEMON for stage in self.path.egress)

    def build_parties(self) -> None:
        """Endpoints, paths, Services and demand."""
        scenario, cluster = self.scenario, self.scenario.cluster
        calls = [*inner(*scenario.behaviours), *made(traffic.call for traffic in scenario.traffic)]
        self.endpoints = EndpointTable(scenario, self.machines, self.stations, self.path)
        self.endpoints.add_pods(with_neighbours=any(call.to == "localhost" for call in calls))
        self.endpoints.add_hosts()
        self.assign_addresses()
        self.paths = PathTables(self.profile, self.laws)
        if cluster.load_balancer.work is not None:
            cost = self.profile.stage(LB_FORWARD.name)
            self.paths.overrides[LB_FORWARD.name] = replace(cost, per_burst=0, per_frame=cluster.load_balancer.work)
        self.services = ServiceTable(cluster, self.endpoints, self.paths, (self.proxy, self.translation))
        host = cni.load("host")
        balanced = cluster.load_balancer.balancing is Balancing.FORWARDS
        self.screening = Screening(scenario, self.path.policing, self.endpoints)
        pods = policed(self.path, self.screening.directions)
        network = Network(pods, host.data_path(host.Config()), self.translation, balanced)
        missed = int(self.proxy.rules_walked(self.services.ports, self.services.ports, 0))
        self.routes = PathBuilder(self.paths, network, of_cluster(cluster.nodes), missed).routes()
        self.demand = Demand(scenario, self.laws, self.endpoints, self.services)
        for traffic in sorted(scenario.traffic, key=lambda one: one.name):
            self.demand.add(traffic, self.seed, self.places)
        self.screening.number(self.demand, self.paths)
        self.stations.spare(self.largest_packet())

    def largest_packet(self) -> int:
        """Bytes of the largest IP packet that may come to a link, in a tunnel or not: TCP's segments fit the interfaces
        at both ends, and nothing fragments datagrams."""
        outer = self.path.outer_bytes
        rows = self.endpoints.rows.columns
        ends = sorted(rows["mss"])
        second = ends[-2] if len(ends) > 1 else ends[-1]
        pods = [mss for kind, mss in zip(rows["kind"], rows["mss"], strict=True) if kind == Endpoint.POD]
        wrapped = min(max(pods, default=0), second) + outer
        return max(TCP_IP + max(second, wrapped), self.demand.largest_datagram() + UDP_IP + outer)

    def assign_addresses(self) -> None:
        """Give every pod the address that the CNI's allocator would."""
        cluster = self.scenario.cluster
        allocate = self.cni.allocator(cluster.cni)
        if allocate is None:
            return
        pods = [(pod.path, pod.node) for pod in sorted(cluster.pods, key=lambda one: one.path) if not pod.host_network]
        nodes = {node.name: node.pod_cidr for node in cluster.nodes}
        try:
            addresses = allocate(pods, nodes, cluster.pod_cidr)
        except AddressesExhausted as error:
            raise ScenarioError([Problem(None, "spec.cluster.podCIDR", str(error), "")]) from error
        for pod, address in addresses.items():
            self.endpoints.addresses[self.endpoints.number[pod]] = str(address)

    def program(self) -> Program:
        """The finished tables."""
        scenario, demand, paths = self.scenario, self.demand, self.paths
        return Program(
            scenario=scenario.name,
            variant=scenario.variant,
            cni=scenario.cluster.cni.plugin,  # type: ignore[attr-defined]
            mode=self.cni.mode(scenario.cluster.cni),
            proxy=scenario.cluster.proxy.mode,  # type: ignore[attr-defined]
            seed=self.seed,
            duration=scenario.run.duration,
            quantum=scenario.run.quantum,
            laws=np.array(self.laws.tables),
            arrivals=_column(demand.arrivals),
            clients=_column(demand.clients),
            backends=_column(self.services.backends),
            entries=_column(self.services.entrances.rows),
            stations=self.stations.rows.done(),
            nodes=self.machines.rows.done(),
            fabric=self.fabric,
            stages=paths.stage_rows.done(),
            works=paths.works.done(),
            visits=paths.visits.done(),
            paths=paths.paths.done(),
            routes=self.routes,
            endpoints=self.endpoints.rows.done(),
            services=self.services.rows.done(),
            views=self.services.views.done(),
            screens=self.screening.screens(scenario.cluster.policies),
            tls=self.demand.manners.tls.done(),
            transports=demand.transports.done(),
            calls=demand.calls.done(),
            groups=demand.groups.done(),
            traffic=demand.traffic.done(),
            names=self.names(),
        )

    def names(self) -> Names:
        """What the numbers were called."""
        stages = tuple(self.paths.stage_names)
        costs_of = [self.profile.stage(name) for name in stages]
        return Names(
            stations=tuple(self.stations.names),
            roles=tuple(self.stations.roles),
            groups=tuple(self.stations.groups),
            stages=stages,
            sources=tuple(cost.source for cost in costs_of),
            confidence=tuple(cost.confidence for cost in costs_of),
            visits=tuple(self.paths.visit_names),
            endpoints=tuple(self.endpoints.names),
            nodes=tuple(self.machines.names),
            services=tuple(self.services.names),
            traffic=tuple(sorted(one.name for one in self.scenario.traffic)),
            strategies=tuple(self.services.strategies),
            addresses=tuple(self.endpoints.addresses),
            congestion=tuple(self.demand.congestion),
            rules=tuple(self.screening.rules),
            ports=tuple(self.demand.manners.ports),
            clock=self.profile.clock,
        )


def inner(*behaviours: Behaviour) -> Iterator[Call]:
    """The calls that make up these behaviours, and those behind intermediaries."""
    for behaviour in behaviours:
        yield from made(call for group in behaviour.calls for call in group)


def made(calls: Iterable[Call]) -> Iterator[Call]:
    """These calls, and those that an intermediary makes for them."""
    for call in calls:
        yield call
        if call.behaviour is not None:
            yield from inner(call.behaviour)


def _column(cells: list[int]) -> Column:
    return np.array(cells, dtype=np.int64)
