"""Parties: pods, hosts and outside clients become endpoints, Services what calls are addressed to."""

from bisect import bisect_left
from types import ModuleType

from netsim.chance import name_key
from netsim.costs import StageCost
from netsim.headers import TCP_IP
from netsim.lowering.entrances import NODE_ENTRIES, Entrances
from netsim.lowering.machines import INTERNET, MachineTable, StationTable
from netsim.lowering.paths import Laws, PathTables
from netsim.lowering.rows import Rows
from netsim.lowering.views import Backend, Numbers, members_of, site, views_of
from netsim.model.cluster import Cluster, Pod, Scenario, Service, Traffic, TrafficPolicy
from netsim.model.datapath import DataPath, Translation
from netsim.program import Endpoint, Endpoints, Entry, Kind, Services, Views

INTERNET_MTU = 1500
OWN_NODE = "node"  # what a call to the host of the caller is addressed to
PORTMAP_RULES = 3  # containernetworking/plugins meta/portmap: CNI-HOSTPORT-DNAT, the pod's chain, its DNAT
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
        row = {"station": -1, "travel": -1, "neighbour": -1, "identity": -1} | cells
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
        self.in_tc = any(stage.translates for stage in endpoints.path.egress)  # the CNI itself, for its pods
        self.sites = [site(endpoints.machines.number[node.name], node) for node in cluster.nodes]
        self.services = {service.path: service for service in cluster.services}
        self.position = self.positions(cluster.services)
        self.ports = sum(map(addresses_of, cluster.services))
        self.node_ports = sorted(port for service in cluster.services for port in service.node_ports)
        self.rows: Rows[Services] = Rows(Services)
        self.names: list[str] = []
        self.backends: list[int] = []
        self.views: Rows[Views] = Rows(Views)
        self.entrances = Entrances(cluster, endpoints.machines)
        self.balancer = cluster.load_balancer
        self.strategies = [cluster.load_balancer.strategy]
        self.known: dict[tuple[str, Entry, str, str | None], int] = {}
        self.spans: dict[Numbers, int] = {}

    @staticmethod
    def positions(services: tuple[Service, ...]) -> dict[str, int]:
        """How many addresses stand before each Service in kube-proxy's rules (in the order of names)."""
        found, before = {}, 0
        for service in sorted(services, key=lambda one: one.path):
            found[service.path] = before
            before += addresses_of(service)
        return found

    def row(self, target: str, entry: Entry, way: str = "", strategy: str | None = None) -> int:
        """The row of a target: ``svc/ns/name``, ``pod/ns/name``, ``node/name`` or ``external/name``. ``way`` tells
        apart what comes by one Entry: the egress gateway's name, or who is kept out. With ``strategy`` the caller
        itself chooses among the pods of a Service, whose own addresses it connects to (Entry.DIRECT)."""
        known = self.known.get((target, entry, way, strategy))
        if known is not None:
            return known
        kind, _, name = target.partition("/")
        service = self.services[name] if kind == "svc" else None
        backends = self.backends_of(target, service)
        members = members_of(service, backends) if service else (backends[0].number,)
        translated = service is not None and entry in (Entry.CLUSTER_IP, *NODE_ENTRIES)
        views = self.views_of(service, entry, backends)
        if target == OWN_NODE:
            members, views = tuple(one.number for one in backends), {one.node: (one.number,) for one in backends}
        self.names.append(target)
        row = self.rows.add(
            first=self.span(members),
            members=len(members),
            views=self.add_views(views, members),
            strategy=self.strategy(strategy or self.strategy_of(service, entry)),
            walk=self.walk(service, entry, views),
            masquerades=int(self.masquerades(service, entry)),
            by_client=int(self.translation.by_client and self.by_proxy(entry)),
            affinity=service.affinity if service and translated else 0,
            hairpin=int(self.endpoints.path.hairpin or not translated),
            key=name_key(target),
            **self.entrances.columns(target, entry, way),
        )
        self.known[target, entry, way, strategy] = row
        return row

    def backends_of(self, target: str, service: Service | None) -> list[Backend]:
        """The endpoints at the beginning, all of them ready."""
        names = [f"pod/{path}" for path in service.endpoints] if service else [target]
        if target == OWN_NODE:
            names = [f"node/{node.name}" for node in self.endpoints.cluster.nodes]
        nodes = self.endpoints.rows.columns["node"]
        return [Backend(number, nodes[number]) for number in map(self.endpoints.number.__getitem__, names)]

    def span(self, numbers: Numbers) -> int:
        """Where these stand in Program.backends."""
        if numbers not in self.spans:
            self.spans[numbers] = len(self.backends)
            self.backends += numbers
        return self.spans[numbers]

    def views_of(self, service: Service | None, entry: Entry, backends: list[Backend]) -> dict[int, Numbers]:
        """What each node chooses among; nothing where all choose among the same."""
        if entry == Entry.HOST_PORT:
            return {one.node: tuple(end.number for end in backends if end.node == one.node) for one in self.sites}
        if service is None or entry not in (Entry.CLUSTER_IP, *NODE_ENTRIES):
            return {}
        return views_of(service, entry in NODE_ENTRIES, backends, self.sites)

    def add_views(self, views: dict[int, Numbers], members: Numbers) -> int:
        """The first of the rows that say what each node chooses among; -1 where all choose among ``members``."""
        if not views:
            return -1
        first = len(self.views)
        for node in range(len(self.endpoints.machines.names)):
            view = views.get(node, members)
            self.views.add(first=self.span(view), members=len(view))
        return first

    def by_proxy(self, entry: Entry) -> bool:
        """Whether kube-proxy translates for those who come in this way, or what stands for it in the CNI."""
        return entry in NODE_ENTRIES or (entry == Entry.CLUSTER_IP and not self.in_tc)

    def strategy_of(self, service: Service | None, entry: Entry) -> str:
        """How an endpoint is chosen. CoreDNS shuffles the addresses of a headless Service (plugin/loadbalance), and
        Cilium's tc program chooses at random."""
        if entry == Entry.BALANCED_POD:
            return self.balancer.strategy
        if service is not None and not self.by_proxy(entry):
            return "random"
        outside = self.translation.outside if entry in NODE_ENTRIES else None
        return outside or self.translation.strategy

    def strategy(self, name: str) -> int:
        """The number of a balancing strategy."""
        if name not in self.strategies[1:]:
            self.strategies.append(name)
        return self.strategies.index(name, 1)

    def rules(self, service: Service, entry: Entry, endpoints: int) -> int:
        """Rules that the first packet of a flow walks up to its Service's and through it."""
        if entry == Entry.CLUSTER_IP:
            return int(self.proxy.rules_walked(self.position[service.path], self.ports, endpoints))
        mine = min(service.node_ports, default=0)
        return int(self.proxy.entry_rules(bisect_left(self.node_ports, mine), self.ports, endpoints))

    def masquerades(self, service: Service | None, entry: Entry) -> bool:
        """Whether the node that translates the destination translates the source too; an entry node does not whose
        pods' nodes answer themselves."""
        if service is None or not self.by_proxy(entry):
            return False
        if entry == Entry.CLUSTER_IP:
            return self.translation.masquerade_all
        if self.endpoints.path.direct_return is not None:
            return False
        return service.external_policy == TrafficPolicy.CLUSTER or self.translation.relays

    def walk(self, service: Service | None, entry: Entry, views: dict[int, Numbers]) -> int:
        """The Works row of what a flow's first packet meets for this Service alone, -1 for nothing: the rules that
        it walks, and the masquerading where it is asked for."""
        met: list[tuple[str, StageCost]] = []
        if entry == Entry.HOST_PORT and self.translation.rule is not None:
            missed = int(self.proxy.rules_walked(self.ports, self.ports, 0))
            return self.paths.work([self.paths.repeated(self.translation.rule, missed + PORTMAP_RULES)])
        if service is None or not self.by_proxy(entry):
            return -1
        if self.translation.rule is not None:
            sizes = [len(view) for view in views.values() if view] or [len(service.endpoints)]
            rules = self.rules(service, entry, -(-sum(sizes) // len(sizes)))
            met.append(self.paths.repeated(self.translation.rule, rules))
        if self.masquerades(service, entry) and not self.translation.relays:
            name = self.translation.masquerade.name
            met.append((name, self.paths.profile.stage(name)))
        return self.paths.work(met) if met else -1


def addresses_of(service: Service) -> int:
    """Addresses with a port that kube-proxy looks out for, a rule of KUBE-SERVICES each: the Service's own, external
    ones, and that of its load balancer. None without an address, or without an endpoint (the filter table refuses)."""
    if service.headless or not service.endpoints:
        return 0
    return max(1, len(service.ports)) * (1 + len(service.external_ips) + (service.kind == "LoadBalancer"))
