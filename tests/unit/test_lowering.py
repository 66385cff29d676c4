"""Every CNI in every mode, lowered: its paths lead where they should, with the costs, bytes and entries it claims."""

from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np

from netsim.model.datapath import DataPath, Entropy
from netsim.model.stages import CATALOGUE
from netsim.program import Entry, Op, Phase, Relation, Role
from tests.modes import CROSS_NODE, all_stages, every_mode, program, stages, visits

WAYS = [
    (entry, relation, phase)
    for entry in (Entry.DIRECT, Entry.CLUSTER_IP)
    for relation in (Relation.SAME_NODE, *CROSS_NODE)
    for phase in Phase
]
ENDS = {
    Phase.SYN: ("tcp-connect", "tcp-accept"),
    Phase.SYNACK: (None, "socket-receive"),
    Phase.REQUEST: ("socket-send", "socket-receive"),
    Phase.RESPONSE: ("socket-send", "socket-receive"),
}


@every_mode
def test_paths_lead_from_socket_to_socket(module: ModuleType, config: Any) -> None:
    found = program(config)
    for entry, relation, phase in WAYS:
        rows = visits(found, relation, phase, entry)
        roles = found.visits.role[rows].tolist()
        ends = (Role.CLIENT, Role.SERVER) if phase in (Phase.SYN, Phase.REQUEST) else (Role.SERVER, Role.CLIENT)
        # On one node the kernel answers a SYN within the packet's own softirq, wherever that is booked.
        if relation != Relation.SAME_NODE or phase in (Phase.REQUEST, Phase.RESPONSE):
            assert (roles[0], roles[-1]) == ends
            assert sum(role != before for role, before in pairwise(roles)) == 1, "once from one machine to the other"
        names = all_stages(found, relation, phase, entry)
        first, last = ENDS[phase]
        assert names[-1] == last or names[-2:] == [last, "iptables-rule"]
        assert first in (names[0], None) or names[:2] == ["socket-translation", first]
        assert names.count("socket-send") == (phase in (Phase.REQUEST, Phase.RESPONSE))
        assert names.count("socket-receive") == (phase != Phase.SYN)


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
def test_only_a_syn_meets_what_is_for_first_packets(module: ModuleType, config: Any) -> None:
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
        if phase == Phase.SYN and not over_loopback:
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
