"""Every CNI in every mode, lowered: its paths lead where they should, with the costs, bytes and entries it claims."""

from itertools import pairwise, product
from types import ModuleType
from typing import Any

import numpy as np

from netsim.model.datapath import DataPath, Entropy
from netsim.model.stages import CATALOGUE, HOST_LAYER
from netsim.program import Endpoint, Entry, Op, Phase, Program, Relation, Role
from tests.modes import CROSS_NODE, all_stages, every_mode, path_of, program, stages, visits

PATHED = [phase for phase in Phase if phase < Phase.TLS]  # TLS goes by the paths of requests and responses
WAYS = [
    (entry, relation, phase)
    for entry in (Entry.DIRECT, Entry.CLUSTER_IP)
    for relation in (Relation.SAME_NODE, *CROSS_NODE)
    for phase in PATHED
]
ENDS = {
    Phase.SYN: ("tcp-connect", "tcp-accept"),
    Phase.SYNACK: (None, "socket-receive"),
    Phase.REQUEST: ("socket-send", "socket-receive"),
    Phase.RESPONSE: ("socket-send", "socket-receive"),
    **dict.fromkeys((Phase.ACK, Phase.ACK_BACK, Phase.FIN, Phase.FIN_BACK), ("ack-send", "ack-receive")),
    **dict.fromkeys((Phase.DATAGRAM, Phase.DATAGRAM_BACK, Phase.FIRST_DATAGRAM), ("datagram-send", "datagram-receive")),
}
OPENING = (Phase.SYN, Phase.FIRST_DATAGRAM)
IN_KERNEL = (Phase.SYN, Phase.SYNACK, Phase.ACK, Phase.ACK_BACK, Phase.FIN, Phase.FIN_BACK)


@every_mode
def test_paths_lead_from_socket_to_socket(module: ModuleType, config: Any) -> None:
    found = program(config)
    for entry, relation, phase in WAYS:
        rows = visits(found, relation, phase, entry)
        roles = found.visits.role[rows].tolist()
        ends = (Role.SERVER, Role.CLIENT) if phase % 2 else (Role.CLIENT, Role.SERVER)
        # On one node the kernel takes SYN and ACK within the packet's own softirq, wherever that is booked.
        if relation != Relation.SAME_NODE or phase not in IN_KERNEL:
            assert (roles[0], roles[-1]) == ends
            assert sum(role != before for role, before in pairwise(roles)) == 1, "once from one machine to the other"
        names = all_stages(found, relation, phase, entry)
        first, last = ENDS[phase]
        assert names[-1] == last or names[-2:] == [last, "iptables-rule"]
        assert first in (names[0], None) or names[:2] == ["socket-translation", first]
        assert names.count("socket-send") == (phase in (Phase.REQUEST, Phase.RESPONSE))
        assert names.count("socket-receive") == (phase in (Phase.SYNACK, Phase.REQUEST, Phase.RESPONSE))
        for end in ENDS[phase]:
            assert end is None or names.count(end) == 1


@every_mode
def test_every_path_between_any_two_parties_begins_and_ends_at_their_sockets(module: ModuleType, config: Any) -> None:
    """Over all ways in; a client on the internet has no socket here, and its packets only travel."""
    found = program(config)
    for index in product(Entry, Endpoint, Endpoint, Relation):
        if found.routes.index[index] < 0:
            continue
        for phase in PATHED:
            path = path_of(found, index, phase)
            first, count = int(found.paths.first[path]), int(found.paths.visits[path])
            sender, receiver = (index[2], index[1]) if phase % 2 else (index[1], index[2])
            ops = found.visits.op[first : first + count].tolist()
            names = [name for visit in range(first, first + count) for name in stages(found, visit)]
            begin, end = ENDS[phase]
            assert (ops[0] == Op.TRAVEL) == (sender == Endpoint.INTERNET)
            assert (ops[-1] == Op.TRAVEL) == (receiver == Endpoint.INTERNET)
            if begin is not None:
                assert names.count(begin) == (sender != Endpoint.INTERNET)
                assert sender == Endpoint.INTERNET or begin in names[:2]
            assert names.count(end) == (receiver != Endpoint.INTERNET)
            assert receiver == Endpoint.INTERNET or end in names[-2:]


@every_mode
def test_acknowledgements_take_no_thread_and_datagrams_one_at_each_end(module: ModuleType, config: Any) -> None:
    found = program(config)
    for entry, relation, phase in WAYS:
        ops = found.visits.op[visits(found, relation, phase, entry)].tolist()
        if phase in (Phase.ACK, Phase.ACK_BACK):
            assert ops[0] == Op.SOFTIRQ
            assert Op.APPLICATION not in ops
        if phase in (Phase.DATAGRAM, Phase.FIRST_DATAGRAM):
            assert ops[0] == ops[-1] == Op.APPLICATION
            names = [name for name in all_stages(found, relation, phase, entry) if name != "iptables-rule"]
            assert names[names.index("datagram-receive") - 1] == "udp-deliver"


@every_mode
def test_acknowledgements_cross_what_the_data_cross(module: ModuleType, config: Any) -> None:
    found = program(config)
    ends = {"socket-send", "socket-receive", "tcp-receive", "ack-send", "ack-receive"}
    for relation in (Relation.SAME_NODE, *CROSS_NODE):
        for data, acknowledgement in ((Phase.REQUEST, Phase.ACK), (Phase.RESPONSE, Phase.ACK_BACK)):
            crossed = [[n for n in all_stages(found, relation, p) if n not in ends] for p in (data, acknowledgement)]
            assert crossed[0] == crossed[1]


def masqueraded(found: Program, index: tuple[int, int, int, int], phase: Phase) -> list[int]:
    """The roles of the visits on whose node a source port is taken."""
    path = path_of(found, index, phase)
    rows = slice(int(found.paths.first[path]), int(found.paths.first[path] + found.paths.visits[path]))
    return found.visits.role[rows][found.visits.masquerades[rows] == 1].tolist()


@every_mode
def test_pods_that_leave_the_cluster_take_a_port_of_their_node(module: ModuleType, config: Any) -> None:
    found = program(config)
    on_host = module.data_path(config).pods_on_host_network
    out = (Entry.DIRECT, Endpoint.POD, Endpoint.HOST, Relation.OUTSIDE)
    inside = (Entry.DIRECT, Endpoint.POD, Endpoint.POD, Relation.OTHER_SUBNET)
    for phase in OPENING:
        assert masqueraded(found, out, phase) == ([] if on_host else [Role.CLIENT])
        assert masqueraded(found, inside, phase) == []


@every_mode
def test_host_pods_behind_a_node_port_are_reached_without_the_pods_tunnel(module: ModuleType, config: Any) -> None:
    found = program(config)
    pods = module.data_path(config)
    devices = {stage.name for stage in (*pods.egress, *pods.ingress)} - HOST_LAYER - {"udp-deliver"}
    index = (Entry.NODE_PORT, Endpoint.HOST, Endpoint.HOST, Relation.OTHER_SUBNET)
    for phase in Phase:
        path = path_of(found, index, phase)
        first, count = int(found.paths.first[path]), int(found.paths.visits[path])
        rows = range(first, first + count)
        assert not devices & {name for visit in rows for name in stages(found, visit)}
        # With direct server return the Service's address travels in what is put around, also to a host.
        assert pods.direct_return is not None or not found.visits.outer[first : first + count].any()


@every_mode
def test_same_node_traffic_reaches_no_nic(module: ModuleType, config: Any) -> None:
    found = program(config)
    for entry, relation, phase in WAYS:
        if relation == Relation.SAME_NODE:
            rows = visits(found, relation, phase, entry)
            assert set(found.visits.op[rows].tolist()) <= {Op.APPLICATION, Op.SOFTIRQ}
            assert not {"nic-transmit", "nic-receive", "qdisc"} & set(all_stages(found, relation, phase, entry))


@every_mode
def test_cross_node_traffic_crosses_one_wire_with_the_headers_claimed(module: ModuleType, config: Any) -> None:
    found, path = program(config), module.data_path(config)
    for entry, relation, phase in WAYS:
        if relation == Relation.SAME_NODE:
            continue
        rows = visits(found, relation, phase, entry)
        ops = found.visits.op[rows].tolist()
        assert (ops.count(Op.WIRE), ops.count(Op.RECEIVE)) == (1, 1)
        wire = ops.index(Op.WIRE)
        assert ops[wire + 1] == Op.RECEIVE
        wrapped = None if relation == Relation.SAME_SUBNET and path.direct_egress is not None else path.encapsulation
        row = rows[wire]
        expected = (
            (wrapped.header_bytes, wrapped.align, wrapped.entropy is Entropy.NODE_PAIR) if wrapped else (0, 1, False)
        )
        assert (found.visits.outer[row], found.visits.align[row], bool(found.visits.pair[row])) == expected


@every_mode
def test_every_stage_has_its_cost_and_the_cost_its_source(module: ModuleType, config: Any) -> None:
    found = program(config)
    for entry, relation, phase in WAYS:
        for visit in visits(found, relation, phase, entry):
            assert stages(found, visit) or found.visits.op[visit] == Op.WIRE
    used = sorted(set(found.stages.name.tolist()))
    assert all(found.names.sources[row] and found.names.confidence[row] for row in used)
    for row in range(len(found.works.jitter)):
        first = int(found.works.first_stage[row])
        mine = slice(first, first + int(found.works.stages[row]))
        for part in ("per_burst", "per_frame", "per_byte", "per_wakeup"):
            assert getattr(found.works, part)[row] == getattr(found.stages, part)[mine].sum()


@every_mode
def test_only_what_opens_a_flow_meets_what_is_for_first_packets(module: ModuleType, config: Any) -> None:
    found = program(config)
    first_only = {stage.name for stage in CATALOGUE.values() if stage.first_packet}
    on_host = module.data_path(config).pods_on_host_network
    in_tc = any(
        stage.translates for stage in module.data_path(config).egress
    )  # looks every packet up, whatever its phase
    for entry, relation, phase in WAYS:
        met = first_only & set(all_stages(found, relation, phase, entry))
        translated = int(found.visits.translates[visits(found, relation, phase, entry)].sum())
        over_loopback = on_host and relation == Relation.SAME_NODE
        if phase in OPENING and not over_loopback:
            assert translated == (entry == Entry.CLUSTER_IP or in_tc)
            assert met or in_tc or (module.replaces_proxy(config) and entry == Entry.DIRECT)
        else:
            assert not met
            assert not translated or in_tc


def entries(path: DataPath, relation: Relation, role: Role) -> int:
    """Connection table entries that a connection adds at either node, by the model."""
    direct = relation == Relation.SAME_SUBNET and path.direct_egress is not None
    if role == Role.CLIENT:
        pieces = (*path.pod_out, *((path.direct_egress if direct else path.egress) or ()))
    else:
        pieces = (*((path.direct_ingress if direct else path.ingress) or ()), *path.pod_in)
    return sum(stage.tracks for stage in pieces)


@every_mode
def test_a_connection_is_tracked_where_netfilter_sees_it(module: ModuleType, config: Any) -> None:
    found, path = program(config), module.data_path(config)
    for relation in CROSS_NODE:
        rows = np.array(visits(found, relation, Phase.SYN))
        for role in (Role.CLIENT, Role.SERVER):
            assert found.visits.tracks[rows[found.visits.role[rows] == role]].sum() == entries(path, relation, role)
