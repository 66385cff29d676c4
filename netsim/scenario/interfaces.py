"""What the two ends of traffic have: MTUs of interfaces, and ports to connect from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from netsim.errors import quote
from netsim.model.cluster import External, Kernel, Node
from netsim.model.datapath import DataPath
from netsim.scenario.references import INTERNET, LOCALHOST, NODE, SERVICE, Directory

INTERNET_MTU = 1500
LOOPBACK_MTU = 65_535  # lo has 65,536, and no IP packet is larger than this


@dataclass(slots=True)
class Interfaces:
    """The interfaces of all machines and pods; ``path`` is the CNI's data path."""

    directory: Directory
    path: DataPath
    nodes: dict[str, Node] = field(default_factory=dict)
    externals: dict[str, External] = field(default_factory=dict)

    def add(self, nodes: Iterable[Node], externals: Iterable[External]) -> "Interfaces":
        """With these machines."""
        self.nodes.update((node.name, node) for node in nodes)
        self.externals.update((one.name, one) for one in externals)
        return self

    def narrowest(self, source: str, target: str) -> tuple[int, str]:
        """The smallest MTU in bytes at both ends, given by their full references, and whose it is."""
        ends = (target,) if target == LOCALHOST else (source, target)
        return min((mtu for end in ends for mtu in self._mtus(end)), default=(INTERNET_MTU, INTERNET))

    def _mtus(self, reference: str) -> Iterator[tuple[int, str]]:
        kind, _, name = reference.partition("/")
        if reference in (INTERNET, LOCALHOST):
            yield (INTERNET_MTU if reference == INTERNET else LOOPBACK_MTU), reference
        elif kind == NODE:
            yield self.nodes[name].nic.mtu, f"node {quote(name)}"
        elif name in self.externals:
            yield self.externals[name].nic.mtu, f"external {quote(name)}"
        elif kind == SERVICE:
            for path in self.directory.services[reference].endpoints:
                yield from self._mtus(f"pod/{path}")
        else:
            for pod in self.directory.workloads[reference]:
                if node := self.nodes.get(pod.node):  # without one it is refused elsewhere
                    on_host = pod.host_network or self.path.pods_on_host_network
                    yield self._pod_mtu(node, on_host)

    def _pod_mtu(self, node: Node, on_host: bool) -> tuple[int, str]:
        if on_host:
            return node.nic.mtu, f"node {quote(node.name)}"
        return self.path.pod_mtu(node.nic.mtu), f"pods with {self.path.title}"

    def ports(self, reference: str) -> tuple[int, int]:
        """How many clients a source is (0 for the internet), and how many ports the poorest of them has."""
        kind, _, name = reference.partition("/")
        if kind == NODE:
            return 1, self.nodes[name].kernel.ports
        pods = self.directory.workloads.get(reference)
        if pods is None:
            return int(reference != INTERNET), Kernel().ports
        counts = [self.nodes[pod.node].kernel.ports for pod in pods if pod.node in self.nodes]
        return len(pods), min(counts, default=Kernel().ports)
