"""Every CNI in every mode: the stages in their order, the bytes it adds, the MTU, the entries it tracks."""

from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from netsim import cni, costs
from netsim.errors import UsageError
from netsim.model.datapath import DataPath, Lane, Offload, Stage

CODES = {
    "veth": "V",
    "bridge": "BR",
    "bridge-netfilter": "BN",
    "conntrack": "CT",
    "route": "F",
    "filter": "FW",
    "outer-conntrack": "CTo",
    "outer-route": "Fo",
    "vxlan-push": "EN",
    "ipip-push": "EN",
    "wireguard-push": "EN",
    "vxlan-pop": "DE",
    "ipip-pop": "DE",
    "wireguard-pop": "DE",
    "wireguard-encrypt": "CR",
    "wireguard-decrypt": "CR",
    **dict.fromkeys(("esp-encrypt", "esp-decrypt"), "ESP"),
    **dict.fromkeys(("nacl-seal", "nacl-open"), "CR"),
    **dict.fromkeys(("tun-transmit", "tun-receive"), "TUN"),
    "packet-tap": "pcap",
    "packet-inject": "inject",
    "udp-deliver": "UDP",
    "daemon-read": "U^",
    "daemon-write": "Uv",
    "ovs": "OVS",
    "tc-bpf": "Tb",
    "bpf-fib": "fib",
    "bpf-service": "lb",
    "redirect-peer": "V*",
}

# Pod MTU over a wire of 1500, header bytes on it, stages of an established flow between pods on two nodes:
# veth to NIC, NIC to veth. Written by hand, from the documents of the projects.
ROWS = """
kubenet                       |1500| 0|V BR CT F FW                      |CT F FW BR V
Flannel host-gw               |1500| 0|V BR CT F FW                      |CT F FW BR V
Flannel vxlan                 |1450|50|V BR CT F FW EN CTo Fo            |CTo DE CT F FW BR V
Flannel ipip                  |1480|20|V BR CT F FW EN CTo Fo            |CTo DE CT F FW BR V
Flannel wireguard             |1420|60|V BR CT F FW CR EN CTo Fo         |CTo CR DE CT F FW BR V
Flannel ipsec                 |1423|54|V BR CT F FW ESP CTo Fo           |CTo ESP CT F FW BR V
Flannel udp                   |1472|28|V BR CT F FW TUN U^ Uv CTo Fo     |CTo UDP U^ Uv TUN CT F FW BR V
Flannel vxlan DirectRouting   |1450|50|V BR CT F FW EN CTo Fo            |CTo DE CT F FW BR V
Flannel ipip DirectRouting    |1480|20|V BR CT F FW EN CTo Fo            |CTo DE CT F FW BR V
Calico bgp                    |1500| 0|V CT F FW                         |CT F FW V
Calico ipip                   |1480|20|V CT F FW EN CTo Fo               |CTo DE CT F FW V
Calico ipip CrossSubnet       |1480|20|V CT F FW EN CTo Fo               |CTo DE CT F FW V
Calico vxlan                  |1450|50|V CT F FW EN Fo                   |DE CT F FW V
Calico vxlan CrossSubnet      |1450|50|V CT F FW EN Fo                   |DE CT F FW V
Calico wireguard              |1440|60|V CT F FW CR EN CTo Fo            |CTo CR DE CT F FW V
Calico bgp eBPF               |1450| 0|V Tb                              |Tb V
Calico bgp eBPF DSR           |1450| 0|V Tb                              |Tb V
Calico ipip eBPF              |1450|20|V Tb F EN Fo                      |DE Tb V
Calico ipip CrossSubnet eBPF  |1450|20|V Tb F EN Fo                      |DE Tb V
Calico vxlan eBPF             |1450|50|V Tb EN Fo                        |DE Tb V
Calico vxlan CrossSubnet eBPF |1450|50|V Tb EN Fo                        |DE Tb V
Calico wireguard eBPF         |1440|60|V Tb F CR EN Fo                   |CR DE Tb V
Canal                         |1450|50|V CT F FW EN CTo Fo               |CTo DE CT F FW V
Weave Net fastdp              |1376|50|V BR BN CT FW V OVS EN CTo Fo     |CTo DE OVS V BR BN CT FW V
Weave Net fastdp encrypted    |1376|84|V BR BN CT FW V OVS EN CTo Fo ESP |CTo ESP CTo DE OVS V BR BN CT FW V
Weave Net sleeve              |1376|62|V BR BN CT FW pcap U^ Uv CTo Fo   |CTo UDP U^ Uv inject BR BN CT FW V
Weave Net sleeve encrypted|1376|86|V BR BN CT FW pcap U^ CR Uv CTo Fo|CTo UDP U^ CR Uv inject BR BN CT FW V
Cilium vxlan                  |1450|50|V Tb EN Fo                        |DE Tb V*
Cilium vxlan legacy           |1450|50|V Tb EN CTo Fo                    |CTo DE Tb CT F FW V
Cilium vxlan legacy kube-proxy|1450|50|V lb Tb EN CTo Fo                 |CTo DE Tb CT F FW V
Cilium native                 |1500| 0|V Tb fib                          |Tb V*
Cilium native dsr             |1500| 0|V Tb fib                          |Tb V*
Cilium native dsr geneve      |1450| 0|V Tb fib                          |Tb V*
Cilium native legacy          |1500| 0|V Tb CT F FW                      |Tb CT F FW V
Cilium native legacy kube-proxy|1500| 0|V lb Tb CT F FW                   |Tb CT F FW V
Cilium native wireguard       |1420|60|V Tb CR EN Fo                     |CR DE Tb V*
Cilium vxlan wireguard        |1370|110|V Tb EN CR EN Fo                 |CR DE DE Tb V*
Cilium native ipsec legacy    |1423|54|V Tb CT F FW ESP CTo Fo           |CTo ESP Tb CT F FW V
Cilium vxlan ipsec legacy     |1373|104|V Tb CT F FW ESP EN CTo Fo       |CTo DE ESP Tb CT F FW V
host network                  |1500| 0|CT                                |CT
"""

# Established flow between pods of one node, veth to veth.
SAME_NODE = """
kubenet V BR BN CT FW V
Flannel V BR BN CT FW V
Weave V BR BN CT FW V
Canal V CT F FW V
Calico V CT F FW V
Calico-eBPF V Tb V*
Cilium V Tb V*
Cilium-legacy V Tb V
Cilium-kube-proxy V lb Tb V
"""

# Entries that one connection between pods of two nodes adds on either node; what is not named adds one.
TRACKED = {
    "Flannel vxlan": 3,
    "Flannel vxlan DirectRouting": 3,
    "Canal": 3,
    "Weave Net fastdp": 3,
    "Weave Net fastdp encrypted": 3,
    "Cilium vxlan": 0,
    "Cilium native": 0,
    "Cilium native dsr": 0,
    "Cilium native dsr geneve": 0,
    "Cilium vxlan wireguard": 0,
    "Cilium native wireguard": 0,
}

VARIANTS = [(module, config) for module in map(cni.load, cni.names()) for config in module.variants()]
PATHS = [module.data_path(config) for module, config in VARIANTS]
BY_TITLE = {path.title: path for path in PATHS}
every_mode = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.title)


def codes(stages: tuple[Stage, ...]) -> str:
    return " ".join(CODES[stage.name] for stage in stages if not stage.first_packet)


def table(text: str) -> list[list[str]]:
    return [[" ".join(cell.split()) for cell in row.split("|")] for row in text.strip().splitlines()]


def pieces(path: DataPath) -> dict[str, tuple[Stage, ...]]:
    """All pieces that the mode has, by name."""
    values = {name: getattr(path, name) for name in DataPath.__dataclass_fields__}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, tuple) and all(isinstance(stage, Stage) for stage in value)
    }


def bytes_after(stages: tuple[Stage, ...], before: int = 0) -> int:
    """Header bytes that a packet wears behind the stages; every pop must find what it takes off."""
    worn = before
    for stage in stages:
        worn += stage.push.header_bytes if stage.push else 0
        worn -= stage.pop.header_bytes if stage.pop else 0
        assert worn >= 0, f"{stage.name} takes off what nobody put on"
    return worn


def tracks(stages: tuple[Stage, ...]) -> int:
    return sum(stage.tracks for stage in stages)


def test_every_plugin_is_here() -> None:
    assert cni.names() == ("calico", "canal", "cilium", "flannel", "host", "kubenet", "weave")


def test_unknown_plugin_is_told_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"There is no CNI plugin 'flanel'. Did you mean 'flannel'\? Known: calico,"):
        cni.load("flanel")


@pytest.mark.parametrize(("title", "mtu", "header", "send", "receive"), table(ROWS))
def test_claims_and_order_of_stages(title: str, mtu: str, header: str, send: str, receive: str) -> None:
    path = BY_TITLE[title]
    assert path.pod_mtu(1500) == int(mtu)
    assert (path.encapsulation.header_bytes if path.encapsulation else 0) == int(header)
    assert codes((*path.pod_out, *path.egress)) == send
    assert codes((*path.ingress, *path.pod_in)) == receive


def test_every_mode_has_its_row() -> None:
    assert {row[0] for row in table(ROWS)} == set(BY_TITLE)


@every_mode
def test_same_node_traffic_stays_in_the_node(path: DataPath) -> None:
    for piece in (path.local, path.local_service or ()):
        assert not {stage.name for stage in piece} & {"nic-transmit", "nic-receive", "qdisc", "outer-route"}
        assert not any(stage.push or stage.pop for stage in piece)
        assert not any(stage.lane is Lane.DAEMON for stage in piece)


@pytest.mark.parametrize("row", SAME_NODE.strip().splitlines())
def test_same_node_stages_stand_in_their_order(row: str) -> None:
    kind, _, expected = row.partition(" ")
    plugin, _, plane = kind.partition("-")
    words = {"": lambda title: not {"eBPF", "legacy"} & set(title.split()), "kube-proxy": lambda t: "kube-proxy" in t}
    words |= {"eBPF": lambda title: "eBPF" in title, "legacy": lambda title: title.endswith("legacy")}
    found = [path for title, path in BY_TITLE.items() if title.startswith(plugin) and words[plane](title)]
    assert found
    assert {codes((*path.pod_out, *path.local, *path.pod_in)) for path in found} == {expected}


@every_mode
def test_header_bytes_come_off_again(path: DataPath) -> None:
    expected = path.encapsulation.header_bytes if path.encapsulation else 0
    assert bytes_after(path.egress) == expected
    assert bytes_after(path.ingress, expected) == 0
    assert bytes_after(path.entry_remote) == expected
    assert bytes_after(path.entry_return, expected) == 0
    for name in ("pod_out", "pod_in", "local", "external_egress", "external_ingress", "entry_local"):
        assert bytes_after(getattr(path, name)) == 0
    for direct in (path.direct_egress, path.direct_ingress):
        assert not any(stage.push or stage.pop for stage in direct or ())


def test_saboteur_a_pop_without_its_push_is_seen() -> None:
    with pytest.raises(AssertionError, match="vxlan-pop takes off what nobody put on"):
        bytes_after(BY_TITLE["Flannel vxlan"].ingress)


@every_mode
def test_a_full_packet_fits_the_wire(path: DataPath) -> None:
    inner = path.pod_mtu(1500)
    outer = inner + (path.encapsulation.header_bytes if path.encapsulation else 0)
    # WireGuard never pads beyond its device's MTU: 1420 is no multiple of 16, and still fits.
    assert outer <= 1500


def test_weave_takes_jumbo_frames_only_when_told() -> None:
    weave = cni.load("weave")
    assert weave.data_path(weave.Config()).pod_mtu(9000) == 1376
    assert weave.data_path(weave.Config(mtu=8916)).pod_mtu(9000) == 8916


@every_mode
def test_connections_are_tracked_once_per_table_entry(path: DataPath) -> None:
    entries = 0 if "eBPF" in path.title else TRACKED.get(path.title, 1)
    if path.title.startswith("Cilium vxlan legacy"):
        # Only the outer packet crosses netfilter on the way out, inner and outer on the way in.
        assert (tracks(path.egress), tracks(path.ingress)) == (2, 3)
        return
    assert tracks((*path.pod_out, *path.egress)) == entries
    assert tracks((*path.ingress, *path.pod_in)) == entries


@every_mode
def test_every_stage_has_a_cost_with_a_source(path: DataPath) -> None:
    profile = costs.load()
    for stages in pieces(path).values():
        for stage in stages:
            assert profile.stage(stage.name).source


@every_mode
def test_lanes_follow_the_packet(path: DataPath) -> None:
    """Sending to the veth is the thread's work; only user-space tunnels use a daemon, at both ends."""
    assert all(stage.lane is Lane.APPLICATION for stage in path.pod_out)
    assert all(stage.lane is Lane.SOFTIRQ for stage in (*path.ingress[-1:], *path.pod_in))
    in_daemon = [any(stage.lane is Lane.DAEMON for stage in piece) for piece in (path.egress, path.ingress)]
    assert in_daemon == [path.title.startswith(("Flannel udp", "Weave Net sleeve"))] * 2


@every_mode
def test_packets_are_cut_before_an_encapsulation_that_no_nic_cuts(path: DataPath) -> None:
    never = path.encapsulation is not None and path.encapsulation.offload is Offload.NEVER
    assert any(stage.splits for stage in path.egress) == never


@every_mode
def test_traffic_to_machines_outside_is_masqueraded(path: DataPath) -> None:
    names = {stage.name for stage in path.external_egress}
    assert path.pods_on_host_network or names & {"masquerade", "bpf-nat"}


@pytest.mark.parametrize(("module", "config"), VARIANTS)
def test_modules_keep_their_contract(module: ModuleType, config: Any) -> None:
    path = module.data_path(config)
    assert config.plugin == module.__name__.rpartition(".")[2]
    assert path.sources
    assert module.Config.model_validate(config.model_dump()) == config
    assert (module.ipam(config) is None) == (module.allocator(config) is None) == path.pods_on_host_network
    assert module.replaces_proxy(config) == (not _is_translated_by_netfilter(path))


def _is_translated_by_netfilter(path: DataPath) -> bool:
    """Whether a NodePort's packets meet conntrack, where kube-proxy's rules stand, and no tc program."""
    names = [stage.name for stage in path.entry_remote]
    return "conntrack" in names and "bpf-service" not in names


def test_modes_are_told_apart() -> None:
    for module in map(cni.load, cni.names()):
        assert len({module.mode(config) for config in module.variants()}) == len(module.variants())


def test_cross_subnet_and_direct_routing_tunnel_only_between_subnets() -> None:
    direct = {title for title, path in BY_TITLE.items() if path.direct_egress is not None}
    assert direct == {title for title in BY_TITLE if "CrossSubnet" in title or "DirectRouting" in title}
    assert BY_TITLE["Calico ipip CrossSubnet"].direct_egress == BY_TITLE["Calico bgp"].egress
    assert BY_TITLE["Flannel vxlan DirectRouting"].direct_ingress == BY_TITLE["Flannel host-gw"].ingress


def test_senseless_combinations_are_refused() -> None:
    with pytest.raises(ValidationError, match="directRouting belongs to the backends vxlan and ipip, not to udp"):
        cni.load("flannel").Config(backend="udp", directRouting=True)
    with pytest.raises(ValidationError, match="eBPF host routing needs kubeProxyReplacement"):
        cni.load("cilium").Config(kubeProxyReplacement=False)
    with pytest.raises(ValidationError, match="eBPF host routing passes IPsec by; write hostRouting: legacy"):
        cni.load("cilium").Config(encryption="ipsec")
    with pytest.raises(ValidationError, match="less than or equal to 32"):
        cni.load("calico").Config(blockSize=33)
