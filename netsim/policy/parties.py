"""Parties: what a policy can see of pods, hosts and machines outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from netsim.model.cluster import Cluster, Pod
from netsim.model.policy import Labels

Port = tuple[int | None, str]
"""A port's number, None where it is not known, and its protocol."""

# What stands for addresses that nobody wrote: private networks of RFC 1918 for machines, and TEST-NET-2 of RFC 5737,
# which no policy about private networks means, for clients on the internet.
MACHINES = (IPv4Network("192.168.0.0/16"), IPv4Network("172.16.0.0/12"), IPv4Network("10.0.0.0/8"))
INTERNET = IPv4Network("198.51.100.0/24")


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a flow. A pod has a namespace, labels and named ports (name, number, protocol); what shares a node's
    network namespace (the node itself, hostNetwork pods) is known by the node's address alone, and so is all that is
    outside the cluster (``inside`` is False)."""

    is_pod: bool = False
    inside: bool = True
    namespace: str = ""
    labels: Labels = ()
    ports: tuple[tuple[str, int, str], ...] = ()
    address: IPv4Address | None = None


@dataclass(frozen=True)
class Cast:
    """The parties of a cluster by name: ``pod/ns/name``, ``node/name`` and ``external/name``."""

    parties: dict[str, Party] = field(default_factory=dict)
    namespaces: dict[str, Labels] = field(default_factory=dict)

    def pod(self, pod: Pod, address: IPv4Address | None) -> Party:
        """A pod of the cluster; one on the host's network is its node."""
        if pod.host_network:
            return self.parties[f"node/{pod.node}"]
        ports = [(name, port, "TCP") for container in pod.containers for name, port in container.named]
        ports += [(name, port, "UDP") for container in pod.containers for name, port in container.udp if name]
        return Party(True, True, pod.namespace, pod.labels, tuple(ports), address)


def cast_of(cluster: Cluster, addresses: Mapping[str, IPv4Address]) -> Cast:
    """The parties of a cluster whose pods have these ``addresses`` (by ``ns/name``).

    Machines without a written address get one of a private network that is not that of pods or Services, in the order
    of their names.
    """
    cast = Cast(namespaces=dict(cluster.namespaces))
    taken = (cluster.pod_cidr, cluster.service_cidr)
    network = next((one for one in MACHINES if not any(one.overlaps(other) for other in taken)), MACHINES[0])
    machines = [(f"node/{one.name}", True, one.address) for one in sorted(cluster.nodes, key=lambda one: one.name)]
    machines += [
        (f"external/{one.name}", False, one.address) for one in sorted(cluster.externals, key=lambda one: one.name)
    ]
    for number, (name, inside, address) in enumerate(machines, start=1):
        cast.parties[name] = Party(inside=inside, address=address or network[number])
    for pod in cluster.pods:
        cast.parties[f"pod/{pod.path}"] = cast.pod(pod, addresses.get(pod.path))
    return cast


def client_outside(number: int, network: IPv4Network | None = None) -> Party:
    """One of the clients on the internet, which are in ``network`` where somebody says so."""
    network = network or INTERNET
    usable = max(1, network.num_addresses - 2)
    return Party(inside=False, address=network[(number % usable + 1) % network.num_addresses])
