"""The nodes of the cluster: made by node pools, or Nodes of the manifests that a pool adopts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic.alias_generators import to_camel

from netsim.errors import Problem, nearest, quote
from netsim.model.cluster import Kernel, Nic, Node
from netsim.scenario.objects import Labels, NodePlan
from netsim.scenario.schema_cluster import MOST_NODES, ClusterSection, Interface, NodePool, Sysctls
from netsim.scenario.validation import Source
from netsim.units import show_size

ZONE = "topology.kubernetes.io/zone"
# The kubelet gives every node this label.
HOSTNAME = "kubernetes.io/hostname"
# What the nodes of a cluster have in common, because paths are made once for all of them.
SHARED = ("tso", "gso", "gro", "tunnel_offload", "big_tcp", "rps", "virtual_overlay")

DEFAULT = NodePool(name="default")  # of Nodes of the manifests that no pool adopts


@dataclass(slots=True)
class Machines:
    """The nodes sorted by name, and where each was written."""

    nodes: list[Node] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)

    def add(self, node: Node, source: Source, problems: list[Problem]) -> None:
        """Adds a node; two of one name are a problem."""
        if node.name in self.sources:
            problems.append(source.problem(f"there are two nodes named {quote(node.name)}"))
            return
        self.nodes.append(node)
        self.sources[node.name] = source

    def unknown(self, name: str) -> tuple[str, str]:
        """Message and hint for a node that does not exist."""
        return f"there is no node {quote(name)}", nearest(name, self.sources)


def machines_of(cluster: ClusterSection, plans: list[NodePlan], source: Source, problems: list[Problem]) -> Machines:
    """All nodes of the cluster; ``source`` is the cluster section."""
    machines = Machines()
    total = sum(pool.count or 0 for pool in cluster.node_pools) + len(plans)
    if total > MOST_NODES:
        problems.append(source.problem(f"{total} nodes are too many", f"At most {MOST_NODES}."))
        return machines
    orphans = sorted(plans, key=lambda plan: plan.name)
    for index, pool in enumerate(cluster.node_pools):
        place = source.at("nodePools", index)
        if pool.count is None:
            orphans = _adopt(pool, orphans, place, (machines, problems))
            continue
        for number in range(pool.count):
            machines.add(_pool_node(pool, f"{pool.name}-{number}"), place, problems)
    for plan in orphans:
        machines.add(_manifest_node(DEFAULT, plan), plan.source, problems)
    pools = [*cluster.node_pools, *([DEFAULT] if orphans else [])]
    problems.extend(_unlike(pools, source))
    machines.nodes.sort(key=lambda node: node.name)
    if not machines.nodes and not problems:
        problems.append(source.problem("the cluster has no nodes", "Add nodePools: [{name: web, count: 3}]."))
    return machines


def _adopt(
    pool: NodePool, plans: list[NodePlan], place: Source, into: tuple[Machines, list[Problem]]
) -> list[NodePlan]:
    """Makes the Nodes with the pool's labels its own; returns the others."""
    machines, problems = into
    wanted = pool.labels.items()
    mine = [plan for plan in plans if wanted <= dict(plan.labels).items()]
    if not mine:
        hint = "Write count, or include Node manifests with these labels."
        problems.append(place.problem("the pool has no nodes: count is missing", hint))
    for plan in mine:
        machines.add(_manifest_node(pool, plan), plan.source, problems)
    return [plan for plan in plans if plan not in mine]


def _pool_node(pool: NodePool, name: str) -> Node:
    labels = {HOSTNAME: name, **pool.labels}
    return Node(
        name=name,
        cores=pool.capacity.cpu,
        nic=nic_of(pool.nics[0]),
        zone=labels.get(ZONE, ""),
        subnet=pool.subnet,
        labels=tuple(sorted(labels.items())),
        max_pods=pool.capacity.pods,
        kernel=kernel_of(pool.sysctls),
        speed=pool.cpu_speed,
        aes=pool.aes,
    )


def _manifest_node(pool: NodePool, plan: NodePlan) -> Node:
    labels: Labels = tuple(sorted({HOSTNAME: plan.name, **dict(plan.labels)}.items()))
    return Node(
        name=plan.name,
        cores=plan.cores or pool.capacity.cpu,
        nic=nic_of(pool.nics[0]),
        zone=dict(labels).get(ZONE, ""),
        subnet=pool.subnet,
        labels=labels,
        max_pods=plan.max_pods or pool.capacity.pods,
        pod_cidr=plan.pod_cidr,
        address=plan.address,
        kernel=kernel_of(pool.sysctls),
        speed=pool.cpu_speed,
        aes=pool.aes,
    )


def nic_of(written: Interface) -> Nic:
    """The model of an interface."""
    return Nic(
        bandwidth=written.bandwidth,
        mtu=written.mtu,
        queues=written.queues,
        ring=written.ring,
        tunnel_offload=written.tunnel_offload,
        tso=written.tso,
        gso=written.gso,
        gro=written.gro,
        big_tcp=written.big_tcp,
        moderation=written.interrupt_moderation,
        rps=written.rps,
        virtual_overlay=written.virtual_overlay,
    )


def kernel_of(written: Sysctls) -> Kernel:
    """The model of kernel settings."""
    return Kernel(
        conntrack_max=written.conntrack_max,
        ports=written.ports,
        backlog=written.backlog,
        socket_buffer=written.socket_buffer,
    )


def _unlike(pools: list[NodePool], source: Source) -> Iterator[Problem]:
    """Pools that do what the paths of all nodes have in common in another way than the first one."""
    for index, pool in enumerate(pools[1:], start=1):
        place = source.at("nodePools", index)
        for path, key, mine, theirs in _settings(pool, pools[0]):
            if mine != theirs:
                message = f"{key} is {_shown(mine)} here and {_shown(theirs)} in pool {quote(pools[0].name)}"
                yield place.at(*path).problem(message, "All nodes share their paths: write the same in every pool.")


def _settings(one: NodePool, other: NodePool) -> Iterator[tuple[tuple[str | int, ...], str, Any, Any]]:
    for name in SHARED:
        key = to_camel(name)
        yield ("nics", 0, key), key, getattr(one.nics[0], name), getattr(other.nics[0], name)
    yield ("aes",), "aes", one.aes, other.aes


def _shown(value: int | None) -> str:
    if value is None:
        return "left out"
    return str(value).lower() if isinstance(value, bool) else show_size(value)
