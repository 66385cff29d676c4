"""Who leads into and out of the cluster: load balancers and egress gateways."""

from dataclasses import dataclass
from enum import Enum


class Balancing(Enum):
    """What stands between the clients of a LoadBalancer Service and the nodes."""

    FORWARDS = "forwards"  # a machine that passes packets on; answers go past it
    TERMINATES = "terminates"  # a machine that ends connections and makes its own, one of the externals
    ANNOUNCES = "announces"  # nothing: nodes announce the address, and the network leads to them


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """What gives LoadBalancer Services an address; ``kind`` names a file of entry/balancers/.

    ``work`` is ps of forwarding per packet on each of ``servers``, the cost profile's where None; ``strategy`` names
    a file of balancing/. With ``to_pods`` it knows the pods' own addresses and passes the nodes' ports by.
    """

    strategy: str = "source_hash"
    work: int | None = None
    servers: int = 8
    bandwidth: int = 100_000_000_000
    kind: str = "passthrough"
    balancing: Balancing = Balancing.FORWARDS
    to_pods: bool = False


@dataclass(frozen=True, slots=True)
class EgressGateway:
    """Nodes that pass on what the pods of some workloads send out of the cluster, under an address of their own."""

    name: str
    nodes: tuple[str, ...]
    workloads: tuple[str, ...]  # deployment/ns/name, pod/ns/name
