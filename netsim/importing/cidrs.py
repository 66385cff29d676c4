"""The address ranges of pods and Services, from whoever was told them, else from the addresses in use."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from netsim.importing import kube_proxy
from netsim.importing.dump import Dump
from netsim.importing.findings import Finding
from netsim.importing.network.calico import pools
from netsim.importing.network.flannel import net_conf
from netsim.importing.shapes import rows, text, words
from netsim.importing.workloads import environment

PODS, SERVICES = IPv4Network("10.244.0.0/16"), IPv4Network("10.96.0.0/12")
SLICE = 24  # prefix length of a node's range (kube-controller-manager --node-cidr-mask-size-ipv4)
WEAVE = "10.32.0.0/12"  # IPALLOC_RANGE where none is given
Told = tuple[IPv4Network, str]


def pod_range(dump: Dump, plugin: str) -> tuple[IPv4Network, Finding]:
    """The podCIDR; wide enough for every node's own."""
    nodes = list(_networks(one for node in dump.of("Node", "") for one in _node_ranges(node.data)))
    for network, where in _told_pods(dump, plugin):
        if all(one.subnet_of(network) for one in nodes):
            return network, Finding(f"cluster.podCIDR: {network}", where)
    addresses = nodes or list(_networks(f"{address}/32" for address in _pod_addresses(dump)))
    if not addresses:
        return PODS, Finding(f"cluster.podCIDR: {PODS}", "nothing in the dump tells it; this is a default", "podSubnet")
    network = _roomy(spanning(addresses), len(dump.of("Node", "")))
    whose = "the podCIDRs of the nodes" if nodes else "the addresses of the pods"
    return network, Finding(f"cluster.podCIDR: {network}", f"the smallest network around {whose}", "podSubnet")


def _told_pods(dump: Dump, plugin: str) -> Iterator[Told]:
    if plugin == "calico":
        listed = pools(dump)
        if len(listed) == 1:
            yield listed[0][1], f"cidr of {listed[0][0].title}"
        elif listed:
            yield spanning([network for _, network in listed]), f"the smallest network around {len(listed)} IPPools"
        yield from _told(environment(dump, "calico-node").get("CALICO_IPV4POOL_CIDR", ""), "calico-node's environment")
        for thing in dump.of("Installation", "operator.tigera.io"):
            for pool in rows(thing.data, "spec", "calicoNetwork", "ipPools"):
                yield from _told(text(pool, "cidr"), f"ipPools of {thing.title}")
    for name in ("kube-flannel-cfg", "canal-config"):
        if found := dump.find("ConfigMap", name):
            yield from _told(text(net_conf(found), "Network"), f"net-conf.json of {found.title}")
    if found := dump.find("ConfigMap", "cilium-config"):
        for key in ("cluster-pool-ipv4-cidr", "ipv4-native-routing-cidr"):
            yield from _told(text(found.data, "data", key), f"{key} of {found.title}")
    if plugin == "weave":
        yield from _told(environment(dump, "weave-net").get("IPALLOC_RANGE", "") or WEAVE, "weave-net's IPALLOC_RANGE")
    yield from _told(text(_cluster(dump), "networking", "podSubnet"), "podSubnet of ConfigMap kubeadm-config")
    written, where = kube_proxy.configuration(dump)
    yield from _told(text(written, "clusterCIDR"), f"clusterCIDR in {where}")


def service_range(dump: Dump, pods: IPv4Network) -> tuple[IPv4Network, Finding]:
    """The serviceCIDR, which must not meet the podCIDR."""
    told = _told(text(_cluster(dump), "networking", "serviceSubnet"), "serviceSubnet of ConfigMap kubeadm-config")
    for network, where in told:
        if not network.overlaps(pods):
            return network, Finding(f"cluster.serviceCIDR: {network}", where)
    addresses = list(_networks(f"{text(one.data, 'spec', 'clusterIP')}/32" for one in dump.of("Service", "")))
    if addresses:
        network = spanning(addresses)
        wide = network if network.prefixlen <= 16 else network.supernet(new_prefix=16)
        for one in (wide, network):
            if not one.overlaps(pods):
                return one, Finding(
                    f"cluster.serviceCIDR: {one}", "around the clusterIPs of the Services", "serviceSubnet"
                )
    network = next(
        one for one in (SERVICES, IPv4Network("172.20.0.0/16"), IPv4Network("192.168.0.0/17")) if not one.overlaps(pods)
    )
    return network, Finding(
        f"cluster.serviceCIDR: {network}", "nothing in the dump tells it; this is a default", "serviceSubnet"
    )


def _cluster(dump: Dump) -> dict[str, object]:
    """kubeadm's ClusterConfiguration."""
    return kube_proxy.embedded(dump.find("ConfigMap", "kubeadm-config"), "ClusterConfiguration")


def cluster_name(dump: Dump) -> str:
    """What kubeadm calls the cluster, or ""."""
    return text(_cluster(dump), "clusterName")


def _node_ranges(node: object) -> list[str]:
    return [text(node, "spec", "podCIDR"), *words(node, "spec", "podCIDRs")]


def _pod_addresses(dump: Dump) -> Iterator[str]:
    for pod in dump.of("Pod", ""):
        address = text(pod.data, "status", "podIP")
        if address and address != text(pod.data, "status", "hostIP"):
            yield address


def _networks(written: Iterable[str]) -> Iterator[IPv4Network]:
    for one in written:
        try:
            yield IPv4Network(one, strict=False)
        except ValueError:
            continue


def _told(written: str, where: str) -> Iterator[Told]:
    """The first IPv4 network of a list with commas: dual-stack clusters have one of each family."""
    for network in list(_networks(word.strip() for word in written.split(",") if "/" in word))[:1]:
        if network.prefixlen:
            yield network, where


def _roomy(network: IPv4Network, nodes: int) -> IPv4Network:
    """A network around this one in which every node finds a range of its own."""
    length = SLICE - max(0, nodes - 1).bit_length()
    return network if network.prefixlen <= length else network.supernet(new_prefix=max(length, 1))


def spanning(networks: list[IPv4Network]) -> IPv4Network:
    """The smallest network with all of these in it."""
    low = min(int(one.network_address) for one in networks)
    high = max(int(one.broadcast_address) for one in networks)
    length = 32 - (low ^ high).bit_length()
    length = min([length, *(one.prefixlen for one in networks)])
    return IPv4Network((IPv4Address(low), max(length, 1)), strict=False)
