"""Policies in a Program: identities, the rows of Screens, where packets meet them, and what a run makes of them."""

from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netsim import engines
from netsim.analysis.denials import denials
from netsim.analysis.laws import check
from netsim.lowering.screens import port_of
from netsim.model.cluster import Pod
from netsim.model.workload import Container, Event
from netsim.program import REASON, Phase, Program, Screen, Verdict
from netsim.records import Records
from tests.unit.policy.scenes import DENY, SPY, WEB, WEB_TO_DB, Json, flow, lowered, policy, scenario

CILIUM = {"plugin": "cilium"}
NOBODY = policy("nobody", podSelector={"matchLabels": {"app": "nobody"}})
SENT = 9  # requests of each traffic: 50 a second for 200 ms, the first one after 20 ms
EVERYBODY = policy("everybody", podSelector={}, policyTypes=["Ingress", "Egress"], ingress=[{}], egress=[{}])


def rows(program: Program) -> list[tuple[str, str, str, str, str]]:
    """Direction, client, server, verdict and rule of each row, parties by one of their endpoints."""
    names = program.names
    who = {int(identity): name for name, identity in zip(names.endpoints, program.endpoints.identity, strict=True)}
    table = program.screens
    return [
        (
            Screen(direction).name,
            who[client],
            who[server],
            Verdict(action).name,
            names.rules[rule] if rule >= 0 else "",
        )
        for direction, client, server, action, rule in zip(
            *(column.tolist() for column in (table.direction, table.client, table.server, table.action, table.rule)),
            strict=True,
        )
    ]


def ran(program: Program) -> Records:
    records = engines.run(program)
    assert [verdict for verdict in check(program, records) if verdict.broken] == []
    return records


def outcomes(program: Program, records: Records) -> dict[str, tuple[int, ...]]:
    """Requests answered and not, by traffic."""
    table = records.requests
    answered = table.outcome == 0
    return {
        name: tuple(int(((table.traffic == row) & (answered == done)).sum()) for done in (True, False))
        for row, name in enumerate(program.names.traffic)
    }


def test_rows_are_those_that_calls_bring_about(tmp_path: Path) -> None:
    program = lowered(tmp_path, [DENY, WEB_TO_DB], [WEB, SPY]).program()
    assert sorted(rows(program)) == [
        ("INGRESS", "other/spy-0", "shop/db-0", "DROP", "ingress shop/deny, shop/web-to-db"),
        ("INGRESS", "shop/web-0", "shop/db-0", "ALLOW", ""),
    ]
    assert program.names.ports[int(program.screens.port[0])] == "5432/TCP"
    walks = program.screens.walk.tolist()
    assert min(walks) >= 0
    costs = program.works.per_burst[walks]
    assert (costs > 0).all()


@pytest.mark.parametrize("cni", [{"plugin": "flannel"}, {"plugin": "kubenet"}, {"plugin": "host"}])
def test_who_does_not_enforce_has_no_screens(tmp_path: Path, cni: Json) -> None:
    program = lowered(tmp_path, [DENY], [WEB], cni=cni).program()
    assert len(program.screens.walk) == 0
    assert set(program.endpoints.identity.tolist()) == {-1}
    assert not program.visits.screens.any()


def test_a_policy_that_selects_nobody_changes_nothing(tmp_path: Path) -> None:
    without, useless = (lowered(tmp_path, some, [WEB, SPY]).program() for some in ([], [NOBODY]))
    assert without.fingerprint() == useless.fingerprint()


def test_a_policy_that_allows_all_lets_the_same_through(tmp_path: Path) -> None:
    without, open_ = (lowered(tmp_path, some, [WEB, SPY]).program() for some in ([], [EVERYBODY]))
    assert outcomes(without, ran(without)) == outcomes(open_, ran(open_))
    assert len(open_.screens.walk) > 0


def test_opening_packets_alone_meet_screens_behind_the_translation(tmp_path: Path) -> None:
    both = policy("both", podSelector={}, policyTypes=["Ingress", "Egress"], ingress=[{}], egress=[{}])
    program = lowered(tmp_path, [both], [WEB]).program()
    for phase in Phase:
        name = phase.name.lower()
        mine = [row for row, visit in enumerate(program.names.visits) if visit.split(".")[0] == name]
        screens = {int(program.visits.screens[row]) for row in mine}
        assert screens == ({0, 1, 2} if phase in (Phase.SYN, Phase.FIRST_DATAGRAM) else {0} if mine else set())
    for path in range(len(program.paths.first)):
        first, count = int(program.paths.first[path]), int(program.paths.visits[path])
        screens_of = program.visits.screens[first : first + count]
        assert list(screens_of[screens_of > 0]) in ([], [1], [2], [1, 2])
        translating = np.flatnonzero(program.visits.translates[first : first + count])
        if (screens_of == Screen.EGRESS).any() and len(translating):
            assert translating[0] < int(np.flatnonzero(screens_of == Screen.EGRESS)[0])


@pytest.mark.parametrize(
    "cni",
    [{"plugin": "calico"}, {"plugin": "calico", "dataplane": "eBPF"}, CILIUM, {"plugin": "weave"}, {"plugin": "canal"}],
)
def test_what_is_denied_is_dropped_and_counted_with_its_policies(tmp_path: Path, cni: Json) -> None:
    program = lowered(tmp_path, [DENY, WEB_TO_DB], [WEB, SPY], cni=cni).program()
    records = ran(program)
    found = outcomes(program, records)
    assert found["deployment-shop-web"] == (SENT, 0)
    assert found["deployment-other-spy"][0] == 0
    [row] = denials(program, [records])
    assert row["rule"] == "ingress shop/deny, shop/web-to-db"
    lost = records.drops.reason == REASON["policy"]
    assert row["packets"] == records.drops.frames[lost].sum() == SENT


def test_a_rejected_client_knows_at_once(tmp_path: Path) -> None:
    cni = {"plugin": "calico", "iptablesFilterDenyAction": "Reject"}
    program = lowered(tmp_path, [DENY], [SPY], cni=cni).program()
    table = ran(program).requests
    assert set(table.outcome.tolist()) == {1 + REASON["policy"]}
    assert (table.completed - table.intended).max() < 10**9


def test_egress_is_denied_at_the_sender(tmp_path: Path) -> None:
    closed = policy("closed", "other", podSelector={}, policyTypes=["Egress"])
    program = lowered(tmp_path, [closed], [SPY]).program()
    records = ran(program)
    lost = records.drops.reason == REASON["policy"]
    places = {program.names.groups[station] for station in records.drops.station[lost].tolist()}
    assert places == {"n-0"}


def test_a_node_reaches_its_own_pods_and_no_others(tmp_path: Path) -> None:
    """kubelet's probes always pass; from another node's address policies decide."""
    near, far = flow("node/n-1", "pod/shop/db-0"), flow("node/n-0", "pod/shop/db-0")
    program = lowered(tmp_path, [DENY], [near, far]).program()
    found = outcomes(program, ran(program))
    assert found["node-n-1"] == (SENT, 0)
    assert found["node-n-0"][0] == 0


def test_what_shares_the_nodes_network_is_not_isolated(tmp_path: Path) -> None:
    agent = {"kind": "Pod", "metadata": {"name": "agent", "namespace": "shop"}}
    containers = [{"name": "a", "ports": [{"containerPort": 9100}]}]
    agent["spec"] = {"nodeName": "n-1", "hostNetwork": True, "containers": containers}
    program = lowered(tmp_path, [DENY, agent], [flow("deployment/other/spy", "pod/shop/agent")]).program()
    assert outcomes(program, ran(program))["deployment-other-spy"] == (SENT, 0)


def test_later_policies_are_ready_before_they_come(tmp_path: Path) -> None:
    """Works, rules and identities are those of all sets that the events lead to."""
    base = scenario(tmp_path, [], [WEB, SPY])
    later = scenario(tmp_path, [DENY, WEB_TO_DB], [WEB, SPY]).cluster.policies
    lowering = lowered_with(base, later[:1], later[1:])
    program = lowering.program()
    assert len(program.screens.walk) == 0
    assert program.visits.screens.any()
    change = lowering.screening.change(later, node=1)
    assert (change.node, change.rules) == (1, ())
    grown = replace(program, screens=change.screens)
    assert {row[3] for row in rows(grown)} == {"ALLOW", "DROP"}
    assert int(change.screens.walk.max()) < len(program.works.jitter)


def lowered_with(base: Any, *sets: Any) -> Any:
    from netsim.lowering import Lowering

    events = tuple(Event(10**9 * (1 + place), "applyManifests", policies=some) for place, some in enumerate(sets))
    return Lowering(replace(base, events=events), 1)


def test_a_pod_that_comes_later_is_like_those_of_its_workload(tmp_path: Path) -> None:
    lowering = lowered(tmp_path, [DENY, WEB_TO_DB], [WEB, SPY])
    screening, before = lowering.screening, len(lowering.program().screens.walk)
    labels = (("app", "web"),)
    twin = Pod("shop", "web-1", "n-1", "deployment/shop/web", labels, (Container("main", (8080,), (("http", 8080),)),))
    known = lowering.endpoints.rows.columns["identity"][lowering.endpoints.number["pod/shop/web-0"]]
    assert screening.identity(twin, IPv4Address("10.244.9.9")) == known
    stranger = replace(twin, labels=(("app", "new"),))
    assert screening.identity(stranger, None) == len(screening.identities.parties) - 1
    grown = screening.change(lowering.scenario.cluster.policies)
    assert len(grown.screens.walk) == before + 1
    assert Verdict.DROP in grown.screens.action[grown.screens.client == screening.identity(stranger, None)]


def test_ports() -> None:
    assert [port_of(name) for name in ("", "80/TCP", "53/UDP")] == [(None, "TCP"), (80, "TCP"), (53, "UDP")]
