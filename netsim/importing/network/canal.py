"""Traces of Canal: Calico's pods and policies over Flannel's VXLAN."""

from netsim.importing.dump import Dump
from netsim.importing.findings import CONFIGURED, DEPLOYED, RUNNING, Finding, Guess
from netsim.importing.network.flannel import net_conf
from netsim.importing.shapes import mapping, text, whole
from netsim.importing.workloads import daemon, running

NAMES = ("canal", "rke2-canal")


def look(dump: Dump) -> Guess | None:
    """Canal with its MTU."""
    thing = dump.find("ConfigMap", "canal-config", "rke2-canal-config")
    settings: dict[str, object] = {}
    if thing is not None:
        findings = [Finding("cni.plugin: canal", f"{thing.title} is there")]
        if mtu := whole(thing.data, "data", "veth_mtu"):
            settings["mtu"] = mtu
            findings.append(Finding(f"cni.mtu: {mtu}", f"veth_mtu of {thing.title}"))
        kind = text(mapping(net_conf(thing), "Backend"), "Type").lower()
        if kind not in ("", "vxlan"):
            findings.append(
                Finding(
                    "",
                    f"net-conf.json of {thing.title} has Backend.Type {kind[:40]}; netsim's Canal has VXLAN",
                    "is that near enough?",
                )
            )
        return Guess("canal", settings, findings, CONFIGURED + 1)  # its Felix leaves Calico's traces, too
    if found := daemon(dump, *NAMES):
        return Guess("canal", settings, [Finding("cni.plugin: canal", f"{found} is there")], DEPLOYED + 1)
    if found := running(dump, *NAMES):
        return Guess("canal", settings, [Finding("cni.plugin: canal", f"{found} is there")], RUNNING)
    return None
