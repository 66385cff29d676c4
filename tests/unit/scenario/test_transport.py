"""Transport: sockets, NICs and kernels of a scenario file become those of the model; variants may differ in them."""

from pathlib import Path

import pytest

from netsim import congestion
from netsim.errors import ScenarioError
from netsim.model.cluster import Kernel, Nic, Scenario
from netsim.model.transport import Transport
from netsim.scenario import load

TEXT = """apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: x}
spec:
  cluster: {nodePools: [{name: n, count: 2%s}]}
  %s
  workloads:
  - {target: pod/client, calls: [{to: pod/server}], ports: [80]}
  - {target: pod/server, ports: [80]}
  traffic:
  - {name: a, from: node/n-0, to: pod/client, bulk: {%s}}
  - {name: b, from: node/n-0, to: pod/client, rate: 1/s}
"""


def variants(tmp_path: Path, sockets: str = "", bulk: str = "", node: str = "") -> tuple[Scenario, ...]:
    path = tmp_path / "s.yaml"
    path.write_text(TEXT % (node, sockets, bulk))
    return load(path).variants


def test_defaults_are_those_of_the_model(tmp_path: Path) -> None:
    [scenario] = variants(tmp_path)
    assert {traffic.call.transport for traffic in scenario.traffic} == {Transport()}
    assert scenario.behaviours[0].calls[0][0].transport == Transport()
    assert scenario.cluster.nodes[0].kernel == Kernel()
    assert scenario.cluster.nodes[0].nic == Nic(10**10)
    assert scenario.cluster.nodes[0].aes


def test_all_sockets_behave_as_written(tmp_path: Path) -> None:
    text = "transport: {congestionControl: reno, ecn: true, initialWindow: 3, receiveWindow: 64KiB, delayedAck: 0, "
    text += "lossDetection: dupack, slowStartAfterIdle: false, hystart: true, pathMtuDiscovery: false}"
    [scenario] = variants(tmp_path, text)
    expected = Transport("reno", True, 3, 65_536, 0, "dupack", False, True, False)
    assert {traffic.call.transport for traffic in scenario.traffic} == {expected}
    assert scenario.behaviours[0].calls[0][0].transport == expected


def test_a_stream_may_have_a_congestion_control_of_its_own(tmp_path: Path) -> None:
    [scenario] = variants(tmp_path, "transport: {initialWindow: 4}", "congestionControl: dctcp")
    bulk, requests = (traffic.call.transport for traffic in scenario.traffic)
    assert (bulk.congestion_control, bulk.ecn, bulk.initial_window) == ("dctcp", True, 4)
    assert (requests.congestion_control, requests.ecn, requests.initial_window) == ("cubic", False, 4)


@pytest.mark.parametrize("name", congestion.names())
def test_variants_may_have_other_sockets(name: str, tmp_path: Path) -> None:
    compare = f"compare: [{{name: plain}}, {{name: other, set: {{transport.congestionControl: {name}}}}}]"
    plain, other = variants(tmp_path, compare)
    assert plain.traffic[1].call.transport == Transport()
    assert other.traffic[1].call.transport == Transport(name, ecn=name == "dctcp")


def test_nic_and_kernel(tmp_path: Path) -> None:
    nic = "bandwidth: 100Gbit, mtu: 9000, tso: false, gso: false, gro: false, tunnelOffload: false, bigTcp: 192KiB, "
    nic += "interruptModeration: 50us, rps: true, virtualOverlay: true"
    sysctls = 'net.ipv4.ip_local_port_range: "1024 65535", net.core.rmem_default: 26214400, '
    sysctls += "net.core.netdev_max_backlog: 5000, net.netfilter.nf_conntrack_max: 7"
    [scenario] = variants(tmp_path, node=f", nics: [{{{nic}}}], sysctls: {{{sysctls}}}, aes: false")
    node = scenario.cluster.nodes[0]
    assert node.kernel == Kernel(conntrack_max=7, ports=64_512, backlog=5000, socket_buffer=26_214_400)
    assert node.nic == Nic(
        10**11, 9000, tunnel_offload=False, tso=False, gso=False, gro=False, big_tcp=196_608, moderation=50 * 10**6,
        rps=True, virtual_overlay=True,
    )  # fmt: skip
    assert not node.aes


@pytest.mark.parametrize(("text", "time"), [("off", 0), ("adaptive", -1), ("50us", 50 * 10**6), ("0", 0)])
def test_interrupt_moderation(text: str, time: int, tmp_path: Path) -> None:
    [scenario] = variants(tmp_path, node=f", nics: [{{interruptModeration: {text}}}]")
    assert scenario.cluster.nodes[0].nic.moderation == time


def test_pools_may_differ_in_what_is_no_part_of_a_path(tmp_path: Path) -> None:
    more = "}, {name: m, count: 1, cpuSpeed: 50%, nics: [{mtu: 9000, queues: 2, interruptModeration: adaptive}]"
    [scenario] = variants(tmp_path, node=more)
    assert len({node.nic for node in scenario.cluster.nodes}) == 2


@pytest.mark.parametrize("field", ["tso", "gso", "gro", "tunnelOffload"])
def test_pools_agree_on_offloads(field: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=f"{field} is false here and true in pool 'n'") as raised:
        variants(tmp_path, node=f"}}, {{name: m, count: 1, nics: [{{{field}: false}}]")
    [problem] = raised.value.problems
    assert problem.position is not None
    assert problem.position.line == 5


def test_a_variant_without_offload_changes_all_pools(tmp_path: Path) -> None:
    compare = "compare: [{name: a}, {name: b, set: {cluster.nodePools.n.nics.eth0.tso: false}}]"
    on, off = variants(tmp_path, compare, node=", nics: [{name: eth0}]")
    assert [scenario.cluster.nodes[1].nic.tso for scenario in (on, off)] == [True, False]
    with pytest.raises(ScenarioError, match=r"compare\.b: .*tso is true here and false in pool 'n'"):
        variants(tmp_path, compare, node=", nics: [{name: eth0}]}, {name: m, count: 1")


def test_a_window_holds_a_segment(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="a window of 4KiB does not hold a packet of 9000 bytes"):
        variants(tmp_path, "transport: {receiveWindow: 4KiB}", node=", nics: [{mtu: 9000}]")


def test_a_mismatch_is_refused_unless_it_is_meant(tmp_path: Path) -> None:
    jumbo = ", nics: [{mtu: 9500}]"
    with pytest.raises(ScenarioError, match=r"more than the 9216 bytes .* write fabric.mtu: 9500"):
        variants(tmp_path, node=jumbo)
    assert variants(tmp_path, "fabric: {topology: flat, mtu: 1500}", node=jumbo)


def test_a_fabric_is_flat_unless_it_says_so(tmp_path: Path) -> None:
    compare = "  compare: [{name: a}, {name: b, set: {fabric: {mtu: 1500}}}]\n"
    wires = [one.cluster.fabric for one in variants(tmp_path, f"fabric: {{cableLoss: 0.1%}}\n{compare}")]
    assert [(fabric.topology, fabric.cableLoss) for fabric in wires] == [("flat", 1000), ("flat", 0)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["-1", "1s", "100001us"])
def test_interrupts_are_not_held_back_forever(text: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="Write off, adaptive, or a time of up to 100ms"):
        variants(tmp_path, node=f", nics: [{{interruptModeration: {text}}}]")
    assert variants(tmp_path, node=", nics: [{interruptModeration: 100ms}]")


def test_a_fabric_that_does_not_fit_is_told_where_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"s\.yaml:6:11: fabric: zoneLatency 'a/b': no machine is in a zone 'a'"):
        variants(tmp_path, "fabric: {topology: leaf-spine, zoneLatency: {a/b: 1ms}}")
