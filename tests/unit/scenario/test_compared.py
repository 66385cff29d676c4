"""Comparisons: a traffic keeps its place and its kind in all variants, as results are compared traffic by traffic."""

from itertools import permutations
from pathlib import Path

import pytest

from netsim.errors import ScenarioError
from netsim.scenario import Study, load

TEXT = """apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: x}
spec:
  run: {duration: 100ms}
  cluster: {nodePools: [{name: n, count: 2}]}
  workloads:
  - {target: pod/a}
  - {target: pod/b, ports: [80]}
  traffic:
  - {name: before, from: pod/a, to: pod/b, rate: 100/s}
  - {name: t, from: pod/a, to: pod/b, %s}
  compare:
  - {name: first}
  - {name: other, set: {run.quantum: 1, traffic.before.rate: 200/s, %s}}
"""
LOADS = {
    "rate": "rate: 100/s",
    "users": "users: 3",
    "bulk": "bulk: {}",
    "datagrams": "datagrams: {rate: 1Mbit}",
    "transactions": "transactions: {processes: 2}",
}
ALIKE = {"rate", "users"}  # both are answered with latencies


def study(tmp_path: Path, first: str, changes: str) -> Study:
    path = tmp_path / "s.yaml"
    path.write_text(TEXT % (LOADS[first], changes))
    return load(path)


@pytest.mark.parametrize(("first", "other"), list(permutations(LOADS, 2)))
def test_a_traffic_is_of_one_kind(first: str, other: str, tmp_path: Path) -> None:
    changes = f"traffic.t: {{name: t, from: pod/a, to: pod/b, {LOADS[other]}}}"
    if {first, other} == ALIKE:
        assert len(study(tmp_path, first, changes).variants) == 2
        return
    with pytest.raises(ScenarioError) as raised:
        study(tmp_path, first, changes)
    [problem] = raised.value.problems
    words = {"rate": "requests", "users": "requests"}
    said = f"it is {words.get(other, other)} here and {words.get(first, first)} in variant 'first'"
    assert (problem.path, problem.message) == ("compare.other: traffic.t", said)
    assert problem.position is not None
    assert (problem.position.line, problem.position.column) == (15, 69)


def test_a_traffic_may_change_within_its_kind(tmp_path: Path) -> None:
    one, two = study(tmp_path, "bulk", "traffic.t: {name: t, from: pod/b, to: pod/a, bulk: {streams: 2}}").variants
    assert one.traffic[1] != two.traffic[1]


@pytest.mark.parametrize("names", ["t, before", "before", "before, t, more"])
def test_traffics_keep_their_names_and_order(names: str, tmp_path: Path) -> None:
    lines = [f"{{name: {name}, from: pod/a, to: pod/b, rate: 5/s}}" for name in names.split(", ")]
    text = f"traffic: [{', '.join(lines)}]"
    path = tmp_path / "s.yaml"
    path.write_text((TEXT % (LOADS["rate"], text)).replace("traffic.before.rate: 200/s, ", ""))
    with pytest.raises(ScenarioError, match=r"15:41: compare\.other: traffic: its traffics are not before, t, as in"):
        load(path)
