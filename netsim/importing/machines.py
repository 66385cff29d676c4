"""Nodes as netsim reads them, and the pools that say of them what no API object does: interfaces, settings."""

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from ipaddress import IPv4Network

from netsim.importing import kube_proxy
from netsim.importing.dump import Dump, Thing
from netsim.importing.findings import Finding
from netsim.importing.shapes import Data, mapping, pairs, part, text, whole, words

TYPES = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
MOST_POOLS = 50
# MTU of a machine's interface by the cloud in spec.providerID (docs.tigera.io networking/configuring/mtu).
CLOUD_MTU = {"aws": 9001, "gce": 1460, "azure": 1500}
# kube-proxy's own: kubernetes/kubernetes pkg/proxy/apis/config/v1alpha1/defaults.go.
PER_CORE, LEAST = 32_768, 131_072
BANDWIDTH = "10Gbit"
SPARE_NODES = 3
_QUANTITY = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?m?")


@dataclass(slots=True)
class Machinery:
    """The Node manifests, the ``nodePools`` of the scenario file, and what was concluded."""

    nodes: list[Thing] = field(default_factory=list)
    pools: list[Data] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def machinery(dump: Dump, things: list[Thing], cni_mtu: int | None) -> Machinery:
    """Nodes and pools; ``cni_mtu`` is the MTU that the CNI was told, with all its headers."""
    found = Machinery()
    whose = Counter(name for thing in things if _is_pod(thing) and (name := text(thing.data, "spec", "nodeName")))
    odd: list[str] = []
    for node in dump.of("Node", ""):
        found.nodes.append(_node(node, whose[node.name], odd))
    known = {node.name for node in found.nodes}
    made = [_made(name) for name in sorted(whose) if name not in known]
    found.nodes += made
    if odd:
        found.findings.append(Finding("", f"changed for netsim: {'; '.join(odd[:5])}{_more(odd)}"))
    if made:
        why = f"{len(made)} nodes are known only by the pods on them; cores are assumed"
        found.findings.append(Finding("", why, "kubectl get nodes -o yaml"))
    found.pools = _pools(dump, found, cni_mtu)
    return found


def _is_pod(thing: Thing) -> bool:
    return thing.kind == "Pod" and thing.group == ""


def _more(listed: list[str]) -> str:
    return f" and {len(listed) - 5} more" if len(listed) > 5 else ""


def _made(name: str) -> Thing:
    data: Data = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
    return Thing("Node", "", "", name, data)


def _node(node: Thing, pods: int, odd: list[str]) -> Thing:
    """A Node with whole cores, an IPv4 podCIDR or none, and room for the pods that run on it."""
    data = dict(node.data)
    capacity = dict(mapping(data, "status", "capacity"))
    if (written := part(capacity, "cpu")) is not None:
        cores = whole_cores(written)
        if cores is None:
            del capacity["cpu"]
        elif str(written) != str(cores):
            odd.append(f"cpu {str(written)[:20]} of node {node.name} is {cores}")
            capacity["cpu"] = str(cores)
    room = whole(capacity, "pods")
    if room is not None and room < pods:
        odd.append(f"node {node.name} has {pods} pods and room for {room}; its capacity is raised")
        capacity["pods"] = str(pods)
    if "status" in data or capacity:
        data["status"] = {**mapping(data, "status"), "capacity": capacity}
    ranges = [text(data, "spec", "podCIDR"), *words(data, "spec", "podCIDRs")]
    if any(ranges):
        spec = {key: value for key, value in mapping(data, "spec").items() if key != "podCIDR"}
        ours = [one for one in ranges if _is_ipv4(one)]
        data["spec"] = {**spec, "podCIDR": ours[0]} if ours else spec
        if not ours or ours[0] != ranges[0]:
            odd.append(f"podCIDR of node {node.name} is {ours[0] if ours else 'left out: IPv6 is not supported'}")
    return Thing(node.kind, node.group, node.namespace, node.name, data)


def _is_ipv4(written: str) -> bool:
    try:
        IPv4Network(written)
    except ValueError:
        return False
    return True


def whole_cores(written: object) -> int | None:
    """Cores of a Kubernetes quantity such as ``4``, ``3920m`` or ``3.5``, rounded to at least 1; None if it is none."""
    content = str(written)
    if isinstance(written, bool) or not _QUANTITY.fullmatch(content):
        return None
    try:
        value = Decimal(content.removesuffix("m")) / (1000 if content.endswith("m") else 1)
    except InvalidOperation:
        return None
    return min(1024, max(1, int(value.to_integral_value(ROUND_HALF_UP))))


def _pools(dump: Dump, found: Machinery, cni_mtu: int | None) -> list[Data]:
    if not found.nodes:
        why = f"no Nodes and no placed pods in the dump; {SPARE_NODES} nodes of 4 cores are assumed"
        found.findings.append(Finding("cluster.nodePools", why, "kubectl get nodes -o yaml"))
        return [{"name": "node", "count": SPARE_NODES, "nics": [_nic(dump, found, cni_mtu)]}]
    nic = _nic(dump, found, cni_mtu)
    kinds: dict[tuple[str, str], list[Thing]] = {}
    for node in found.nodes:
        kinds.setdefault(_instance(node), []).append(node)
    if len(kinds) > MOST_POOLS:
        kinds = {("", ""): found.nodes}
    listed: list[Data] = []
    # A pool without labels takes what is left, so it is last.
    for (label, kind), nodes in sorted(kinds.items(), key=lambda pair: (not pair[0][0], pair[0])):
        pool: Data = {"name": _pool_name(kind, [one["name"] for one in listed])}
        if label:
            pool["labels"] = {label: kind}
        if any(part(node.data, "status", "capacity", "cpu") is None for node in nodes):
            pool["capacity"] = {"cpu": "4"}
            found.findings.append(
                Finding("", f"nodes of pool {pool['name']} without capacity.cpu have 4 cores (assumed)")
            )
        pool["nics"] = [nic]
        if limit := _conntrack(dump, nodes):
            pool["sysctls"] = {"net.netfilter.nf_conntrack_max": limit}
        listed.append(pool)
    if any("sysctls" in pool for pool in listed):
        found.findings.append(Finding("sysctls.net.netfilter.nf_conntrack_max", "conntrack of KubeProxyConfiguration"))
    return listed


def _instance(node: Thing) -> tuple[str, str]:
    labels = pairs(node.data, "metadata", "labels")
    return next(((key, labels[key]) for key in TYPES if labels.get(key)), ("", ""))


def _pool_name(kind: str, taken: list[str]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-")[:50].strip("-") or "nodes"
    number, name = 2, stem
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def _nic(dump: Dump, found: Machinery, cni_mtu: int | None) -> Data:
    told = f"no API object tells the rate of an interface; {BANDWIDTH} is assumed"
    found.findings.append(Finding("nics.bandwidth", told, "ethtool eth0, or the cloud's table of instance types"))
    clouds = {text(node.data, "spec", "providerID").partition(":")[0] for node in dump.of("Node", "")}
    mtus = {CLOUD_MTU[cloud] for cloud in clouds if cloud in CLOUD_MTU}
    mtu, why = (mtus.pop(), "the cloud in providerID has it by default") if len(mtus) == 1 else (1500, "Ethernet's")
    if cni_mtu is not None and cni_mtu > mtu:
        mtu, why = (9001 if cni_mtu <= 9001 else 9216), f"the CNI's own MTU asks for at least {cni_mtu}"
    found.findings.append(Finding(f"nics.mtu: {mtu}", why, "ip link show eth0"))
    return {"name": "eth0", "bandwidth": BANDWIDTH, "mtu": mtu}


def _conntrack(dump: Dump, nodes: list[Thing]) -> int | None:
    """``net.netfilter.nf_conntrack_max`` as kube-proxy sets it, where its configuration is not the default."""
    written, _ = kube_proxy.configuration(dump)
    per_core = whole(written, "conntrack", "maxPerCore")
    least = whole(written, "conntrack", "min")
    if (per_core, least) in ((None, None), (PER_CORE, LEAST)) or per_core == 0:
        return None
    cores = [whole_cores(part(node.data, "status", "capacity", "cpu")) or 4 for node in nodes]
    limit = max((PER_CORE if per_core is None else per_core) * min(cores), LEAST if least is None else least)
    return min(max(limit, 1), 1 << 31)
