"""Rollouts, scaling, and what pods go through, edit by edit."""

from pathlib import Path

import pytest

from netsim.control.rolling import resolved
from netsim.program import State
from netsim.program_edits import Grow, SetClients, SetEndpoint, SetView
from tests.unit.control.recorded import MS, Recorded, Run, S, run


def availability(found: Run, replicas: int) -> tuple[int, int]:
    """The fewest ready pods, and the most that were not terminating, of a/web at any time."""
    ready, live = {f"a/web-{number}" for number in range(replicas)}, {f"a/web-{number}" for number in range(replicas)}
    created = {name: at for at, edit in found.session.of(Grow) for name in edit.names}  # type: ignore[attr-defined]
    steps = [(one.at, one.subject, one.what) for one in found.journal if one.subject.startswith("a/web-")]
    steps += [(at, name, "created") for name, at in created.items()]
    fewest, most = replicas, replicas
    for _, pod, what in sorted(steps, key=lambda step: step[0]):
        if what == "ready":
            ready.add(pod)
        elif what == "created":
            live.add(pod)
        elif what in ("terminating", "not ready"):
            ready.discard(pod)
            live.discard(pod)
        fewest, most = min(fewest, len(ready)), max(most, len(live))
    return fewest, most


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable"),
    [(1, "25%", "25%"), (4, "1", "0"), (7, "0", "2"), (10, "25%", "25%"), (5, "100%", "0")],
)
def test_a_rollout_stays_within_bounds_and_ends(tmp_path: Path, replicas: int, surge: str, unavailable: str) -> None:
    strategy = f"{{maxSurge: {surge}, maxUnavailable: {unavailable}}}"
    events = f"[{{at: 1s, rollout: deployment/a/web, strategy: {strategy}}}]"
    found = run(tmp_path, replicas=replicas, events=events, duration="90s")
    number = lambda text: -int(text[:-1]) * 10_000 if text.endswith("%") else int(text)  # noqa: E731
    bounds = resolved(number(surge), number(unavailable), replicas)
    fewest, most = availability(found, replicas)
    assert fewest >= replicas - bounds.unavailable
    assert most <= replicas + bounds.surge
    assert len(found.told("done", "deployment/a/web")) == 1
    assert len(found.told("gone", "a/web-")) == replicas


def test_saboteur_availability_is_counted(tmp_path: Path) -> None:
    events = "[{at: 1s, rollout: deployment/a/web, strategy: {maxSurge: 0, maxUnavailable: 2}}]"
    assert availability(run(tmp_path, events=events), 4)[0] == 2


def states(found: Run, pod: str) -> list[tuple[int, State]]:
    """What an endpoint was told to be, and when."""
    row = found.program.names.endpoints.index(pod)
    edits = [(at, edit) for at, edit in found.session.of(SetEndpoint) if edit.endpoint == row]  # type: ignore[attr-defined]
    return [(at, edit.state) for at, edit in edits]  # type: ignore[attr-defined]


def test_a_new_pod_is_dead_until_it_listens_and_ready_at_a_probe(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 1s, scale: deployment/a/web, replicas: 5}]")
    (born, dead), (listens, state) = states(found, "a/web-4")
    [grown] = [at for at, _ in found.session.of(Grow)]
    assert (dead, state) == (State.DEAD, State.LISTENING)
    assert born == grown
    assert listens - born == 200 * MS + S  # container and startup
    [ready] = found.told("ready", "a/web-4")
    assert listens <= ready < listens + S  # it is probed every second


def test_a_pod_that_is_deleted_sleeps_drains_and_goes(tmp_path: Path) -> None:
    cycle = ", lifecycle: {preStop: 3s, grace: 10s}"
    found = run(tmp_path, Recorded(busy=1), web=cycle, events="[{at: 1s, scale: deployment/a/web, replicas: 3}]")
    [asked], [killed] = found.told("terminating"), found.told("SIGKILL")
    (drains, first), (dies, second), (goes, third) = states(found, "a/web-3")
    assert (first, second, third) == (State.DRAINING, State.DEAD, State.GONE)
    assert asked == S
    heard = drains - 3 * S
    assert 10 * MS <= heard - asked <= 30 * MS  # a watch of 20 ms, half to one and a half
    assert dies == killed == heard + 10 * S
    assert goes == dies + 40 * MS


def test_a_pod_that_is_idle_ends_at_the_next_relist(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 1s, scale: deployment/a/web, replicas: 3}]")
    (drains, _), (dies, _), _ = states(found, "a/web-3")
    assert dies == drains + S
    assert found.told("SIGKILL") == []


def test_without_a_probe_a_pod_is_ready_before_it_listens(tmp_path: Path) -> None:
    web = ", startup: 5s, lifecycle: {readiness: none}"
    found = run(tmp_path, web=web, events="[{at: 1s, rollout: deployment/a/web}]")
    ready = found.told("ready", "a/web-4")[0]
    (_, dead), (listens, _), *_ = states(found, "a/web-4")
    assert (dead, listens - ready) == (State.DEAD, 5 * S)


def test_every_node_learns_at_its_own_time_and_none_before_the_others_are_pinned(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 1s, scale: deployment/a/web, replicas: 3}]")
    edits = found.session.of(SetView)
    everyone, three = tuple(found.before.backends.tolist()), tuple(found.before.backends.tolist()[:3])
    pins, changes = edits[:3], edits[3:]
    assert {(edit.node, edit.members) for _, edit in pins} == {(node, everyone) for node in range(3)}  # type: ignore[attr-defined]
    assert sorted((edit.node, edit.members) for _, edit in changes) == [(node, three) for node in (-1, 0, 1, 2)]  # type: ignore[attr-defined]
    times = [at for at, edit in changes if edit.node >= 0]  # type: ignore[attr-defined]
    assert len(set(times)) == 3
    assert all(S < at < S + 200 * MS for at in times)


def test_changes_wait_for_the_least_time_between_two_syncs(tmp_path: Path) -> None:
    down = "{{at: {at}ms, scale: deployment/a/web, replicas: {left}}},"
    steps = "".join(down.format(at=1000 + 100 * step, left=9 - step) for step in range(8))
    found = run(tmp_path, replicas=10, events=f"[{steps}]", nodes=1, duration="20s")
    syncs = sorted({at for at, edit in found.session.of(SetView) if edit.node == 0})[1:]  # type: ignore[attr-defined]
    assert len(syncs) >= 3
    # A burst of two, then one a second: of any three in a row the outer two are a second apart, but for their own work.
    assert all(last - first >= S - 10 * MS for first, last in zip(syncs, syncs[2:], strict=False))


def test_those_who_send_are_the_pods_that_run(tmp_path: Path) -> None:
    more, fewer = (f"{{at: {at}s, scale: deployment/a/client, replicas: {many}}}" for at, many in ((1, 3), (10, 1)))
    found = run(tmp_path, events=f"[{more}, {fewer}]")
    rows = {name: row for row, name in enumerate(found.program.names.endpoints)}
    clients = [rows[f"a/client-{number}"] for number in range(3)]
    told = [edit.clients for _, edit in found.session.of(SetClients)]  # type: ignore[attr-defined]
    assert told[0] == tuple(sorted(clients))
    assert told[-1] == (clients[0],)


def test_nothing_happens_without_events_but_syncs(tmp_path: Path) -> None:
    found = run(tmp_path)
    assert found.session.edits == [(at, edit) for at, edit in found.session.edits if type(edit).__name__ == "Burn"]
    assert found.journal == ()
    assert found.program is found.before


def test_the_same_seed_gives_the_same_edits_and_another_does_not(tmp_path: Path) -> None:
    events = "[{at: 1s, rollout: deployment/a/web}, {at: 20s, nodeDown: n-1, for: 20s}]"
    one, same, other = (run(tmp_path, events=events, seed=seed) for seed in (1, 1, 2))
    assert repr(one.session.edits) == repr(same.session.edits)
    assert one.journal == same.journal
    assert one.journal != other.journal
