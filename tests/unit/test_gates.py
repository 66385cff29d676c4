"""Ways in and out, lowered: whom a packet meets in which order, what it wears, who translates and masquerades."""

from functools import cache
from typing import Any

import pytest

from netsim.program import Endpoint, Entry, Op, Phase, Program, Relation, Role
from tests.documents import document, program
from tests.modes import VARIANTS, path_of, stages

C, E, S, B = Role.CLIENT, Role.ENTRY, Role.SERVER, Role.BALANCER
POD, HOST, INTERNET = Endpoint.POD, Endpoint.HOST, Endpoint.INTERNET
REMOTE = (Relation.SAME_SUBNET, Relation.OTHER_SUBNET)
HOST_GW = {"plugin": "flannel", "backend": "host-gw"}
DSR = {"plugin": "cilium", "routing": "native", "loadBalancerMode": "dsr"}
Index = tuple[Entry, Endpoint, Endpoint, Relation]


def lowered(cni: dict[str, Any], balancer: dict[str, Any] | None = None, policy: str = "Cluster") -> Program:
    """A cluster with a Service, a way in and an egress gateway."""
    return _lowered(repr((cni, balancer or {}, policy)))


@cache
def _lowered(text: str) -> Program:
    cni, balancer, policy = eval(text)
    spec = {
        "run": {"duration": "10ms", "warmup": "0"},
        "cni": cni,
        "cluster": {
            "nodePools": [{"name": "n", "count": 3}],
            "loadBalancer": balancer,
            "externals": [{"name": "db"}],
            "egressGateways": [{"name": "g", "nodes": ["n-2"], "workloads": ["pod/client"]}],
        },
        "workloads": [{"target": "deployment/web", "replicas": 2, "ports": [80]}, {"target": "pod/client"}],
        "services": [
            {"name": "web", "selector": "deployment/web", "type": "LoadBalancer", "externalTrafficPolicy": policy}
        ],
        "traffic": [
            {"name": "a", "from": "internet", "to": "svc/web", "via": "loadBalancer", "rate": "100/s"},
            {"name": "b", "from": "internet", "to": "svc/web", "via": "nodePort", "rate": "100/s"},
            {"name": "c", "from": "pod/client", "to": "external/db", "rate": "100/s"},
        ],
    }
    return program(document(spec))


def rows(found: Program, index: Index, phase: Phase) -> list[int]:
    """The visits of a phase."""
    path = path_of(found, index, phase)
    first = int(found.paths.first[path])
    return list(range(first, first + int(found.paths.visits[path])))


def hops(found: Program, index: Index, phase: Phase) -> list[Role]:
    """The parties that a packet comes to, in order: where it is sent from, then the end of each wire."""
    ops, roles, peers = found.visits.op, found.visits.role, found.visits.peer
    visits = rows(found, index, phase)
    return [Role(int(roles[visits[0]])), *(Role(int(peers[row])) for row in visits if ops[row] == Op.WIRE)]


def worn(found: Program, index: Index, phase: Phase) -> list[int]:
    """Header bytes on every wire."""
    return [int(found.visits.outer[row]) for row in rows(found, index, phase) if found.visits.op[row] == Op.WIRE]


def where(found: Program, index: Index, phase: Phase, column: str) -> list[Role]:
    """The parties at which a column of Visits is set."""
    return [
        Role(int(found.visits.role[row])) for row in rows(found, index, phase) if getattr(found.visits, column)[row]
    ]


# -- node ports and load balancers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("module", "config"), VARIANTS, ids=[m.data_path(c).title for m, c in VARIANTS])
def test_answers_return_by_the_entry_node_unless_the_pods_node_sends_them_itself(module: Any, config: Any) -> None:
    path = module.data_path(config)
    found = lowered(config.model_dump())
    kind = HOST if path.pods_on_host_network else POD
    for relation in REMOTE:
        index = (Entry.NODE_PORT, INTERNET, kind, relation)
        assert hops(found, index, Phase.SYN) == [C, E, S]
        direct = path.direct_return is not None
        assert hops(found, index, Phase.SYNACK) == ([S, C] if direct else [S, E, C])
        assert hops(found, index, Phase.RESPONSE) == ([S, C] if direct else [S, E, C])
        assert where(found, index, Phase.SYN, "translates") == [E]
        masquerades = [int(row) for row in found.services.masquerades]
        assert masquerades == ([0, 0, 0] if direct else [1, 1, 0])
    local = (Entry.NODE_PORT, INTERNET, kind, Relation.SAME_NODE)
    assert hops(found, local, Phase.SYN) == [C, E]
    assert hops(found, local, Phase.RESPONSE) == [S, C]


def test_under_policy_local_nobody_masquerades_and_nodes_choose_among_their_own() -> None:
    found = lowered({"plugin": "flannel"}, policy="Local")
    assert found.services.masquerades.tolist() == [0, 0, 0]
    for row in (0, 1):
        views = int(found.services.views[row])
        sizes = found.views.members[views : views + 3].tolist()
        assert sorted(sizes) == [0, 1, 1]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("passthrough", [C, B, E, S]), ("metallb-l2", [C, E, S]), ("metallb-bgp", [C, E, S]), ("proxy", [C, E, S])],
)
def test_only_a_machine_that_forwards_is_a_hop(kind: str, expected: list[Role]) -> None:
    found = lowered({"plugin": "flannel"}, {"kind": kind})
    index = (Entry.LOAD_BALANCER, HOST, POD, Relation.SAME_SUBNET)
    assert hops(found, index, Phase.REQUEST) == expected
    assert hops(found, index, Phase.RESPONSE) == [S, E, C], "answers go past a balancer"
    assert ("load-balancer" in found.names.groups) == (kind in ("passthrough", "proxy"))
    assert any(role == "balancer" for role in found.names.roles) == (kind == "passthrough")


@pytest.mark.parametrize(
    ("kind", "policy", "announced", "entries"),
    [
        ("passthrough", "Cluster", 0, None),
        ("metallb-bgp", "Cluster", 1, 3),
        ("metallb-bgp", "Local", 1, 2),
        ("metallb-l2", "Cluster", 1, 1),
        ("metallb-l2", "Local", 1, 1),
    ],
)
def test_who_announces_an_address(kind: str, policy: str, announced: int, entries: int | None) -> None:
    found = lowered({"plugin": "flannel"}, {"kind": kind}, policy)
    services = found.services
    [row] = [row for row in range(3) if int(found.calls.entry[row]) == Entry.LOAD_BALANCER]
    service = int(found.calls.service[row])
    assert int(services.announced[service]) == announced
    assert int(services.entries[service]) == (-1 if entries is None else entries)
    if kind == "metallb-l2" and policy == "Local":
        first = int(services.first_entry[service])
        leader = int(found.entries[first])
        members = found.backends[int(services.first[service]) :][: int(services.members[service])]
        assert leader in found.endpoints.node[members], "only a node with an endpoint leads"


def test_a_balancer_of_pods_passes_nodes_by() -> None:
    found = lowered(HOST_GW, {"kind": "pods"})
    index = (Entry.BALANCED_POD, INTERNET, POD, Relation.FROM_OUTSIDE)
    assert hops(found, index, Phase.SYN) == [C, B, S]
    assert hops(found, index, Phase.RESPONSE) == [S, C]
    assert where(found, index, Phase.SYN, "translates") == []
    assert where(found, index, Phase.SYN, "masquerades") == []
    [row] = [row for row in range(3) if int(found.calls.entry[row]) == Entry.BALANCED_POD]
    strategy = found.names.strategies[int(found.services.strategy[int(found.calls.service[row])])]
    assert strategy == "source_hash"


# -- direct server return ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cni", "opening", "established"),
    [
        (DSR, 8, 0),  # an IPv4 option, in SYNs only
        ({**DSR, "dsrDispatch": "geneve"}, 62, 50),
        (
            {
                "plugin": "calico",
                "encapsulation": "None",
                "dataplane": "eBPF",
                "bpfExternalServiceMode": "DSR",
            },
            50,
            50,
        ),
    ],
)
def test_what_carries_the_services_address(cni: dict[str, Any], opening: int, established: int) -> None:
    found = lowered(cni)
    index = (Entry.NODE_PORT, INTERNET, POD, Relation.SAME_SUBNET)
    assert worn(found, index, Phase.SYN) == [0, opening]
    assert worn(found, index, Phase.REQUEST) == [0, established]
    assert worn(found, index, Phase.ACK) == [0, established]
    assert worn(found, index, Phase.FIRST_DATAGRAM) == [0, opening]
    assert worn(found, index, Phase.DATAGRAM) == [0, opening], "every datagram carries it"
    assert worn(found, index, Phase.RESPONSE) == [0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"plugin": "cilium", "loadBalancerMode": "dsr"},
        {"plugin": "cilium", "routing": "native", "hostRouting": "legacy", "loadBalancerMode": "dsr"},
        {"plugin": "cilium", "routing": "native", "dsrDispatch": "geneve"},
        {"plugin": "calico", "bpfExternalServiceMode": "DSR"},
    ],
)
def test_modes_without_direct_return_refuse_it(wrong: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"needs|belongs"):
        lowered(wrong)


# -- pods' own addresses, host ports ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cni", [HOST_GW, {"plugin": "calico", "encapsulation": "None"}, {"plugin": "cilium", "routing": "native"}]
)
def test_a_routed_pod_is_reached_in_one_hop_without_translation(cni: dict[str, Any]) -> None:
    found = lowered(cni)
    for client in (INTERNET, HOST):
        index = (Entry.DIRECT, client, POD, Relation.FROM_OUTSIDE)
        assert hops(found, index, Phase.SYN) == [C, S]
        assert hops(found, index, Phase.RESPONSE) == [S, C]
        assert where(found, index, Phase.SYN, "translates") == []
        assert where(found, index, Phase.SYN, "masquerades") == []
        assert where(found, index, Phase.SYNACK, "masquerades") in ([], [S]), "only openings are given a port"
        assert worn(found, index, Phase.REQUEST) == [0]


def test_a_host_port_is_translated_on_the_pods_own_node() -> None:
    found = lowered({"plugin": "flannel"})
    index = (Entry.HOST_PORT, INTERNET, POD, Relation.SAME_NODE)
    assert hops(found, index, Phase.SYN) == [C, E]
    assert where(found, index, Phase.SYN, "translates") == [E]
    assert found.routes.index[(Entry.HOST_PORT, INTERNET, POD, Relation.SAME_SUBNET)] == -1


# -- egress gateways --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cni", "wrapped"),
    [
        ({"plugin": "flannel"}, 50),
        (HOST_GW, 0),
        ({"plugin": "calico"}, 20),
        ({"plugin": "cilium"}, 50),
        ({"plugin": "cilium", "routing": "native"}, 50),  # always through the tunnel
    ],
)
def test_an_egress_gateway_is_a_hop_both_ways_and_masquerades(cni: dict[str, Any], wrapped: int) -> None:
    found = lowered(cni)
    for relation in REMOTE:
        index = (Entry.EGRESS_GATEWAY, POD, HOST, relation)
        assert hops(found, index, Phase.SYN) == [C, E, S]
        assert hops(found, index, Phase.RESPONSE) == [S, E, C]
        assert worn(found, index, Phase.REQUEST) == [wrapped, 0]
        assert worn(found, index, Phase.RESPONSE) == [0, wrapped]
        assert where(found, index, Phase.SYN, "masquerades") == [E], "the gateway's ports, not the pod's node's"
        assert where(found, index, Phase.SYN, "translates") == []
    own = (Entry.EGRESS_GATEWAY, POD, HOST, Relation.SAME_NODE)
    assert hops(found, own, Phase.SYN) == [C, S]
    assert where(found, own, Phase.SYN, "masquerades") == [C]


def test_its_row_of_services_has_the_gateways_nodes() -> None:
    found = lowered({"plugin": "flannel"})
    [call] = [row for row in range(3) if int(found.calls.entry[row]) == Entry.EGRESS_GATEWAY]
    service = int(found.calls.service[call])
    assert int(found.services.announced[service]) == 1
    first = int(found.services.first_entry[service])
    assert [found.names.nodes[node] for node in found.entries[first : first + 1].tolist()] == ["n-2"]
    assert int(found.services.entries[service]) == 1


def test_what_no_stage_of_a_path_may_do() -> None:
    """The rules of domain and network: nothing but the entry node translates what comes from outside, and same-node
    traffic never meets a wire between nodes."""
    found = lowered({"plugin": "flannel"})
    for index in [
        (entry, client, server, relation)
        for entry in (Entry.NODE_PORT, Entry.LOAD_BALANCER, Entry.HOST_PORT)
        for client in (HOST, INTERNET)
        for server in (POD, HOST)
        for relation in Relation
    ]:
        if found.routes.index[index] < 0:
            continue
        assert set(where(found, index, Phase.SYN, "translates")) == {E}
        if index[3] == Relation.SAME_NODE:
            assert S not in hops(found, index, Phase.SYN)
        names = [name for row in rows(found, index, Phase.REQUEST) for name in stages(found, row)]
        assert "kube-services" not in names, "established packets never walk the rules"
