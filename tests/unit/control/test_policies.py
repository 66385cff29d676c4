"""Policies while a cluster runs: each node at its own time, and new pods cut off until theirs are in place."""

from pathlib import Path

from netsim.program import State
from netsim.program_edits import SetEndpoint, SetScreens
from tests.unit.control.recorded import MS, S, run

DENY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: a}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
CALICO = "{plugin: calico}"
APPLY = "{at: 5s, applyManifests: [deny.yaml]}"


def test_every_node_enforces_at_its_own_time(tmp_path: Path) -> None:
    (tmp_path / "deny.yaml").write_text(DENY)
    found = run(tmp_path, cni=CALICO, events=f"[{APPLY}]")
    edits = found.session.of(SetScreens)
    assert sorted(edit.node for _, edit in edits) == [0, 1, 2]  # type: ignore[attr-defined]
    times = [at for at, _ in edits]
    assert len(set(times)) == 3
    assert all(5 * S + 100 * MS < at <= 5 * S + 130 * MS for at in times)
    assert all(len(edit.screens.action) for _, edit in edits)  # type: ignore[attr-defined]
    assert len(found.before.screens.action) == 0


def test_a_cni_without_policies_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "deny.yaml").write_text(DENY)
    assert run(tmp_path, events=f"[{APPLY}]").session.of(SetScreens) == []


def test_new_pods_are_cut_off_until_their_policies_are_in_place(tmp_path: Path) -> None:
    (tmp_path / "deny.yaml").write_text(DENY)
    events = f"[{APPLY}, {{at: 10s, scale: deployment/a/web, replicas: 5}}]"
    found = run(tmp_path, cni=CALICO, web=", startup: 10ms", events=events)
    row = found.program.names.endpoints.index("a/web-4")
    told = [edit.state for _, edit in found.session.of(SetEndpoint) if edit.endpoint == row]  # type: ignore[attr-defined]
    assert told[0] == State.UNSCREENED
    assert told[-1] == State.LISTENING


def test_without_policies_nobody_is_cut_off(tmp_path: Path) -> None:
    found = run(tmp_path, cni=CALICO, events="[{at: 10s, scale: deployment/a/web, replicas: 5}]")
    assert State.UNSCREENED not in [edit.state for _, edit in found.session.of(SetEndpoint)]  # type: ignore[attr-defined]


def test_a_new_pod_is_judged_as_its_siblings(tmp_path: Path) -> None:
    (tmp_path / "deny.yaml").write_text(DENY)
    found = run(tmp_path, cni=CALICO, events=f"[{APPLY}, {{at: 10s, scale: deployment/a/web, replicas: 5}}]")
    rows = [row for row, name in enumerate(found.program.names.endpoints) if name.startswith("a/web-")]
    identities = found.program.endpoints.identity[rows].tolist()
    assert len(rows) == 5
    assert len(set(identities)) == 1
    assert identities[0] >= 0
