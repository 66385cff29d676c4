"""Which CNI and kube-proxy mode import concludes from which traces."""

import json
from pathlib import Path
from typing import Any

import pytest

from netsim import cni, proxy
from netsim.importing import network
from netsim.importing.dump import Dump, Thing
from tests.unit.importing.kubernetes import Data, brought, cni_of, config_map, daemon_set, shop, spec_of, thing

CALICO = "crd.projectcalico.org/v1"


def flannel(**backend: Any) -> Data:
    conf = json.dumps({"Network": "10.244.0.0/16", "Backend": backend})
    return config_map("kube-flannel-cfg", {"net-conf.json": conf}, "kube-flannel")


def pool(**spec: Any) -> Data:
    return thing(CALICO, "IPPool", "default-ipv4-ippool", spec={"cidr": "10.244.0.0/16", "natOutgoing": True, **spec})


def felix(**spec: Any) -> Data:
    return thing(CALICO, "FelixConfiguration", "default", spec=spec)


def installation(pools: Data, **spec: Any) -> Data:
    network = {"ipPools": [{"cidr": "10.244.0.0/16", **pools}], **spec}
    return thing("operator.tigera.io/v1", "Installation", "default", spec={"calicoNetwork": network})


def cilium(**data: str) -> Data:
    return config_map("cilium-config", {key.replace("_", "-"): value for key, value in data.items()})


CASES: list[tuple[str, list[Data], Data]] = [
    ("flannel vxlan", [flannel(Type="vxlan", VNI=1)], {"plugin": "flannel", "backend": "vxlan"}),
    (
        "flannel direct routing",
        [flannel(Type="vxlan", DirectRouting=True, MTU=1450)],
        {"plugin": "flannel", "backend": "vxlan", "directRouting": True, "mtu": 1450},
    ),
    ("flannel host-gw", [flannel(Type="host-gw")], {"plugin": "flannel", "backend": "host-gw"}),
    (
        "flannel mtu of another backend",
        [flannel(Type="wireguard", MTU=1400)],
        {"plugin": "flannel", "backend": "wireguard"},
    ),
    ("flannel unknown backend", [flannel(Type="tencent-vpc")], {"plugin": "flannel", "backend": "vxlan"}),
    ("flannel daemon only", [daemon_set("kube-flannel-ds")], {"plugin": "flannel", "backend": "vxlan"}),
    (
        "calico ipip",
        [pool(ipipMode="Always", vxlanMode="Never", blockSize=26)],
        {"plugin": "calico", "encapsulation": "IPIP", "blockSize": 26},
    ),
    ("calico cross-subnet", [pool(vxlanMode="CrossSubnet")], {"plugin": "calico", "encapsulation": "VXLANCrossSubnet"}),
    ("calico bgp", [pool()], {"plugin": "calico", "encapsulation": "None"}),
    (
        "calico ebpf",
        [pool(), felix(bpfEnabled=True, wireguardEnabled=True)],
        {"plugin": "calico", "encapsulation": "None", "dataplane": "eBPF", "wireguard": True},
    ),
    (
        "calico veth mtu",
        [pool(ipipMode="Always"), config_map("calico-config", {"veth_mtu": "1440"})],
        {"plugin": "calico", "encapsulation": "IPIP", "mtu": 1440},
    ),
    (
        "calico by the operator",
        [installation({"encapsulation": "VXLAN", "blockSize": 24}, linuxDataplane="BPF", mtu=8900)],
        {"plugin": "calico", "encapsulation": "VXLAN", "blockSize": 24, "dataplane": "eBPF", "mtu": 8900},
    ),
    (
        "calico environment",
        [daemon_set("calico-node", env={"CALICO_IPV4POOL_IPIP": "Never", "CALICO_IPV4POOL_VXLAN": "Always"})],
        {"plugin": "calico", "encapsulation": "VXLAN"},
    ),
    (
        "canal",
        [config_map("canal-config", {"veth_mtu": "1450"}), daemon_set("canal"), felix(bpfEnabled=False)],
        {"plugin": "canal", "mtu": 1450},
    ),
    (
        "cilium tunnel with kube-proxy",
        [cilium(routing_mode="tunnel", tunnel_protocol="geneve", kube_proxy_replacement="false")],
        {"plugin": "cilium", "routing": "tunnel", "kubeProxyReplacement": False, "hostRouting": "legacy"},
    ),
    (
        "cilium native ebpf",
        [cilium(routing_mode="native", kube_proxy_replacement="true", enable_bpf_masquerade="true")],
        {"plugin": "cilium", "routing": "native", "kubeProxyReplacement": True, "hostRouting": "eBPF"},
    ),
    (
        "cilium before 1.14",
        [cilium(tunnel="disabled", kube_proxy_replacement="strict", enable_ipsec="true", mtu="8900")],
        {
            "plugin": "cilium",
            "routing": "native",
            "kubeProxyReplacement": True,
            "encryption": "ipsec",
            "hostRouting": "legacy",
            "mtu": 8900,
        },
    ),
    (
        "weave",
        [daemon_set("weave-net", env={"WEAVE_MTU": "8916", "WEAVE_PASSWORD": ""})],
        {"plugin": "weave", "mode": "fastdp", "encrypted": True, "mtu": 8916},
    ),
    ("weave sleeve", [daemon_set("weave-net", args=["--no-fastdp"])], {"plugin": "weave", "mode": "sleeve"}),
    ("antrea", [daemon_set("antrea-agent")], {"plugin": "weave", "mode": "fastdp", "mtu": 1450}),
    ("amazon", [daemon_set("aws-node")], {"plugin": "calico", "encapsulation": "None"}),
    ("kubenet", [daemon_set("kube-proxy")], {"plugin": "kubenet"}),
    ("nothing", [], {"plugin": "flannel"}),
]


@pytest.mark.parametrize(("traces", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_cni_by_its_traces(traces: list[Data], expected: Data, tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), *traces])
    assert cni_of(made) == expected
    assert made.problems == []


def test_every_cni_is_found_by_some_trace() -> None:
    assert {str(case[2]["plugin"]) for case in CASES} | {"host"} >= set(cni.names())


def test_a_stand_in_says_so(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), daemon_set("antrea-agent")])
    [told] = [line for line in made.told if "Antrea" in line]
    assert "DaemonSet kube-system/antrea-agent is there, and Antrea is not supported; weave stands in" in told
    assert "Open vSwitch in the kernel" in " ".join(made.files["scenario.yaml"].replace("#", " ").split())


def test_settings_that_do_not_go_together_are_told(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), flannel(Type="wireguard", MTU=1400)])
    assert "cni: cni: mtu: 1400 does not go with the rest and is left out" in made.told


def test_left_over_traces_are_told(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), flannel(Type="vxlan"), daemon_set("weave-net")])
    assert cni_of(made)["plugin"] == "flannel"
    assert any("there are traces of weave, too: DaemonSet kube-system/weave-net" in line for line in made.told)


def test_masquerading_that_differs_is_told(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), pool(natOutgoing=False)])
    assert any("natOutgoing: false" in line for line in made.told)


def test_the_pool_with_most_pods_decides(tmp_path: Path) -> None:
    spare = thing(CALICO, "IPPool", "another", spec={"cidr": "10.250.0.0/16", "ipipMode": "Always"})
    off = thing(CALICO, "IPPool", "off", spec={"cidr": "10.244.0.0/16", "ipipMode": "Always", "disabled": True})
    made = brought(tmp_path, [*shop(), spare, off, pool(vxlanMode="Always")])
    assert cni_of(made)["encapsulation"] == "VXLAN"
    assert any("2 pools differ" in line for line in made.told)
    assert spec_of(made)["cluster"]["podCIDR"] == "10.240.0.0/12"


KUBE_PROXY = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"


def proxy_config(text: str) -> Data:
    return config_map("kube-proxy", {"config.conf": KUBE_PROXY + text})


@pytest.mark.parametrize("mode", [name for name in proxy.names() if name != "ebpf"])
def test_every_proxy_mode_is_read(mode: str, tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), proxy_config(f"mode: {mode}\n")])
    assert spec_of(made)["proxy"] == {"mode": mode}
    assert f"proxy: proxy.mode: {mode}: mode {mode} of config.conf of ConfigMap kube-system/kube-proxy" in made.told


def test_proxy_settings_of_the_mode(tmp_path: Path) -> None:
    text = "mode: ipvs\nipvs: {scheduler: lc, syncPeriod: 20s, minSyncPeriod: 0s, strictARP: true}\n"
    made = brought(tmp_path, [*shop(), proxy_config(text)])
    assert spec_of(made)["proxy"] == {"mode": "ipvs", "scheduler": "lc", "syncPeriod": "20s"}
    assert made.problems == []


def test_no_mode_is_iptables(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), proxy_config('mode: ""\n')])
    assert spec_of(made)["proxy"] == {"mode": "iptables"}


def test_unknown_proxy_mode_falls_back_in_words(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), proxy_config("mode: kernelspace\n")])
    assert spec_of(made)["proxy"] == {"mode": "iptables"}
    assert any("mode kernelspace of config.conf" in line and "netsim does not have" in line for line in made.told)


def test_proxy_mode_of_the_command_line(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), daemon_set("kube-proxy", args=["--proxy-mode=ipvs"]), flannel(Type="udp")])
    assert spec_of(made)["proxy"] == {"mode": "ipvs"}


def test_no_proxy_where_the_cni_replaces_it(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), felix(bpfEnabled=True), proxy_config("mode: iptables\n")])
    assert "proxy" not in spec_of(made)
    assert made.problems == []


def test_conntrack_of_kube_proxy(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), proxy_config("conntrack: {maxPerCore: 1000, min: 5000}\n")])
    assert spec_of(made)["cluster"]["nodePools"][0]["sysctls"] == {"net.netfilter.nf_conntrack_max": 8000}


def test_every_reader_takes_an_empty_dump() -> None:
    assert network.guess_cni(Dump()).weight == 0
    dump = Dump()
    dump.add(Thing("ConfigMap", "", "kube-system", "cilium-config", {}))
    assert network.guess_cni(dump).kind == "flannel"
