"""Nodes, links and routes that fail: when who knows, to the picosecond."""

from pathlib import Path

import pytest

from netsim.control.links import Wire, state
from netsim.control.nodes import noticed
from netsim.control.plane import next_tick
from netsim.control.routing import Wiring
from netsim.model.workload import Control, Event
from netsim.program_edits import Grow, SetClients, SetEntries, SetHops, SetLink, SetMachine, SetView
from tests.unit.control.recorded import MS, Recorded, S, run

LEAF_SPINE = "fabric: {topology: leaf-spine, leaves: 2, spines: 2}"


@pytest.mark.parametrize(
    ("failed", "phase", "grace", "expected"),
    [
        (25, 0, 50, 75),  # last lease at 20, looked for at 70 (exactly 50: not yet), noticed at 75
        (20, 0, 50, 75),  # a lease at the very moment still counts
        (29, 3, 50, 75),  # last lease at 23
        (23, 4, 40, 55),  # last lease at 14
        (2, 5, 50, 55),  # before the first lease: the start counts
    ],
)
def test_not_ready_after_the_grace_period(failed: int, phase: int, grace: int, expected: int) -> None:
    assert noticed(failed * S, phase * S, Control(grace=grace * S)) == expected * S


def test_not_ready_comes_within_a_lease_and_a_look() -> None:
    clocks = Control()
    for failed in range(0, 40 * S, 700 * MS):
        for phase in range(0, 10 * S, 900 * MS):
            late = noticed(failed, phase, clocks) - failed
            assert clocks.grace - clocks.lease < late <= clocks.grace + clocks.monitor


def test_ticks() -> None:
    assert [next_tick(now, 3, 10) for now in (0, 3, 4, 13, 14)] == [3, 3, 13, 13, 23]


def test_a_dead_node_loses_its_endpoints_and_then_its_pods(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 12s, nodeDown: n-1}]", duration="120s", more="  control: {eviction: 30s}")
    assert [(at, edit.up) for at, edit in found.session.of(SetMachine)] == [(12 * S, False)]  # type: ignore[attr-defined]
    [late] = found.told("NotReady", "n-1")
    assert 40 * S < late - 12 * S <= 55 * S
    assert late % (5 * S) == 0
    assert found.told("evicted", "n-1") == [late + 30 * S]
    changed = {edit.node: at for at, edit in found.session.of(SetView)[3:]}  # behind the pins  # type: ignore[attr-defined]
    assert all(late < at for at in changed.values())
    assert changed.keys() == {-1, 0, 2}  # the dead node's kube-proxy learns nothing
    grown = [name for at, edit in found.session.of(Grow) for name in edit.names]  # type: ignore[attr-defined]
    assert len(grown) == len(found.told("terminating")) > 0


def test_a_node_that_comes_back_starts_its_pods_again(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 12s, nodeDown: n-1, for: 60s}]", duration="120s")
    assert [(at, edit.up) for at, edit in found.session.of(SetMachine)] == [(12 * S, False), (72 * S, True)]  # type: ignore[attr-defined]
    [ready] = found.told("Ready", "n-1")[1:]
    assert ready == 72 * S + 20 * MS
    assert found.session.of(Grow) == []
    again = [one for one in found.journal if one.what == "ready" and one.subject.startswith("a/web")]
    assert again
    assert all(72 * S + 200 * MS + S <= one.at < 72 * S + 200 * MS + 2 * S for one in again)


def test_a_short_failure_is_never_noticed_by_the_cluster(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 12s, nodeDown: n-1, for: 5s}]", duration="120s")
    assert found.told("NotReady") == []


@pytest.mark.parametrize(
    ("words", "control", "late"),
    [
        ("", "", 0),
        (", silent: true", "", 9 * S),
        (", silent: true", "  control: {hold: 180s}", 180 * S),
        (", silent: true", "  control: {bfd: 900ms}", 900 * MS),
    ],
)
def test_a_broken_cable_attracts_flows_until_its_ends_notice(
    tmp_path: Path, words: str, control: str, late: int
) -> None:
    events = f"[{{at: 10s, linkDown: leaf1-spine2{words}}}]"
    found = run(tmp_path, events=events, duration="300s", more=f"  {LEAF_SPINE}\n{control}")
    edits = found.session.of(SetHops)
    assert edits[0][0] == 10 * S + late
    names = found.program.names.stations
    broken = {names.index("leaf1->spine2"), names.index("spine2->leaf1")}
    assert all(not broken & set(edit.links) for _, edit in edits)  # type: ignore[attr-defined]
    used = [group for group in Wiring(found.before).hops.values() if broken & set(group)]
    assert len(edits) >= len(used) > 0
    assert edits[-1][0] == 10 * S + late + 10 * MS  # leaf2 hears of it from its spine


def test_routes_come_back_as_they_were(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 10s, linkDown: leaf1-spine2, for: 5s}]", more=f"  {LEAF_SPINE}")
    hops = dict(Wiring(found.before).hops)
    at_start = dict(hops)
    for _, edit in found.session.of(SetHops):
        hops[edit.place, edit.target] = edit.links  # type: ignore[attr-defined]
    assert hops == at_start
    assert Wiring(found.before).routes(set()) == at_start
    assert [(at, edit.up) for at, edit in found.session.of(SetLink)] == [  # type: ignore[attr-defined]
        (10 * S, False), (10 * S, False), (15 * S, True), (15 * S, True),
    ]  # fmt: skip


def test_troubles_of_a_cable_add_up() -> None:
    wire = Wire(rate=100, travel=7, loss=0)
    slow, lossy = Event(0, "linkDegrade", rate=10, travel=3), Event(0, "linkDegrade", travel=4, loss=500_000_000)
    assert state(wire, []) == (True, 100, 7, 0)
    assert state(wire, [slow, lossy]) == (True, 10, 14, 500_000_000)
    assert state(wire, [lossy, lossy]) == (True, 100, 15, 750_000_000)
    assert state(wire, [Event(0, "linkDown"), slow]) == (False, 10, 10, 0)


def test_a_node_behind_a_broken_cable_is_not_ready_though_its_pods_run(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 12s, linkDown: n-1-tor, for: 60s}]", duration="120s")
    assert found.session.of(SetMachine) == []
    [late] = found.told("NotReady", "n-1")
    assert found.told("Ready", "n-1") == [late, 72 * S + 20 * MS]
    again = [one.at for one in found.journal if one.what == "ready"]
    assert set(again) == {72 * S + 20 * MS}


@pytest.mark.parametrize(("cni", "late"), [("{plugin: calico}", 240), ("{plugin: flannel}", None)])
def test_nodes_keep_routes_to_the_dead_as_long_as_their_cni(tmp_path: Path, cni: str, late: int | None) -> None:
    found = run(tmp_path, cni=cni, events="[{at: 12s, nodeDown: n-1}]", duration="300s")
    times = [at for at, _ in found.session.of(SetHops)]
    assert (times[:1] == [12 * S + late * S]) if late else not times


BALANCED = {"service": ", type: LoadBalancer", "traffic": "from: internet, via: loadBalancer"}


def test_a_balancer_believes_the_second_failed_check(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 12s, nodeDown: n-1, for: 60s}]", duration="150s", **BALANCED)
    (_, first), (out, without), (back, whole) = found.session.of(SetEntries)
    assert [edit.nodes for edit in (first, without, whole)] == [(0, 1, 2), (0, 2), (0, 1, 2)]  # type: ignore[attr-defined]
    assert 10 * S <= out - 12 * S <= 20 * S
    assert 10 * S <= back - 72 * S <= 20 * S
    assert (back - out) % (10 * S) == 0


def test_local_traffic_policy_follows_the_pods_at_the_checks(tmp_path: Path) -> None:
    local = {**BALANCED, "service": ", type: LoadBalancer, externalTrafficPolicy: Local"}
    found = run(tmp_path, replicas=3, events="[{at: 12s, scale: deployment/a/web, replicas: 2}]", **local)
    (_, first), (out, fewer) = found.session.of(SetEntries)
    assert (len(first.nodes), len(fewer.nodes)) == (3, 2)  # type: ignore[attr-defined]
    assert 10 * S < out - 12 * S < 21 * S


@pytest.mark.parametrize(("kind", "late"), [("metallb-l2", 3 * S), ("metallb-bgp", 10 * MS)])
def test_announced_addresses_move(tmp_path: Path, kind: str, late: int) -> None:
    kinds = {"cluster": f", loadBalancer: {{kind: {kind}}}", **BALANCED}
    moves = []
    for node in range(3):
        found = run(tmp_path, events=f"[{{at: 12s, nodeDown: n-{node}}}]", duration="20s", **kinds)
        moves += [(at, edit) for at, edit in found.session.of(SetEntries)]
    assert moves
    assert {at for at, _ in moves} == {12 * S + late}
    assert all(edit.rehash for _, edit in moves)  # type: ignore[attr-defined]
    assert len(moves) == (1 if kind == "metallb-l2" else 3)  # one leader, or all announce


def test_a_machine_that_is_down_takes_its_senders_with_it(tmp_path: Path) -> None:
    found = run(tmp_path, Recorded(), events="[{at: 12s, nodeDown: n-1, for: 10s}]")
    node = found.program.endpoints.node
    told = [edit.clients for _, edit in found.session.of(SetClients)]  # type: ignore[attr-defined]
    assert told
    assert all(int(node[end]) != 1 for end in told[0])
