"""Offloads, steering and ciphers: what the paths of a Program are made of when NICs and cores differ."""

from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from netsim import cni, costs
from netsim.lowering import lower
from netsim.lowering.offload import GSO_BYTES, Abilities, of_cluster
from netsim.lowering.segments import Leg, Segment
from netsim.model.cluster import Scenario
from netsim.model.stages import SLEEVE, VXLAN
from netsim.program import Endpoint, Entry, Op, Phase, Program, Relation, Role
from tests.modes import CROSS_NODE, all_stages, path_of, scenario, stages, visits

PROFILE = costs.load()
HOST_GW = cni.load("flannel").Config(backend="host-gw")
VXLAN_MODE = cni.load("flannel").Config()
IPIP_MODE = cni.load("calico").Config()
WIREGUARD_MODE = cni.load("flannel").Config(backend="wireguard")
UDP_MODE = cni.load("flannel").Config(backend="udp")
SLEEVE_MODE = cni.load("weave").Config(mode="sleeve")
ESP_MODE = cni.load("weave").Config(encrypted=True)
DATA = (Phase.REQUEST, Phase.RESPONSE)


def changed(config: Any, aes: bool = True, **nic: Any) -> Scenario:
    """The small cluster with other NICs or cores in every node."""
    found = scenario(config)
    nodes = tuple(replace(node, nic=replace(node.nic, **nic), aes=aes) for node in found.cluster.nodes)
    return replace(found, cluster=replace(found.cluster, nodes=nodes))


@cache
def program(config: Any, aes: bool = True, **nic: Any) -> Program:
    """The same, lowered."""
    return lower(changed(config, aes, **nic), 1)


def work(found: Program, visit: int, name: str) -> tuple[int, int]:
    """ps per burst and per frame of a stage within a visit."""
    first = int(found.visits.first_work[visit])
    for row in range(first, first + int(found.visits.works[visit])):
        start = int(found.works.first_stage[row])
        for stage in range(start, start + int(found.works.stages[row])):
            if found.names.stages[found.stages.name[stage]] == name:
                return int(found.stages.per_burst[stage]), int(found.stages.per_frame[stage])
    raise AssertionError(f"{name} is not in this visit")


def paid(found: Program, name: str, relation: Relation = Relation.SAME_SUBNET) -> tuple[int, int]:
    """ps per burst and per frame of a stage on the path of a request between pods."""
    [visit] = [row for row in visits(found, relation, Phase.REQUEST) if name in stages(found, row)]
    return work(found, visit, name)


def whole(name: str) -> tuple[int, int]:
    cost = PROFILE.stage(name)
    return cost.per_burst, cost.per_frame


def by_frame(name: str) -> tuple[int, int]:
    return 0, sum(whole(name))


def bursts(found: Program, relation: Relation) -> set[int]:
    """The sizes of super-packets between pods of both directions."""
    paths = [path_of(found, (Entry.DIRECT, Endpoint.POD, Endpoint.POD, relation), phase) for phase in DATA]
    return set(found.paths.burst[paths].tolist())


# -- who cuts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [HOST_GW, VXLAN_MODE, IPIP_MODE], ids=["host-gw", "vxlan", "ipip"])
def test_with_all_offloads_only_the_nics_see_frames(config: Any) -> None:
    found = program(config)
    for name in ("socket-send", "veth", "qdisc", "nic-transmit", "nic-receive", "tcp-receive", "socket-receive"):
        rows = [row for row in visits(found, Relation.SAME_SUBNET, Phase.REQUEST) if name in stages(found, row)]
        assert rows
        assert all(work(found, row, name) == whole(name) for row in rows)
    assert not {"gso-segment", "rps-steer", "rps-backlog"} & set(found.names.stages)
    assert bursts(found, Relation.SAME_SUBNET) == {GSO_BYTES}


def test_without_tso_the_kernel_cuts_right_before_the_driver() -> None:
    found = program(HOST_GW, tso=False)
    for relation, phase in product(CROSS_NODE, DATA):
        names = all_stages(found, relation, phase)
        place = names.index("gso-segment")
        assert names[place - 1 : place + 2] == ["qdisc", "gso-segment", "nic-transmit"]
        assert names.count("gso-segment") == 1
    frame = PROFILE.stage("gso-segment").per_frame
    assert frame > 0
    assert paid(found, "gso-segment") == (-frame, frame), "a message of one frame is not cut"
    assert paid(found, "qdisc") == whole("qdisc")
    assert paid(found, "nic-transmit") == by_frame("nic-transmit")
    assert paid(found, "tcp-receive") == whole("tcp-receive")


def test_what_is_one_frame_is_never_cut() -> None:
    found = program(HOST_GW, tso=False)
    for phase in set(Phase) - {*DATA, Phase.TLS, Phase.TLS_BACK}:
        assert "gso-segment" not in all_stages(found, Relation.SAME_SUBNET, phase)


def test_same_node_traffic_knows_no_nic_that_cuts() -> None:
    found = program(HOST_GW, tso=False, gro=False)
    names = all_stages(found, Relation.SAME_NODE, Phase.REQUEST)
    assert "gso-segment" not in names
    assert paid(found, "tcp-receive", Relation.SAME_NODE) == whole("tcp-receive")


@pytest.mark.parametrize("lost", [{"tunnel_offload": False}, {"virtual_overlay": True}], ids=str)
def test_a_tunnel_that_no_nic_cuts_is_cut_by_the_kernel_and_plain_traffic_is_not(lost: dict[str, bool]) -> None:
    tunnelled = program(VXLAN_MODE, **lost)
    names = all_stages(tunnelled, Relation.SAME_SUBNET, Phase.REQUEST)
    assert names[names.index("gso-segment") + 1] == "nic-transmit"
    assert paid(tunnelled, "vxlan-push") == whole("vxlan-push")
    assert paid(tunnelled, "nic-transmit") == by_frame("nic-transmit")
    assert program(HOST_GW, **lost).fingerprint() == program(HOST_GW).fingerprint()


@pytest.mark.parametrize(
    ("config", "cutting"),
    [(WIREGUARD_MODE, "wireguard-encrypt"), (ESP_MODE, "esp-encrypt"), (UDP_MODE, "tun-transmit")],
    ids=["wireguard", "esp", "udp"],
)
def test_what_cuts_for_itself_is_not_cut_again(config: Any, cutting: str) -> None:
    found = program(config, tso=False, tunnel_offload=False)
    names = all_stages(found, Relation.SAME_SUBNET, Phase.REQUEST)
    assert "gso-segment" not in names
    assert names.count(cutting) == 1
    assert paid(found, "nic-transmit") == by_frame("nic-transmit")
    assert names == all_stages(program(config), Relation.SAME_SUBNET, Phase.REQUEST), "their offload is lost already"


@pytest.mark.parametrize(("config", "pushed"), [(UDP_MODE, "tun-receive"), (SLEEVE_MODE, "packet-inject")])
def test_user_space_tunnels_lose_offload_on_both_sides(config: Any, pushed: str) -> None:
    found = program(config)
    names = all_stages(found, Relation.SAME_SUBNET, Phase.REQUEST)
    assert names.index("nic-receive") < names.index(pushed) < names.index("tcp-receive")
    for name in ("qdisc", "nic-transmit", "udp-deliver", pushed, "tcp-receive", "socket-receive"):
        assert paid(found, name) == by_frame(name)


# -- who merges ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [HOST_GW, VXLAN_MODE, WIREGUARD_MODE], ids=["host-gw", "vxlan", "wireguard"])
def test_without_gro_a_receiver_pays_for_every_frame(config: Any) -> None:
    found = program(config, gro=False)
    for name in ("route", "filter", "tcp-receive", "socket-receive"):
        rows = [row for row in visits(found, Relation.SAME_SUBNET, Phase.REQUEST) if name in stages(found, row)]
        received = [row for row in rows if found.visits.role[row] == Role.SERVER]
        assert received
        assert all(work(found, row, name) == by_frame(name) for row in received)
    assert paid(found, "socket-send") == whole("socket-send")
    assert paid(program(config), "tcp-receive") == whole("tcp-receive")


def test_without_gso_sockets_send_one_frame_at_a_time() -> None:
    found = program(VXLAN_MODE, gso=False)
    for relation in (Relation.SAME_NODE, *CROSS_NODE):
        assert bursts(found, relation) == {0}
    loop = path_of(found, (Entry.DIRECT, Endpoint.POD, Endpoint.POD, Relation.SAME_POD), Phase.REQUEST)
    assert found.paths.burst[loop] == GSO_BYTES, "the loopback device is no NIC"


def test_big_tcp_ends_where_a_tunnel_begins() -> None:
    large = 192 << 10
    assert bursts(program(HOST_GW, big_tcp=large), Relation.SAME_SUBNET) == {large}
    for config in (VXLAN_MODE, IPIP_MODE, WIREGUARD_MODE, UDP_MODE):
        found = program(config, big_tcp=large)
        assert bursts(found, Relation.SAME_NODE) == {large}
        assert bursts(found, Relation.SAME_SUBNET) == {GSO_BYTES}


def test_what_the_nodes_have_in_common() -> None:
    nodes = scenario(HOST_GW).cluster.nodes
    assert of_cluster(nodes) == Abilities()
    assert not of_cluster((*nodes[1:], replace(nodes[0], aes=False))).aes
    overlay = replace(nodes[0], nic=replace(nodes[0].nic, virtual_overlay=True))
    assert of_cluster((overlay,)).tunnels is False
    assert of_cluster((overlay,)).tso is True


def test_loopback_and_wrapped_legs() -> None:
    able = Abilities(largest=100_000)
    wire = Segment(Role.CLIENT, wire_to=Role.SERVER)
    assert able.burst(Leg((wire,))) == 100_000
    for wrap in (VXLAN, SLEEVE):
        assert able.burst(Leg((replace(wire, encapsulation=wrap),))) == GSO_BYTES
    assert able.burst(Leg((wire,), loopback=True)) == GSO_BYTES
    assert Abilities(gso=False).burst(Leg((wire,))) == 0


def test_machines_outside_keep_their_own_offloads() -> None:
    found = program(HOST_GW, gso=False, tso=False, gro=False, rps=True)
    external = (Entry.NODE_PORT, Endpoint.HOST, Endpoint.POD, Relation.SAME_NODE)
    towards, back = (path_of(found, external, phase) for phase in DATA)
    assert (found.paths.burst[towards], found.paths.burst[back]) == (GSO_BYTES, 0)
    for path in (towards, back):
        first = int(found.paths.first[path])
        for row in range(first, first + int(found.paths.visits[path])):
            if found.visits.role[row] == Role.CLIENT and found.visits.op[row] != Op.WIRE:
                assert not {"gso-segment", "rps-steer"} & set(stages(found, row))
                for name in stages(found, row):
                    assert work(found, row, name) == whole(name)
    assert Op.STEER in found.visits.op[visits_of(found, towards)], "but the node behind has RPS"


def visits_of(found: Program, path: int) -> np.ndarray:
    first = int(found.paths.first[path])
    return np.arange(first, first + int(found.paths.visits[path]))


# -- who steers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "pair"),
    [(HOST_GW, 0), (VXLAN_MODE, 0), (IPIP_MODE, 0), (WIREGUARD_MODE, 1), (ESP_MODE, 1), (UDP_MODE, 1)],
    ids=["host-gw", "vxlan", "ipip", "wireguard", "esp", "udp"],
)
def test_rps_leaves_the_nic_its_part_and_moves_the_rest(config: Any, pair: int) -> None:
    found, before = program(config, rps=True), program(config)
    for relation, phase in product(CROSS_NODE, Phase):
        rows = visits(found, relation, phase)
        ops = found.visits.op[rows].tolist()
        place = ops.index(Op.RECEIVE)
        assert ops.count(Op.RECEIVE) == ops.count(Op.STEER) == 1
        assert ops[place + 1] == Op.STEER
        received, steered = rows[place], rows[place + 1]
        assert stages(found, received) == ["nic-receive", "rps-steer"]
        assert stages(found, steered)[0] == "rps-backlog"
        assert found.visits.role[received] == found.visits.role[steered]
        assert found.visits.peer[received] == found.visits.peer[steered]
        assert found.visits.tracks[received] == found.visits.translates[received] == 0
        assert found.visits.pair[steered] == pair
        names = [name for name in all_stages(found, relation, phase) if not name.startswith("rps-")]
        assert names == all_stages(before, relation, phase)
    only = [row for row in range(len(found.visits.op)) if found.visits.op[row] == Op.RECEIVE]
    assert all(found.works.stages[found.visits.first_work[row]] == 1 for row in only), "trains pay the NIC's part alone"


def test_rps_adds_its_visit_without_moving_the_luck_of_others() -> None:
    found, before = program(VXLAN_MODE, rps=True), program(VXLAN_MODE)
    for phase in [one for one in Phase if one < Phase.TLS]:
        rows, old = (visits(one, Relation.SAME_SUBNET, phase) for one in (found, before))
        kept = [found.names.visits[row] for row in rows if found.visits.op[row] != Op.STEER]
        assert kept == [before.names.visits[row] for row in old]
        [steered] = [found.names.visits[row] for row in rows if found.visits.op[row] == Op.STEER]
        assert steered.endswith(".steer")


# -- who ciphers ---------------------------------------------------------------------------------------------------


def test_esp_is_done_in_software_where_cores_have_no_aes() -> None:
    fast, slow = program(ESP_MODE), program(ESP_MODE, aes=False)
    names = all_stages(fast, Relation.SAME_SUBNET, Phase.REQUEST)
    renamed = [f"{name}-software" if name.startswith("esp-") else name for name in names]
    assert all_stages(slow, Relation.SAME_SUBNET, Phase.REQUEST) == renamed
    assert paid(slow, "esp-encrypt-software") == paid(fast, "esp-encrypt")
    more = PROFILE.stage("esp-encrypt-software").per_byte - PROFILE.stage("esp-encrypt").per_byte
    assert more == pytest.approx((23 - 0.64) / 3.8e9 * 1e15, rel=0.001)  # fs
    assert bursts(slow, Relation.SAME_SUBNET) == bursts(fast, Relation.SAME_SUBNET)


@pytest.mark.parametrize("config", [WIREGUARD_MODE, cni.load("weave").Config(mode="sleeve", encrypted=True), HOST_GW])
def test_other_ciphers_do_not_care_for_aes(config: Any) -> None:
    assert program(config, aes=False).fingerprint() == program(config).fingerprint()


def test_wireguard_works_on_whichever_core_is_idle_and_esp_on_the_core_of_the_node_pair() -> None:
    guarded, esp = program(WIREGUARD_MODE), program(ESP_MODE)
    for found, name, op in ((guarded, "wireguard-decrypt", Op.WORKER), (esp, "esp-decrypt", Op.RECEIVE)):
        rows = visits(found, Relation.SAME_SUBNET, Phase.REQUEST)
        [where] = [row for row in rows if name in stages(found, row)]
        assert found.visits.op[where] == op
        [received] = [row for row in rows if found.visits.op[row] == Op.RECEIVE]
        assert found.visits.pair[received] == 1
