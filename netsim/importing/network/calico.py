"""Traces of Calico: its pools and Felix's configuration, the operator's Installation, its DaemonSet's environment."""

from collections import Counter
from ipaddress import IPv4Address, IPv4Network

from netsim.importing.dump import Dump, Thing
from netsim.importing.findings import CONFIGURED, DEPLOYED, RUNNING, Finding, Guess
from netsim.importing.shapes import Data, is_true, mapping, part, rows, text, whole
from netsim.importing.workloads import daemon, environment, running

NAMES = ("calico-node",)
Settings = dict[str, object]
# Operator's words (operator.tigera.io Installation spec.calicoNetwork.ipPools[].encapsulation).
OPERATOR = {
    "IPIP": "IPIP",
    "VXLAN": "VXLAN",
    "IPIPCrossSubnet": "IPIPCrossSubnet",
    "VXLANCrossSubnet": "VXLANCrossSubnet",
    "None": "None",
}
MASQUERADED = "netsim masquerades what leaves the pool, this one does not (natOutgoing: false)"


def look(dump: Dump) -> Guess | None:
    """Calico with its encapsulation and data plane; Canal is told apart by its own file."""
    settings: Settings = {}
    findings: list[Finding] = []
    for source in (_felix, _bgp, _installation, _pool, _veth_mtu):
        found, told = source(dump)
        findings += told
        settings.update(found)
    deployed = daemon(dump, *NAMES)
    if _configured(dump):
        weight = CONFIGURED
    elif deployed or running(dump, *NAMES):
        weight = DEPLOYED if deployed else RUNNING
    else:
        return None
    if "encapsulation" not in settings:
        found, told = _environment(dump)
        settings.update(found)
        findings = told + findings
    return Guess("calico", settings, findings, weight)


def _configured(dump: Dump) -> bool:
    return any(dump.of(kind, *GROUPS) for kind in ("IPPool", "FelixConfiguration")) or bool(
        dump.of("Installation", "operator.tigera.io")
    )


GROUPS = ("crd.projectcalico.org", "projectcalico.org")


def pools(dump: Dump) -> list[tuple[Thing, IPv4Network]]:
    """The IPv4 pools in use, those with most pods first."""
    found: list[tuple[Thing, IPv4Network]] = []
    for thing in dump.of("IPPool", *GROUPS):
        try:
            network = IPv4Network(text(thing.data, "spec", "cidr"))
        except ValueError:
            continue
        if not is_true(thing.data, "spec", "disabled"):
            found.append((thing, network))
    if len(found) > 1:
        inside = _inhabitants(dump, [network for _, network in found])
        found.sort(key=lambda pair: (-inside[pair[1]], pair[0].name))
    return found


def _inhabitants(dump: Dump, networks: list[IPv4Network]) -> Counter[IPv4Network]:
    counts: Counter[IPv4Network] = Counter()
    for pod in dump.of("Pod", ""):
        try:
            address = IPv4Address(text(pod.data, "status", "podIP"))
        except ValueError:
            continue
        counts.update(network for network in networks if address in network)
    return counts


def _pool(dump: Dump) -> tuple[Settings, list[Finding]]:
    found = pools(dump)
    if not found:
        return {}, []
    thing, _ = found[0]
    where = thing.title
    modes = {_mode(text(one.data, "spec", "ipipMode"), text(one.data, "spec", "vxlanMode")) for one, _ in found}
    mode = _mode(text(thing.data, "spec", "ipipMode"), text(thing.data, "spec", "vxlanMode"))
    check = "" if len(modes) == 1 else f"{len(found)} pools differ; this is the one with most pods"
    why = "ipipMode {} and vxlanMode {} of {}".format(
        *(text(thing.data, "spec", key) or "Never" for key in ("ipipMode", "vxlanMode")), where
    )
    settings: Settings = {"encapsulation": mode}
    findings = [Finding(f"cni.encapsulation: {mode}", why, check)]
    size = whole(thing.data, "spec", "blockSize")
    if size is not None:
        settings["blockSize"] = size
        findings.append(Finding(f"cni.blockSize: {size}", where))
    if part(thing.data, "spec", "natOutgoing") is not True:
        findings.append(Finding("", f"{where}: {MASQUERADED}", "does traffic leave the cluster?"))
    return settings, findings


def _mode(ipip: str, vxlan: str) -> str:
    """The encapsulation of an IPPool's two modes; of both set, VXLAN, as the API allows only one."""
    for word, written in (("VXLAN", vxlan), ("IPIP", ipip)):
        if written in ("Always", "CrossSubnet"):
            return word if written == "Always" else f"{word}CrossSubnet"
    return "None"


def _felix(dump: Dump) -> tuple[Settings, list[Finding]]:
    thing = dump.find("FelixConfiguration", "default")
    if thing is None:
        return {}, []
    settings: Settings = {}
    findings: list[Finding] = []
    spec = mapping(thing.data, "spec")
    if is_true(spec, "bpfEnabled"):
        settings["dataplane"] = "eBPF"
        findings.append(Finding("cni.dataplane: eBPF", f"bpfEnabled of {thing.title}"))
    if is_true(spec, "wireguardEnabled"):
        settings["wireguard"] = True
        findings.append(Finding("cni.wireguard: true", f"wireguardEnabled of {thing.title}"))
    return settings, findings


def _bgp(dump: Dump) -> tuple[Settings, list[Finding]]:
    thing = dump.find("BGPConfiguration", "default")
    if thing is None:
        return {}, []
    mesh = part(thing.data, "spec", "nodeToNodeMeshEnabled") is not False
    shape = "every node peers with every other" if mesh else "nodes peer with route reflectors or switches"
    return {}, [Finding("", f"{thing.title}: {shape}; netsim's routes are the same either way")]


def _installation(dump: Dump) -> tuple[Settings, list[Finding]]:
    thing = next(iter(dump.of("Installation", "operator.tigera.io")), None)
    if thing is None:
        return {}, []
    network = mapping(thing.data, "spec", "calicoNetwork")
    settings: Settings = {}
    findings: list[Finding] = []
    pool: Data = next(iter(rows(network, "ipPools")), {})
    if (word := text(pool, "encapsulation")) in OPERATOR:
        settings["encapsulation"] = OPERATOR[word]
        findings.append(Finding(f"cni.encapsulation: {OPERATOR[word]}", f"ipPools of {thing.title}"))
    if (size := whole(pool, "blockSize")) is not None:
        settings["blockSize"] = size
        findings.append(Finding(f"cni.blockSize: {size}", f"ipPools of {thing.title}"))
    plane = text(network, "linuxDataplane")
    if plane == "BPF":
        settings["dataplane"] = "eBPF"
        findings.append(Finding("cni.dataplane: eBPF", f"linuxDataplane of {thing.title}"))
    elif plane not in ("", "Iptables"):
        findings.append(
            Finding(
                "cni.dataplane: iptables",
                f"linuxDataplane of {thing.title} is {plane[:40]}, which netsim does not have",
                "is iptables near enough?",
            )
        )
    if mtu := whole(network, "mtu"):
        settings["mtu"] = mtu
        findings.append(Finding(f"cni.mtu: {mtu}", f"calicoNetwork.mtu of {thing.title}"))
    return settings, findings


def _veth_mtu(dump: Dump) -> tuple[Settings, list[Finding]]:
    thing = dump.find("ConfigMap", "calico-config")
    mtu = whole(thing.data, "data", "veth_mtu") if thing else None
    if thing is None or not mtu:
        return {}, []
    return {"mtu": mtu}, [Finding(f"cni.mtu: {mtu}", f"veth_mtu of {thing.title}")]


def _environment(dump: Dump) -> tuple[Settings, list[Finding]]:
    """What calico-node would make of its environment, where no pool was dumped."""
    written = environment(dump, *NAMES)
    ipip, vxlan = written.get("CALICO_IPV4POOL_IPIP", ""), written.get("CALICO_IPV4POOL_VXLAN", "")
    settings: Settings = {"encapsulation": _mode(ipip, vxlan)}
    if ipip or vxlan:
        why = f"CALICO_IPV4POOL_IPIP {ipip or 'Never'}, CALICO_IPV4POOL_VXLAN {vxlan or 'Never'} of calico-node"
        findings = [Finding(f"cni.encapsulation: {settings['encapsulation']}", why, "kubectl get ippools -o yaml")]
    else:
        settings["encapsulation"] = "IPIP"
        why = "calico-node is there, but no IPPool in the dump; IPIP is the manifest's default"
        findings = [Finding("cni.encapsulation: IPIP", why, "kubectl get ippools -o yaml")]
    for name, key, value in (("FELIX_BPFENABLED", "dataplane", "eBPF"), ("FELIX_WIREGUARDENABLED", "wireguard", True)):
        if written.get(name, "").lower() == "true":
            settings[key] = value
            findings.append(
                Finding(f"cni.{key}: {str(value).lower() if value is True else value}", f"{name} of calico-node")
            )
    return settings, findings
