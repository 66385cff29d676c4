"""MTU: the largest packet that a Program sends, and the links that need a limit because of it."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from netsim import cni
from netsim.lowering import Lowering
from netsim.lowering.machines import FabricTable, StationTable, attached
from netsim.model.cluster import External, Nic
from netsim.model.fabric import Link, Topology
from netsim.model.law import Law, Shape
from netsim.model.load import Datagrams
from netsim.program import Kind
from tests.modes import scenario

FLANNEL = cni.load("flannel")
HOST_GW, VXLAN = FLANNEL.Config(backend="host-gw"), FLANNEL.Config()
CANAL = cni.load("canal")


@pytest.mark.parametrize(
    ("config", "largest"),
    [
        (HOST_GW, 1500),
        (VXLAN, 1500),
        (cni.load("calico").Config(), 1500),
        (FLANNEL.Config(backend="wireguard"), 1500),  # a host's own; what is in the tunnel has 1480
        (cni.load("weave").Config(encrypted=True), 1500),  # likewise, 1460
        (CANAL.Config(mtu=1500), 1550),  # its early manifests: no room for the tunnel
        (cni.load("weave").Config(mtu=8916), 8966),
    ],
)
def test_the_largest_packet_that_comes_to_a_link(config: Any, largest: int) -> None:
    found = scenario(HOST_GW)
    found = replace(found, cluster=replace(found.cluster, cni=config))
    assert Lowering(found, 1).largest_packet() == largest


def test_one_jumbo_interface_alone_sends_nothing_large() -> None:
    found = scenario(VXLAN)
    external = External("db", Nic(10**10, 9000))
    alone = replace(found, cluster=replace(found.cluster, externals=(external,)))
    assert Lowering(alone, 1).largest_packet() == 1500
    two = replace(found, cluster=replace(found.cluster, externals=(external, replace(external, name="web"))))
    assert Lowering(two, 1).largest_packet() == 9000


@pytest.mark.parametrize(
    ("plugin", "settings", "mtu"),
    [
        ("calico", {"mtu": 1440}, 1440),
        ("calico", {"mtu": 1440, "dataplane": "eBPF"}, 1440),
        ("canal", {"mtu": 1500}, 1500),
        ("canal", {}, 1450),
        ("cilium", {"mtu": 1400}, 1400),
        ("cilium", {"mtu": 1400, "hostRouting": "legacy"}, 1400),
        ("flannel", {"mtu": 1400}, 1350),
        ("weave", {"mtu": 8916}, 8916),
    ],
)
def test_plugins_that_have_an_mtu_of_their_own_take_it(plugin: str, settings: dict[str, Any], mtu: int) -> None:
    module = cni.load(plugin)
    assert module.data_path(module.Config(**settings)).pod_mtu(1500) == mtu


def test_settings_that_nobody_reads_are_refused() -> None:
    with pytest.raises(ValidationError, match="mtu belongs to the backend vxlan, not to host-gw"):
        FLANNEL.Config(backend="host-gw", mtu=1400)
    with pytest.raises(ValidationError, match="greater than or equal to 576"):
        CANAL.Config(mtu=500)


def test_the_largest_datagram_counts_in_full() -> None:
    found = scenario(VXLAN)
    call = replace(found.traffic[0].call, request=Law(Shape.UNIFORM, (100, 3000)))
    datagrams = replace(found.traffic[0], call=call, load=Datagrams())
    assert Lowering(replace(found, traffic=(datagrams,)), 1).largest_packet() == 3000 + 28 + 50


def test_links_keep_the_limits_that_a_packet_can_reach() -> None:
    stations = StationTable()
    links = (
        Link("a->b", "a", "b", 10**10, 1, None, mtu=1500, reports=True, loss=7, mark=65),
        Link("b->a", "b", "a", 10**10, 1, 10**6, mtu=1549),
        Link("b->c", "b", "c", 10**10, 1, 10**6, mtu=1550),
    )
    FabricTable(Topology(("a", "b", "c"), links, ()), stations)
    stations.add(Kind.POD, "pod", "pod")
    stations.spare(1550)
    found = stations.rows.done()
    assert found.mtu.tolist() == [1500, 1549, -1, -1]
    assert found.reports.tolist() == [1, 0, 0, 0]
    assert found.loss.tolist() == [7, 0, 0, 0]
    assert found.mark.tolist() == [65, -1, -1, -1]


def test_machines_are_attached_with_the_mtu_of_their_nics() -> None:
    jumbo = replace(scenario(HOST_GW).cluster.nodes[0], nic=Nic(10**10, 9000))
    machines = attached([jumbo], [External("db", Nic(10**9, 1400))], 10**11, True)
    assert [(one.name, one.mtu) for one in machines[:2]] == [(jumbo.name, 9000), ("db", 1400)]
    assert min(one.mtu for one in machines[2:]) > 9000
