"""Traces of Flannel: its ConfigMap, its DaemonSet, its annotations on nodes."""

import json

from netsim.importing.dump import Dump, Thing
from netsim.importing.findings import CONFIGURED, DEPLOYED, RUNNING, Finding, Guess
from netsim.importing.shapes import Data, is_true, mapping, text, whole
from netsim.importing.workloads import daemon, running

BACKENDS = ("vxlan", "host-gw", "udp", "wireguard", "ipip", "ipsec")
NAMES = ("kube-flannel-ds", "kube-flannel", "flannel")
ANNOTATION = "flannel.alpha.coreos.com/backend-type"


def net_conf(thing: Thing | None) -> Data:
    """``net-conf.json`` of a ConfigMap, or nothing."""
    try:
        found = json.loads(text(thing.data, "data", "net-conf.json")) if thing else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def look(dump: Dump) -> Guess | None:
    """Flannel with its backend."""
    thing = dump.find("ConfigMap", "kube-flannel-cfg")
    if conf := net_conf(thing):
        where = f"net-conf.json of {thing.title if thing else ''}"
        return Guess("flannel", *_backend(mapping(conf, "Backend"), where), CONFIGURED)
    if found := daemon(dump, *NAMES):
        why = Finding(
            "cni.backend: vxlan",
            f"{found} is there, its ConfigMap kube-flannel-cfg is not",
            "which backend? This is Flannel's default",
        )
        return Guess("flannel", {"backend": "vxlan"}, [why], DEPLOYED)
    for node in dump.of("Node", ""):
        kind = text(node.data, "metadata", "annotations", ANNOTATION).lower()
        if kind:
            settings, findings = _backend({"Type": kind}, f"annotation {ANNOTATION} of {node.title}")
            return Guess("flannel", settings, findings, DEPLOYED)
    if pod := running(dump, *NAMES):
        why = Finding("cni.backend: vxlan", f"{pod} is there", "which backend? This is Flannel's default")
        return Guess("flannel", {"backend": "vxlan"}, [why], RUNNING)
    return None


def _backend(written: Data, where: str) -> tuple[dict[str, object], list[Finding]]:
    kind = text(written, "Type").lower() or "vxlan"
    if kind not in BACKENDS:
        why = Finding(
            "cni.backend: vxlan",
            f"{where} has Backend.Type {kind[:40]}, which netsim does not know",
            "is vxlan near enough?",
        )
        return {"backend": "vxlan"}, [why]
    settings: dict[str, object] = {"backend": kind}
    findings = [Finding(f"cni.backend: {kind}", where)]
    if is_true(written, "DirectRouting"):
        settings["directRouting"] = True
        findings.append(Finding("cni.directRouting: true", where))
    mtu = whole(written, "MTU")
    if mtu:
        settings["mtu"] = mtu
        findings.append(Finding(f"cni.mtu: {mtu}", f"Backend.MTU in {where}"))
    return settings, findings
