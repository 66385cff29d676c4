"""Every kube-proxy mode on every CNI that allows it: what its packets meet, and that requests come through."""

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

from netsim import cni, costs, engines, proxy
from netsim.analysis.laws import check
from netsim.lowering import lower
from netsim.program import Endpoint, Entry, Op, Phase, Program, Relation, Role
from tests.documents import document, variants
from tests.modes import all_stages, path_of, stages, visits

TOWARDS = (Phase.REQUEST, Phase.ACK)
BACK = (Phase.RESPONSE, Phase.ACK_BACK)
RELATIONS = (Relation.SAME_NODE, Relation.SAME_SUBNET, Relation.OTHER_SUBNET)
PAIRS = [
    (module, config, name)
    for module in map(cni.load, cni.names())
    for config in module.variants()
    for name in proxy.names()
    if (name == "ebpf") == module.replaces_proxy(config)
]
every_pair = pytest.mark.parametrize(
    ("module", "config", "mode"), PAIRS, ids=[f"{module.mode(config)} {name}" for module, config, name in PAIRS]
)
WITH_PODS = [pair for pair in PAIRS if not pair[0].data_path(pair[1]).pods_on_host_network]
by_kube_proxy = pytest.mark.parametrize(
    ("module", "config"),
    [
        (module, config)
        for module, config, name in WITH_PODS
        if name == "ipvs" and not any(stage.translates for stage in module.data_path(config).egress)
    ],
)


def spec(config: Any, chosen: dict[str, Any]) -> dict[str, Any]:
    """A Service with a pod on each of three nodes, called by a pod, by a host and from outside."""
    message = {"to": "svc/web", "rate": "500/s", "connections": {"mode": "perRequest"}, "request": "100KiB"}
    return {
        "run": {"duration": "50ms", "warmup": "0"},
        "cluster": {"nodePools": [{"name": "a", "count": 2, "subnet": "x"}, {"name": "b", "count": 1, "subnet": "y"}]},
        "cni": config.model_dump(),
        "proxy": chosen,
        "workloads": [
            {"target": "pod/client", "node": "a-0"},
            {
                "target": "deployment/web",
                "ports": [80],
                "pods": [{"name": f"web-{place}", "node": node} for place, node in enumerate(("a-0", "a-1", "b-0"))],
            },
        ],
        "services": [{"name": "web", "selector": "deployment/web", "type": "NodePort"}],
        "traffic": [
            {"name": "pod", "from": "pod/client", **message},
            {"name": "host", "from": "node/a-1", **message},
            {"name": "outside", "from": "internet", "via": "nodePort", **message},
        ],
    }


@cache
def program(config: Any, mode: str) -> Program:
    """The scenario, lowered."""
    [scenario] = variants(document(spec(config, {"mode": mode})))
    return lower(scenario, 1)


@every_pair
def test_requests_come_through_and_all_laws_hold(module: Any, config: Any, mode: str) -> None:
    found = program(config, mode)
    records = engines.run(found, log=True)
    assert [verdict for verdict in check(found, records) if verdict.broken] == []
    assert set(records.requests.outcome.tolist()) <= {-1, 0}
    answered = Counter(records.requests.traffic[records.requests.outcome == 0].tolist())
    assert min(answered[row] for row in range(3)) >= 10


def roles_of(found: Program, relation: Relation, phase: Phase, name: str) -> list[int]:
    """The roles of the visits in which a stage is met by packets to a Service."""
    rows = visits(found, relation, phase, Entry.CLUSTER_IP)
    return [int(found.visits.role[row]) for row in rows for stage in stages(found, row) if stage == name]


@by_kube_proxy
def test_ipvs_sees_every_packet_to_a_service_and_back_once_at_the_client(module: Any, config: Any) -> None:
    found = program(config, "ipvs")
    for relation in RELATIONS:
        for phase in (*TOWARDS, Phase.SYN):
            assert roles_of(found, relation, phase, "ipvs-forward") == [Role.CLIENT]
        for phase in (*BACK, Phase.SYNACK):
            name = "ipvs-reply"
            roles = roles_of(found, relation, phase, name)
            # On one node all of the way back is in one piece, which the sender begins.
            assert roles == [Role.SERVER if relation == Relation.SAME_NODE else Role.CLIENT]
        assert roles_of(found, relation, Phase.SYN, "ipvs-schedule") == [Role.CLIENT]
        assert roles_of(found, relation, Phase.REQUEST, "ipvs-schedule") == []
        for phase in (*TOWARDS, *BACK, Phase.SYN):
            names = all_stages(found, relation, phase, Entry.DIRECT)
            assert not {"ipvs-forward", "ipvs-reply", "ipvs-schedule"} & set(names)


@by_kube_proxy
def test_ipvs_of_the_entry_node_sees_every_packet_from_outside_and_back(module: Any, config: Any) -> None:
    found = program(config, "ipvs")
    for relation in RELATIONS:
        for phase in (*TOWARDS, *BACK):
            path = path_of(found, (Entry.NODE_PORT, Endpoint.INTERNET, Endpoint.POD, relation), phase)
            first = int(found.paths.first[path])
            rows = range(first, first + int(found.paths.visits[path]))
            name = "ipvs-forward" if phase in TOWARDS else "ipvs-reply"
            [role] = [int(found.visits.role[row]) for row in rows for stage in stages(found, row) if stage == name]
            own = Role.SERVER if phase in BACK and relation == Relation.SAME_NODE else Role.ENTRY
            assert role == own


@by_kube_proxy
def test_first_packets_that_match_no_rule_meet_the_miss_of_the_mode(module: Any, config: Any) -> None:
    for mode, miss in (("iptables", "kube-services"), ("nftables", "nft-miss"), ("ipvs", "ipvs-miss")):
        found = program(config, mode)
        for relation in RELATIONS[1:]:
            assert roles_of(found, relation, Phase.SYN, miss)[-1:] == [Role.SERVER]
            names = all_stages(found, relation, Phase.SYN, Entry.DIRECT)
            assert names.count(miss) == 2, "at either node"
            assert ("iptables-rule" in names) == (mode == "iptables")


@by_kube_proxy
def test_the_process_of_the_userspace_mode_reads_and_writes_everything(module: Any, config: Any) -> None:
    found, plain = program(config, "userspace"), program(config, "iptables")
    for relation in RELATIONS:
        for phase in (Phase.REQUEST, Phase.RESPONSE):
            more = Counter(all_stages(found, relation, phase, Entry.CLUSTER_IP))
            more -= Counter(all_stages(plain, relation, phase, Entry.CLUSTER_IP))
            assert more == Counter(("conntrack", "filter", "tcp-receive", "socket-receive", "socket-send"))
        for phase in (Phase.ACK, Phase.ACK_BACK):
            more = Counter(all_stages(found, relation, phase, Entry.CLUSTER_IP))
            more -= Counter(all_stages(plain, relation, phase, Entry.CLUSTER_IP))
            assert more == Counter(("conntrack", "filter", "ack-receive", "ack-send")), "the kernel's own business"
        rows = np.array(visits(found, relation, Phase.REQUEST, Entry.CLUSTER_IP))
        workers = rows[found.visits.op[rows] == Op.WORKER]
        assert [stages(found, row) for row in workers if "socket-send" in stages(found, row)]
        assert all_stages(found, relation, Phase.REQUEST, Entry.DIRECT).count("socket-send") == 1


@by_kube_proxy
def test_two_connections_are_tracked_where_a_process_is_between(module: Any, config: Any) -> None:
    def tracked(mode: str) -> int:
        found = program(config, mode)
        rows = np.array(visits(found, Relation.SAME_NODE, Phase.SYN, Entry.CLUSTER_IP))
        return int(found.visits.tracks[rows].sum())

    assert tracked("userspace") == tracked("iptables") + 1
    assert tracked("ipvs") == tracked("nftables") == tracked("iptables")


def lowered(plugin: str, chosen: dict[str, Any], **service: Any) -> Program:
    """The scenario with another proxy section, or Service."""
    module = cni.load(plugin)
    whole = spec(module.Config(), chosen)
    whole["services"][0] |= service
    [scenario] = variants(document(whole))
    return lower(scenario, 1)


def strategies(found: Program) -> dict[Entry, str]:
    """How an endpoint of the Service is chosen, by the way in."""
    rows = zip(found.calls.entry.tolist(), found.calls.service.tolist(), strict=True)
    return {Entry(entry): found.names.strategies[found.services.strategy[row]] for entry, row in rows}


def test_maglev_is_for_what_comes_from_outside() -> None:
    found = strategies(lowered("cilium", {"mode": "ebpf", "algorithm": "maglev"}))
    assert found == {Entry.CLUSTER_IP: "random", Entry.NODE_PORT: "maglev"}
    assert set(strategies(lowered("cilium", {"mode": "ebpf"})).values()) == {"random"}


def test_a_tc_program_chooses_for_pods_in_place_of_kube_proxy() -> None:
    module = cni.load("cilium")
    config = module.Config(hostRouting="legacy", kubeProxyReplacement=False)
    [scenario] = variants(document(spec(config, {"mode": "ipvs", "scheduler": "sh"})))
    found = lower(scenario, 1)
    assert strategies(found) == {Entry.CLUSTER_IP: "random", Entry.NODE_PORT: "source_hash"}
    assert sorted(found.services.by_client.tolist()) == [0, 1]


@pytest.mark.parametrize("mode", ["iptables", "ipvs", "nftables"])
def test_masquerade_all_takes_a_port_of_the_node_for_every_connection(mode: str) -> None:
    for written in (False, True):
        found = lowered("flannel", {"mode": mode, "masqueradeAll": written})
        masked = dict(zip(found.calls.entry.tolist(), found.services.masquerades[found.calls.service], strict=True))
        assert masked == {Entry.CLUSTER_IP: int(written), Entry.NODE_PORT: 1}
        walk = found.services.walk[found.calls.service[found.calls.entry.tolist().index(Entry.CLUSTER_IP)]]
        first = int(found.works.first_stage[walk])
        count = int(found.works.stages[walk]) if walk >= 0 else 0
        names = [found.names.stages[row] for row in found.stages.name[first : first + count].tolist()]
        assert ("masquerade" in names) == written


def test_rules_are_counted_by_addresses() -> None:
    """One for each port and address; none for headless Services and those without endpoints."""

    def walked(*others: dict[str, Any]) -> int:
        whole = spec(cni.load("flannel").Config(), {"mode": "iptables"})
        whole["services"] = [{"name": "a", "selector": "deployment/web", **one} for one in others] + whole["services"]
        [scenario] = variants(document(whole))
        found = lower(scenario, 1)
        row = found.calls.service[found.calls.entry.tolist().index(Entry.CLUSTER_IP)]
        return int(found.works.per_burst[found.services.walk[row]])

    alone, rule = walked(), costs.load().stage("iptables-rule").per_burst
    assert walked({}) - alone == rule
    assert walked({"type": "LoadBalancer"}) - alone == 2 * rule
    assert walked({"headless": True}) == alone
