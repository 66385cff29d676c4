"""What the two ends of traffic have: MTUs of interfaces, and ports to connect from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

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

    def mtu(self, source: str, target: str) -> int:
        """The smallest MTU in bytes at both ends, given by their full references."""
        ends = (target,) if target == LOCALHOST else (source, target)
        return min((mtu for end in ends for mtu in self._mtus(end)), default=INTERNET_MTU)

    def _mtus(self, reference: str) -> Iterator[int]:
        kind, _, name = reference.partition("/")
        if reference in (INTERNET, LOCALHOST):
            yield INTERNET_MTU if reference == INTERNET else LOOPBACK_MTU
        elif kind == NODE:
            yield self.nodes[name].nic.mtu
        elif name in self.externals:
            yield self.externals[name].nic.mtu
        elif kind == SERVICE:
            for path in self.directory.services[reference].endpoints:
                yield from self._mtus(f"pod/{path}")
        else:
            for pod in self.directory.workloads[reference]:
                if node := self.nodes.get(pod.node):  # without one it is refused elsewhere
                    on_host = pod.host_network or self.path.pods_on_host_network
                    yield node.nic.mtu if on_host else self.path.pod_mtu(node.nic.mtu)

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
