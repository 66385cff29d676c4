"""Notices: settings that do nothing together with the rest of a scenario, and what several variants are told."""

from pathlib import Path

import pytest

from netsim.scenario import load

TEXT = """apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: x}
spec:
  run: {duration: 10ms}
  cluster: {nodePools: [{name: n, count: 2, nics: [{name: eth0%(nic)s}]}]}
  cni: {plugin: %(cni)s}
  fabric: {mtu: 9000%(fabric)s}
  transport: {initialWindow: 10%(sockets)s}
  workloads:
  - {target: pod/client}
  - {target: pod/server, ports: [80]}
  services:
  - {name: server, selector: pod/server, type: LoadBalancer}
  traffic:
  - {name: t, %(ends)s, %(load)s}
"""
INSIDE = "from: pod/client, to: pod/server"
INTERNET = "from: internet, via: loadBalancer, to: svc/server"
DEFAULTS = {
    "nic": "",
    "cni": "cilium, routing: native",
    "fabric": "",
    "sockets": "",
    "ends": INSIDE,
    "load": "bulk: {}",
}
LEAVES = ", topology: leaf-spine, leafUplink: {ecnThreshold: 1MiB}"


def notices(tmp_path: Path, compare: str = "", **settings: str) -> list[str]:
    path = tmp_path / "s.yaml"
    path.write_text(TEXT % (DEFAULTS | settings) + compare)
    return [str(notice).removeprefix(f"{path}:") for notice in load(path).notices]


TOLD: dict[str, dict[str, str]] = {
    "9:39: transport.ecn: no port of the fabric marks packets, so that ecn has no effect": {"sockets": ", ecn: true"},
    "9:53: transport.congestionControl: no port of the fabric marks packets, so that dctcp only": {
        "sockets": ", congestionControl: dctcp"
    },
    "16:75: traffic.t.bulk.congestionControl: no port of the fabric marks packets, so that dctcp": {
        "load": "bulk: {congestionControl: dctcp}"
    },
    "8:37: fabric.ecnThreshold: no packet is marked, because no connection has ecn": {
        "fabric": ", ecnThreshold: 64KiB"
    },
    "8:72: fabric.leafUplink.ecnThreshold: no packet is marked, because no connection": {"fabric": LEAVES},
    "8:37: fabric.ecnThreshold: no packet is marked": {
        "fabric": ", ecnThreshold: 64KiB", "sockets": ", ecn: true", "load": "datagrams: {}"
    },
    "6:73: cluster.nodePools.n.nics.eth0.bigTcp: bigTcp has no effect between pods of two nodes with Flannel vxlan": {
        "nic": ", bigTcp: 192KiB", "cni": "flannel"
    },
    "6:73: cluster.nodePools.n.nics.eth0.bigTcp: bigTcp has no effect between pods of two nodes with Cilium native": {
        "nic": ", bigTcp: 192KiB", "cni": "cilium, routing: native, encryption: wireguard"
    },
    "6:73: cluster.nodePools.n.nics.eth0.bigTcp: bigTcp has no effect without gso": {
        "nic": ", bigTcp: 192KiB, gso: false"
    },
    "6:70: cluster.nodePools.n.nics.eth0.tso: tso has no effect without gso": {"nic": ", tso: true, gso: false"},
    "16:5: traffic.t: without rtt its clients stand right before the cluster": {"ends": INTERNET},
}  # fmt: skip


@pytest.mark.parametrize("start", TOLD)
def test_a_setting_without_effect_is_told_where_it_stands(start: str, tmp_path: Path) -> None:
    [notice] = notices(tmp_path, **TOLD[start])
    assert notice.startswith(start), notice


EFFECTIVE: list[dict[str, str]] = [
    {},
    {"sockets": ", ecn: true", "fabric": ", ecnThreshold: 64KiB"},
    {"sockets": ", congestionControl: dctcp", "fabric": LEAVES},
    {"load": "bulk: {congestionControl: dctcp}", "fabric": ", ecnThreshold: 64KiB"},
    {"nic": ", bigTcp: 192KiB"},
    {"nic": ", bigTcp: 192KiB", "cni": "calico, encapsulation: IPIPCrossSubnet"},
    {"nic": ", gso: false"},
    {"nic": ", tso: false, gso: false"},
    {"ends": f"{INTERNET}, rtt: 20ms"},
    {"ends": INTERNET, "load": "rate: 100k/s"},
]


@pytest.mark.parametrize("settings", EFFECTIVE, ids=str)
def test_nothing_is_told_of_what_has_an_effect(settings: dict[str, str], tmp_path: Path) -> None:
    assert notices(tmp_path, **settings) == []


def test_variants_are_told_together(tmp_path: Path) -> None:
    compare = """  compare:
  - {name: deaf}
  - {name: marked, set: {fabric.ecnThreshold: 64KiB}}
  - {name: unheard, set: {traffic.t.bulk: {streams: 2}}}
"""
    [notice] = notices(tmp_path, compare, sockets=", ecn: true")
    assert notice.startswith("9:39: compare.deaf, unheard: transport.ecn: no port"), notice
    [notice] = notices(tmp_path, compare.replace("64KiB", "null"), sockets=", ecn: true")
    assert notice.startswith("9:39: transport.ecn: no port"), notice
