"""The nodes of the cluster: made by node pools, or Nodes of the manifests that a pool adopts."""

from dataclasses import dataclass, field

from netsim.errors import Problem, nearest, quote
from netsim.model.cluster import Nic, Node
from netsim.scenario.objects import Labels, NodePlan
from netsim.scenario.schema_cluster import MOST_NODES, ClusterSection, Interface, NodePool
from netsim.scenario.validation import Source

ZONE = "topology.kubernetes.io/zone"
# The kubelet gives every node this label.
HOSTNAME = "kubernetes.io/hostname"


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
        machines.add(_manifest_node(NodePool(name="default"), plan), plan.source, problems)
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
        conntrack_max=pool.sysctls.conntrack_max,
        speed=pool.cpu_speed,
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
        conntrack_max=pool.sysctls.conntrack_max,
        speed=pool.cpu_speed,
    )


def nic_of(written: Interface) -> Nic:
    """The model of an interface."""
    return Nic(written.bandwidth, written.mtu, written.queues, written.ring, written.tunnel_offload)
