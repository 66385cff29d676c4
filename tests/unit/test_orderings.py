"""What any engineer expects of CNIs follows from their stages: who is faster, and the ceilings of goodput."""

from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from netsim.engines import run
from netsim.lowering import lower
from netsim.program import Op, Phase, Relation
from tests.modes import TITLES, VARIANTS, all_stages, alone, every_mode, program, visits


@cache
def mean_latency(title: str, traffic: str) -> float:
    """Microseconds that a message of 64 bytes and its answer take on an open connection, on average."""
    _, config = VARIANTS[TITLES.index(title)]
    asked = run(lower(alone(config, traffic), 1)).requests
    mine = (asked.outcome == 0) & (asked.connect == 0)
    assert mine.sum() > 40
    return float(np.mean(asked.completed[mine] - asked.intended[mine])) / 1e6


def test_order_of_small_messages_between_nodes() -> None:
    order = ["host network", "Calico bgp", "Calico vxlan", "Flannel vxlan", "Flannel udp"]
    means = [mean_latency(title, "far") for title in order]
    assert means == sorted(means)
    assert len(set(means)) == len(means)
    assert means[-1] > 1.5 * means[-2], "a user-space tunnel is in another class"


@pytest.mark.parametrize(
    ("slow", "fast"),
    [
        ("Flannel wireguard", "Flannel vxlan"),
        ("Calico wireguard", "Calico vxlan"),
        ("Weave Net fastdp encrypted", "Weave Net fastdp"),
        ("Weave Net sleeve", "Weave Net fastdp"),
        ("Calico ipip", "Calico bgp"),
        ("Cilium native legacy", "Cilium native"),
        ("Calico bgp", "Calico bgp eBPF"),
    ],
)
def test_what_does_more_takes_longer(slow: str, fast: str) -> None:
    assert mean_latency(slow, "far") > mean_latency(fast, "far")


def test_cross_subnet_modes_tunnel_only_to_the_other_subnet() -> None:
    assert mean_latency("Calico ipip CrossSubnet", "near") == mean_latency("Calico bgp", "near")
    assert mean_latency("Calico ipip CrossSubnet", "far") == mean_latency("Calico ipip", "far")


def softirq_work(title: str, part: str) -> int:
    """ps of the switching of a request between two pods of one node."""
    found = program(VARIANTS[TITLES.index(title)][1])
    [visit] = [row for row in visits(found, Relation.SAME_NODE, Phase.REQUEST) if found.visits.op[row] == Op.SOFTIRQ]
    first = int(found.visits.first_work[visit])
    return int(getattr(found.works, part)[first : first + int(found.visits.works[visit])].sum())


def test_on_one_node_routing_is_cheaper_than_bridging_only_on_a_busy_core() -> None:
    """Both track and filter. Calico looks up a route; Flannel's bridge looks up a MAC address and, since kube-proxy
    needs bridge-nf-call-iptables, hands the frame to netfilter and takes it back. Warm, the route costs less than these
    two. But a core that was idle finds the routing code and tables cold, which the costs charge to the route."""
    found = {
        title: set(all_stages(program(VARIANTS[TITLES.index(title)][1]), Relation.SAME_NODE, Phase.REQUEST))
        for title in TITLES
    }
    routed, bridged = "Calico bgp", "Flannel host-gw"
    assert found[routed] - found[bridged] == {"route"}
    assert found[bridged] - found[routed] == {"bridge", "bridge-netfilter"}
    assert softirq_work(routed, "per_burst") < softirq_work(bridged, "per_burst")
    assert softirq_work(routed, "per_wakeup") > softirq_work(bridged, "per_wakeup")
    assert mean_latency(routed, "local") > mean_latency(bridged, "local"), "1,000 requests/s leave the cores idle"


def wire_bytes(config: Any, mtu: int, segments: int) -> tuple[int, int]:
    """Bytes on the client's link in a run whose only large message has so many full segments, and a segment's size."""
    one = alone(config, "far")
    nodes = tuple(replace(node, nic=replace(node.nic, mtu=mtu)) for node in one.cluster.nodes)
    found = lower(replace(one, cluster=replace(one.cluster, nodes=nodes)), 1)
    segment = int(found.endpoints.mss[found.names.endpoints.index("default/far")])
    sizes = replace(
        found,
        laws=np.vstack([found.laws, np.full_like(found.laws[:1], segment * segments)]),
        calls=replace(found.calls, request=np.full_like(found.calls.request, len(found.laws))),
        transports=replace(found.transports, rack=np.zeros_like(found.transports.rack)),  # no probe of a slow receiver
        arrivals=found.arrivals[:1],
        traffic=replace(found.traffic, arrivals=np.array([1])),
    )
    records = run(sizes)
    assert records.requests.outcome.tolist() == [0]
    link = found.names.stations.index("a-0->tor")
    picoseconds_per_byte = 8 * 10**12 // int(found.stations.rate[link])
    return int(records.stations.busy[link]) // picoseconds_per_byte, segment


CEILINGS = {  # of line rate, NIC MTU 1500 and 9000
    "Flannel host-gw": (0.94148, 0.99004),
    "Calico ipip": (0.92848, 0.98783),
    "Flannel vxlan": (0.90897, 0.98451),
    "Calico wireguard": (0.90247, 0.98340),
}


@every_mode
@pytest.mark.parametrize("mtu", [1500, 9000])
def test_goodput_has_its_ceiling_to_the_byte(module: ModuleType, config: Any, mtu: int) -> None:
    """A full segment of a pod with MTU M carries M - 52 bytes and takes M + E + 38 on the wire."""
    path = module.data_path(config)
    header = path.encapsulation.header_bytes if path.encapsulation else 0
    pod_mtu = path.pod_mtu(mtu)
    few, segment = wire_bytes(config, mtu, 100)
    many, _ = wire_bytes(config, mtu, 150)
    assert segment == pod_mtu - 52
    assert many - few == 50 * (pod_mtu + header + 38)
    if path.title in CEILINGS:
        assert segment / (pod_mtu + header + 38) == pytest.approx(CEILINGS[path.title][mtu == 9000], abs=5e-6)
