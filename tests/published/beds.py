"""The published test beds, configurations and tests, as parts of a scenario.

One number per test bed adapts the model to it: its nominal clock against the 3.8 GHz of the cost profile. The Ryzen 9
3950X is hardware of that profile, so its speed is 100 %. Its two machines had no switch between them. Everything not
said here is netsim's default.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.published.facts import Fact, Setup

Part = dict[str, Any]


@dataclass(frozen=True)
class Hardware:
    """Two machines; ``cores`` are logical CPUs, as the kernel counts them."""

    bandwidth: str
    cores: int
    speed: str
    told: str
    fabric: Part = field(default_factory=dict)


@dataclass(frozen=True)
class Bed:
    """Machines with a kernel. netsim has one kernel, so beds that differ in it alone share their predictions."""

    hardware: str
    kernel: str
    url: str


@dataclass(frozen=True)
class Tool:
    """What one tool does; times are simulated."""

    traffic: Part
    duration: str
    warmup: str
    replications: int


@dataclass(frozen=True)
class Configuration:
    """A CNI in a mode; ``overhead`` is what its option ``mtu`` adds to the pod MTU, None where it has no option."""

    cni: Part = field(default_factory=dict)
    overhead: int | None = None


HARDWARE = {
    "epyc-7262": Hardware("40Gbit", 32, "84%", "2 x EPYC 7262, 3.2 GHz, Intel XL710 40 Gbit/s"),
    "xeon-e5-1630v3": Hardware("10Gbit", 8, "97%", "Xeon E5-1630 v3, 3.7 GHz, 10 Gbit/s SFP+"),
    "ryzen-3950x": Hardware(
        "100Gbit",
        32,
        "100%",
        "Ryzen 9 3950X, 3.5 GHz nominal, Intel E810 100 Gbit/s, back to back",
        {"topology": "flat", "switchLatency": "0s"},
    ),
}

_IB2024 = "https://github.com/InfraBuilder/benchmark-k8s-cni-2024-01"
_IB2020 = "https://github.com/InfraBuilder/benchmark-k8s-cni-2020-08"
BEDS = {
    "infrabuilder-2024": Bed("epyc-7262", "5.15", _IB2024),
    "infrabuilder-2020-k4.15": Bed("xeon-e5-1630v3", "4.15 (Ubuntu 18.04)", _IB2020),
    "infrabuilder-2020-k5.4-u18": Bed("xeon-e5-1630v3", "5.4 (Ubuntu 18.04 HWE)", _IB2020),
    "infrabuilder-2020-k5.4-u20": Bed("xeon-e5-1630v3", "5.4 (Ubuntu 20.04)", _IB2020),
    "cilium-2021": Bed("ryzen-3950x", "5.10", "https://cilium.io/blog/2021/05/11/cni-benchmark/"),
}

TOOLS = {
    "iperf3 TCP x1": Tool({"bulk": {"streams": 1}}, "30ms", "10ms", 5),
    "iperf3 TCP x8": Tool({"bulk": {"streams": 8}}, "30ms", "10ms", 5),
    "iperf3 UDP x1": Tool({"datagrams": {"streams": 1}}, "10ms", "2ms", 5),
    "iperf3 UDP x8": Tool({"datagrams": {"streams": 8}}, "10ms", "2ms", 5),
    "netperf TCP_STREAM x1": Tool({"bulk": {"streams": 1}}, "30ms", "10ms", 5),
    "netperf TCP_STREAM x32": Tool({"bulk": {"streams": 32}}, "60ms", "30ms", 2),
    "netperf TCP_RR x1": Tool({"transactions": {"processes": 1}}, "20ms", "2ms", 5),
    "netperf TCP_RR x32": Tool({"transactions": {"processes": 32}}, "10ms", "2ms", 3),
    "netperf TCP_CRR x1": Tool({"transactions": {"processes": 1, "connect": True}}, "20ms", "2ms", 5),
    "netperf TCP_CRR x32": Tool({"transactions": {"processes": 32, "connect": True}}, "10ms", "2ms", 3),
}

_CALICO = {"plugin": "calico"}
_NATIVE = {"plugin": "cilium", "routing": "native"}
_LEGACY = {"hostRouting": "legacy"}
_KUBE_PROXY = {"hostRouting": "legacy", "kubeProxyReplacement": False}
_CROSS = {"encapsulation": "VXLANCrossSubnet"}
CONFIGS = {
    "host": Configuration({"plugin": "host"}),
    "flannel-vxlan": Configuration({"plugin": "flannel", "backend": "vxlan"}, 50),
    "calico-vxlan-crosssubnet": Configuration(_CALICO | _CROSS, 0),
    "calico-vxlan-crosssubnet-wireguard": Configuration(_CALICO | _CROSS | {"wireguard": True}, 0),
    "calico-ipip": Configuration(_CALICO | {"encapsulation": "IPIP"}, 0),
    "calico-ipip-ebpf": Configuration(_CALICO | {"encapsulation": "IPIP", "dataplane": "eBPF"}, 0),
    "calico-ipip-wireguard": Configuration(_CALICO | {"encapsulation": "IPIP", "wireguard": True}, 0),
    "weave-fastdp": Configuration({"plugin": "weave"}, 0),
    "weave-fastdp-encrypted": Configuration({"plugin": "weave", "encrypted": True}, 0),
    "cilium-native": Configuration(_NATIVE, 0),
    "cilium-native-legacy-kube-proxy": Configuration(_NATIVE | _KUBE_PROXY, 0),
    "cilium-native-wireguard": Configuration(_NATIVE | {"encryption": "wireguard"}, 0),
    "cilium-native-wireguard-kube-proxy": Configuration(_NATIVE | _KUBE_PROXY | {"encryption": "wireguard"}, 0),
    "cilium-native-ipsec": Configuration(_NATIVE | _LEGACY | {"encryption": "ipsec"}, 0),
}


def setup(fact: Fact) -> Setup:
    """The run that predicts a fact."""
    hardware = BEDS[fact.bed].hardware
    return Setup(hardware, fact.config, fact.test, fact.path, fact.nic_mtu, fact.pod_mtu)


def cni(of: Setup) -> Part:
    """The scenario's ``cni``."""
    config = CONFIGS[of.config]
    if of.pod_mtu is None or config.overhead is None:
        return config.cni
    return config.cni | {"mtu": of.pod_mtu + config.overhead}


def spec(of: Setup) -> Part:
    """A scenario of two nodes of the test bed, a pod on each, and one tool at work between them."""
    bed, test = HARDWARE[of.hardware], TOOLS[of.test]
    nic = {"name": "eth0", "bandwidth": bed.bandwidth, "mtu": of.nic_mtu, "queues": bed.cores}
    pool = {"name": "node", "count": 2, "capacity": {"cpu": str(bed.cores)}, "cpuSpeed": bed.speed, "nics": [nic]}
    target = "svc/server" if of.path == "service" else "pod/server"
    fabric = {"fabric": bed.fabric} if bed.fabric else {}
    run = {"duration": test.duration, "warmup": test.warmup, "seed": 1, "replications": test.replications}
    return {
        "run": run,
        "cluster": {"nodePools": [pool]},
        **fabric,
        "cni": cni(of),
        "workloads": [
            {"target": "pod/client", "node": "node-0"},
            {"target": "pod/server", "node": "node-1", "ports": [5201]},
        ],
        "services": [{"name": "server", "selector": "pod/server", "port": 5201}],
        "traffic": [{"name": "test", "from": "pod/client", "to": target, **test.traffic}],
    }
