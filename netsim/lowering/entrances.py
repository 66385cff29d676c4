"""Entrances: which nodes the clients of a Service come to, who is kept out, and which Entry a call's way is."""

from ipaddress import IPv4Network

from netsim.entry import balancers
from netsim.lowering.machines import MachineTable
from netsim.model.balancer import Balancing
from netsim.model.cluster import Call, Cluster, Service, Traffic, TrafficPolicy
from netsim.program import Entry

NODE_ENTRIES = (Entry.NODE_PORT, Entry.LOAD_BALANCER)
"""Ways in on which kube-proxy of the entry node translates a Service's address."""
WAYS = {
    "nodePort": Entry.NODE_PORT,
    "loadBalancer": Entry.LOAD_BALANCER,
    "hostPort": Entry.HOST_PORT,
    "pods": Entry.DIRECT,
}
GATEWAY = "egressGateway"
DENIED = "denied"  # behind the name of a way: who comes so is kept out


def entry_of(call: Call, via: str | None, cluster: Cluster) -> Entry:
    """How one who makes this call comes to its target; ``via`` is the way that its traffic takes."""
    way = (via or call.via or "").partition("/")[0].partition(":")[0]
    if way == GATEWAY:
        return Entry.EGRESS_GATEWAY
    if way == "loadBalancer" and cluster.load_balancer.to_pods:
        terminated = cluster.load_balancer.balancing is Balancing.TERMINATES
        return Entry.DIRECT if terminated else Entry.BALANCED_POD
    if way:
        return WAYS[way]
    if call.per_request or not call.to.startswith("svc/") or is_headless(call.to, cluster):
        return Entry.DIRECT
    return Entry.CLUSTER_IP


def is_headless(target: str, cluster: Cluster) -> bool:
    """Whether a Service has no address: its clients learn those of its pods, and connect to one."""
    return any(one.headless and f"svc/{one.path}" == target for one in cluster.services)


def kept_out(traffic: Traffic, cluster: Cluster) -> bool:
    """Whether a Service's loadBalancerSourceRanges do not name who sends this; a source without address is let in."""
    service = next((one for one in cluster.services if f"svc/{one.path}" == traffic.call.to), None)
    if service is None or traffic.via != "loadBalancer" or not service.source_ranges:
        return False
    known = {f"external/{one.name}": one.address for one in cluster.externals}
    address = known.get(traffic.source)
    source = traffic.cidr or (None if address is None else IPv4Network(address))
    return source is not None and not any(source.subnet_of(allowed) for allowed in service.source_ranges)


class Entrances:
    """The entry nodes of Services, as the load balancer's kind, host ports and egress gateways have them."""

    def __init__(self, cluster: Cluster, machines: MachineTable) -> None:
        self.cluster = cluster
        self.machines = machines
        self.kind = balancers.load(cluster.load_balancer.kind)
        self.announces = cluster.load_balancer.balancing is not Balancing.FORWARDS
        self.gateways = {gateway.name: gateway.nodes for gateway in cluster.egress_gateways}
        self.node_of = {pod.path: pod.node for pod in cluster.pods}
        self.addresses = load_balancer_addresses(cluster)
        self.rows: list[int] = []

    def columns(self, target: str, entry: Entry, way: str) -> dict[str, int]:
        """The cells of a row of Services that say where its clients come to."""
        nodes = self.nodes(target, entry, way)
        first = len(self.rows)
        self.rows += [self.machines.number[name] for name in nodes or ()]
        announced = entry in (Entry.EGRESS_GATEWAY, Entry.HOST_PORT)
        announced |= entry == Entry.LOAD_BALANCER and self.announces
        return {
            "announced": int(announced),
            "first_entry": first,
            "entries": -1 if nodes is None else len(nodes),
            "denies": int(way.endswith(DENIED)),
        }

    def nodes(self, target: str, entry: Entry, way: str) -> tuple[str, ...] | None:
        """Names of the nodes that clients come to; None where the engine finds them by the Service's endpoints."""
        if entry == Entry.EGRESS_GATEWAY:
            return self.gateways[way.partition("/")[2]]
        if entry == Entry.HOST_PORT:
            return tuple(sorted({self.node_of[path] for path in self.members(target)}))
        service = self.service(target)
        if entry != Entry.LOAD_BALANCER or service is None:
            return None
        found: tuple[str, ...] | None = self.kind.entry_nodes(self.addresses[service.path], self.ready(service))
        return found

    def ready(self, service: Service) -> tuple[str, ...]:
        """The nodes that can serve what comes from outside for a Service."""
        if service.external_policy == TrafficPolicy.LOCAL:
            return tuple(sorted({self.node_of[path] for path in service.endpoints}))
        return tuple(sorted(node.name for node in self.cluster.nodes))

    def members(self, target: str) -> tuple[str, ...]:
        """The pods that a target stands for."""
        service = self.service(target)
        return service.endpoints if service is not None else (target.partition("/")[2],)

    def service(self, target: str) -> Service | None:
        """The Service of that name, None for what is none."""
        kind, _, path = target.partition("/")
        return next((one for one in self.cluster.services if kind == "svc" and one.path == path), None)


def load_balancer_addresses(cluster: Cluster) -> dict[str, str]:
    """The address of each Service of type LoadBalancer: the one its manifest asks for, or one of 192.0.2.0/24 and on
    (RFC 5737), in the order of names."""
    found: dict[str, str] = {}
    for number, service in enumerate(sorted(cluster.services, key=lambda one: one.path), start=1):
        found[service.path] = service.external_ips[0] if service.external_ips else address_of(number)
    return found


def address_of(number: int) -> str:
    """The ``number``-th address that load balancers give out."""
    return f"192.0.{2 + number // 256}.{number % 256}"
