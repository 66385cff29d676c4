"""Parties: pods, hosts and outside clients become endpoints, Services what calls are addressed to."""

from types import ModuleType

from netsim.chance import name_key
from netsim.costs import StageCost
from netsim.headers import TCP_IP
from netsim.lowering.machines import INTERNET, MachineTable, StationTable
from netsim.lowering.paths import Laws, PathTables
from netsim.lowering.rows import Rows
from netsim.model.cluster import Cluster, Pod, Scenario, Service, Traffic, TrafficPolicy
from netsim.model.datapath import DataPath, Translation
from netsim.program import Endpoint, Endpoints, Entry, Kind, Services

INTERNET_MTU = 1500
TRAVEL_GRAIN = 1000  # ps


class EndpointTable:
    """Everyone who opens or accepts connections, by the names that scenarios use."""

    def __init__(self, scenario: Scenario, machines: MachineTable, stations: StationTable, path: DataPath) -> None:
        self.cluster = scenario.cluster
        self.machines = machines
        self.stations = stations
        self.path = path
        self.rows: Rows[Endpoints] = Rows(Endpoints)
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.number: dict[str, int] = {}
        self.owned: dict[str, list[int]] = {}
        self.concurrency = {one.target: one.concurrency for one in scenario.behaviours}
        self.mtu = {node.name: node.nic.mtu for node in self.cluster.nodes}

    def add(self, name: str, kind: Endpoint, node: int, place: int, **cells: int) -> int:
        """An endpoint; cells that are not given are -1."""
        row = {"station": -1, "travel": -1, "neighbour": -1} | cells
        self.names.append(name)
        self.addresses.append("")
        self.number[name] = self.rows.add(kind=kind, node=node, place=place, key=name_key(name), **row)
        return self.number[name]

    def workers(self, name: str, servers: int) -> int:
        """A station for the requests that an endpoint serves; ``servers`` is -1 without limit."""
        return self.stations.add(Kind.POD, name, name, servers=servers)

    def add_pods(self, with_neighbours: bool) -> None:
        """The pods in the order of their names, each with one more endpoint for its other containers if asked to."""
        for pod in sorted(self.cluster.pods, key=lambda one: one.path):
            neighbour = self.add_pod(pod, f"{pod.path}:localhost", -1) if with_neighbours else -1
            end = self.add_pod(pod, pod.path, neighbour)
            self.number[f"pod/{pod.path}"] = end
            self.owned.setdefault(pod.owner, []).append(end)

    def add_pod(self, pod: Pod, name: str, neighbour: int) -> int:
        """One endpoint of a pod."""
        node = self.machines.number[pod.node]
        on_host = pod.host_network or self.path.pods_on_host_network
        mtu = self.mtu[pod.node] if on_host else self.path.pod_mtu(self.mtu[pod.node])
        servers = self.concurrency.get(pod.owner, 64) if name == pod.path else -1
        return self.add(
            name,
            Endpoint.HOST if on_host else Endpoint.POD,
            node,
            self.machines.rows.columns["place"][node],
            station=self.workers(name, servers),
            mss=mtu - TCP_IP,
            neighbour=neighbour,
        )

    def add_hosts(self) -> None:
        """The nodes' own sockets and the machines outside."""
        for node in self.cluster.nodes:
            self.add_host(f"node/{node.name}", node.name, node.nic.mtu)
        for one in self.cluster.externals:
            self.add_host(f"external/{one.name}", one.name, one.nic.mtu)

    def add_host(self, name: str, machine: str, mtu: int) -> None:
        """The host network of one machine."""
        node = self.machines.number[machine]
        place = self.machines.rows.columns["place"][node]
        self.add(name, Endpoint.HOST, node, place, station=self.workers(name, -1), mss=mtu - TCP_IP)

    def clients(self, traffic: Traffic, laws: Laws, places: dict[str, int]) -> list[int]:
        """The endpoints that a traffic source sends from."""
        if traffic.source == INTERNET:
            travel = laws.add(traffic.travel, TRAVEL_GRAIN)
            place = places[INTERNET]
            return [
                self.add(
                    f"{traffic.name}/client{number}",
                    Endpoint.INTERNET,
                    -1,
                    place,
                    travel=travel,
                    mss=INTERNET_MTU - TCP_IP,
                )
                for number in range(traffic.clients)
            ]
        return self.owned[traffic.source] if traffic.source in self.owned else [self.number[traffic.source]]


class ServiceTable:
    """What calls are addressed to: a row per target and way in."""

    def __init__(
        self, cluster: Cluster, endpoints: EndpointTable, paths: PathTables, proxy: tuple[ModuleType, Translation]
    ) -> None:
        self.endpoints = endpoints
        self.paths = paths
        self.proxy, self.translation = proxy
        self.services = {service.path: service for service in cluster.services}
        self.position = self.positions(cluster.services)
        self.ports = sum(max(1, len(service.ports)) for service in cluster.services)
        self.rows: Rows[Services] = Rows(Services)
        self.names: list[str] = []
        self.backends: list[int] = []
        self.strategies = [cluster.load_balancer.strategy]
        self.known: dict[tuple[str, Entry], int] = {}

    @staticmethod
    def positions(services: tuple[Service, ...]) -> dict[str, int]:
        """How many Service ports stand before each Service in kube-proxy's rules (in the order of names)."""
        found, before = {}, 0
        for service in sorted(services, key=lambda one: one.path):
            found[service.path] = before
            before += max(1, len(service.ports))
        return found

    def row(self, target: str, entry: Entry) -> int:
        """The row of a target: ``svc/ns/name``, ``pod/ns/name``, ``node/name`` or ``external/name``."""
        known = self.known.get((target, entry))
        if known is not None:
            return known
        kind, _, name = target.partition("/")
        service = self.services[name] if kind == "svc" else None
        members = (
            [self.endpoints.number[f"pod/{path}"] for path in service.endpoints]
            if service
            else [self.endpoints.number[target]]
        )
        first = len(self.backends)
        self.backends += members
        self.names.append(target)
        row = self.rows.add(
            first=first,
            members=len(members),
            strategy=self.strategy(self.translation.strategy),
            walk=self.walk(service, entry),
            local=int(service is not None and service.external_policy == TrafficPolicy.LOCAL),
            masquerades=int(self.masquerades(service, entry)),
            key=name_key(target),
        )
        self.known[target, entry] = row
        return row

    def strategy(self, name: str) -> int:
        """The number of a balancing strategy."""
        if name not in self.strategies[1:]:
            self.strategies.append(name)
        return self.strategies.index(name, 1)

    def rules(self, service: Service, entry: Entry) -> int:
        """Rules that the first packet of a flow walks up to its Service's and through it."""
        if entry == Entry.CLUSTER_IP:
            return int(self.proxy.rules_walked(self.position[service.path], self.ports, len(service.endpoints)))
        node_ports = sorted(port for one in self.services.values() for port in one.node_ports)
        mine = min(service.node_ports, default=0)
        return int(self.proxy.entry_rules(sum(port < mine for port in node_ports), self.ports, len(service.endpoints)))

    @staticmethod
    def masquerades(service: Service | None, entry: Entry) -> bool:
        """Whether the entry node translates the source too."""
        outside = service is not None and entry not in (Entry.DIRECT, Entry.CLUSTER_IP)
        return outside and service is not None and service.external_policy == TrafficPolicy.CLUSTER

    def walk(self, service: Service | None, entry: Entry) -> int:
        """The Works row of what a flow's first packet meets for this Service alone, -1 for nothing: the rules that
        it walks, and on an entry node the masquerading that externalTrafficPolicy Cluster asks for."""
        met: list[tuple[str, StageCost]] = []
        if service is None:
            return -1
        if self.translation.rule is not None:
            met.append(self.paths.repeated(self.translation.rule, self.rules(service, entry)))
        if self.masquerades(service, entry):
            name = self.translation.masquerade.name
            met.append((name, self.paths.profile.stage(name)))
        return self.paths.work(met) if met else -1
