"""Traces of CNIs that netsim does not have: the nearest that it has stands in, and says so."""

from dataclasses import dataclass

from netsim.importing.dump import Dump
from netsim.importing.findings import DEPLOYED, RUNNING, Finding, Guess
from netsim.importing.workloads import daemon, running

Settings = dict[str, object]
ROUTED: Settings = {"encapsulation": "None"}
SWITCHED: Settings = {"mode": "fastdp", "mtu": 1450}


@dataclass(frozen=True, slots=True)
class StandIn:
    """A CNI by its workloads, and what resembles it."""

    title: str
    names: tuple[str, ...]
    plugin: str
    settings: Settings
    likeness: str


STAND_INS = (
    StandIn("Antrea", ("antrea-agent",), "weave", SWITCHED, "Open vSwitch in the kernel, 50 bytes around a packet"),
    StandIn(
        "OVN-Kubernetes",
        ("ovnkube-node", "ovs-node"),
        "weave",
        SWITCHED,
        "Open vSwitch in the kernel, 50 bytes around a packet",
    ),
    StandIn("Kube-OVN", ("kube-ovn-cni",), "weave", SWITCHED, "Open vSwitch in the kernel, 50 bytes around a packet"),
    StandIn(
        "the Amazon VPC CNI", ("aws-node",), "calico", ROUTED, "a veth pair and a host route for every pod, no tunnel"
    ),
    StandIn(
        "the Azure CNI",
        ("azure-cns", "azure-cni"),
        "calico",
        ROUTED,
        "a veth pair and a host route for every pod, no tunnel",
    ),
    StandIn("kindnet", ("kindnet",), "calico", ROUTED, "a veth pair and a host route for every pod, no tunnel"),
    StandIn("kube-router", ("kube-router",), "flannel", {"backend": "host-gw"}, "a bridge, and routes between nodes"),
)


def look(dump: Dump) -> Guess | None:
    """The stand-in for the first of these CNIs that is there."""
    for one in STAND_INS:
        found = daemon(dump, *one.names)
        title = found or running(dump, *one.names)
        if title:
            why = f"{title} is there, and {one.title} is not supported; {one.plugin} stands in: {one.likeness}"
            check = "are the differences important to your question?"
            return Guess(one.plugin, dict(one.settings), [Finding("cni", why, check)], DEPLOYED if found else RUNNING)
    return None
