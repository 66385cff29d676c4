"""A study: the same result for any number of processes, paired seeds, and laws that stop a broken run."""

import multiprocessing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from netsim import experiment, scenario
from netsim.analysis import laws
from netsim.errors import UsageError
from netsim.experiment import LawBrokenError, Options
from netsim.experiment.options import applied, baseline
from netsim.experiment.pool import WorkerDiedError, perform_all
from netsim.experiment.task import Outcome, Task, perform
from netsim.model.load import Bulk, OpenLoop
from tests.unit.cli.files import write_scenario

MS = 10**9


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> scenario.Study:
    return scenario.load(write_scenario(tmp_path_factory.mktemp("study")))


def test_a_result_has_the_promised_keys(study: scenario.Study) -> None:
    found = experiment.run(study, Options())
    assert found.keys() >= {"apiVersion", "kind", "scenario", "seed", "engine", "digest", "variants"}
    assert (found["apiVersion"], found["kind"], found["engine"]) == ("netsim/v1alpha1", "Result", "reference")
    assert [variant["name"] for variant in found["variants"]] == ["host", "flannel-vxlan"]
    assert found["baseline"] == "host"
    assert {row["variant"] for row in found["comparison"]} == {"flannel-vxlan"}
    for variant in found["variants"]:
        book = variant["ledger"]
        assert book["sent"] == book["delivered"] + sum(book["dropped"].values()) + book["in_flight"]
        assert variant["replications"] == 2


def test_processes_change_nothing(study: scenario.Study) -> None:
    told: list[int] = []
    one, two = (
        experiment.run(study, Options(jobs=jobs), lambda _, visits: told.append(sum(visits))) for jobs in (1, 2)
    )
    assert one == two
    assert max(told) > 0
    assert multiprocessing.active_children() == []


def test_variants_share_their_seeds(study: scenario.Study) -> None:
    found = experiment.run(study, Options(seed=7, replications=3))
    issued = [variant["traffic"][0]["issued"] for variant in found["variants"]]
    assert issued[0] == issued[1]
    assert found["seed"] == 7
    assert found["variants"][0]["replications"] == 3
    assert found["digest"] != experiment.run(study, Options(replications=3))["digest"]


def test_a_steady_rate_lasts_as_long_as_the_run(study: scenario.Study) -> None:
    longer = applied(study.variants[0], Options(duration=400 * MS))
    load = longer.traffic[0].load
    assert isinstance(load, OpenLoop)
    assert load.stages[0][0] == 400 * MS
    staged = replace(study.variants[0].traffic[0], load=OpenLoop(((50 * MS, 10**6), (50 * MS, 2 * 10**6))))
    kept = applied(replace(study.variants[0], traffic=(staged,)), Options(duration=400 * MS))
    assert kept.traffic == (staged,)


FLOWS = """\
apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: flows}
spec:
  run: {duration: 20ms, warmup: 5ms, replications: 2}
  cluster: {nodePools: [{name: n, count: 2}]}
  workloads: [{target: pod/a, node: n-0}, {target: pod/b, node: n-1, ports: [80]}]
  traffic:
  - {name: endless, from: pod/a, to: pod/b, bulk: {streams: 2}}
  - {name: files, from: pod/a, to: pod/b, bulk: {streams: 2, size: 256KiB}}
  - {name: voice, from: pod/a, to: pod/b, datagrams: {size: 200B, rate: 16Mbit}}
  - {name: rr, from: pod/a, to: pod/b, transactions: {processes: 2}}
"""


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> scenario.Study:
    path = tmp_path_factory.mktemp("flows") / "flows.yaml"
    path.write_text(FLOWS)
    return scenario.load(path)


def test_all_kinds_of_traffic_have_results_with_intervals(flows: scenario.Study) -> None:
    one, two = (experiment.run(flows, Options(jobs=jobs)) for jobs in (1, 2))
    assert one == two
    [variant] = one["variants"]
    kinds = {traffic["name"]: traffic for traffic in variant["traffic"]}
    assert {name: traffic["kind"] for name, traffic in kinds.items()} == {
        "endless": "bulk", "files": "bulk", "voice": "datagrams", "rr": "transactions",
    }  # fmt: skip
    assert all(len(traffic["timeline"]) == 100 for traffic in kinds.values())
    assert kinds["endless"]["goodput_gbps"] > 1
    assert kinds["endless"]["in_flight"] == 4
    assert kinds["endless"]["latency_us"]["mean"] is None
    assert (kinds["files"]["completed"], kinds["files"]["latency_us"]["samples"]) == (4, 4)
    assert kinds["voice"]["sent"] == pytest.approx(400, abs=4)
    assert kinds["voice"]["received"] + kinds["voice"]["failed"] + kinds["voice"]["in_flight"] == kinds["voice"]["sent"]
    assert kinds["rr"]["throughput_rps"] > 100
    for row, traffic in enumerate(variant["traffic"]):
        assert f"/traffic/{row}/goodput_gbps" in variant["intervals"]
        assert traffic["goodput_gbps"] > 0
    assert variant["sockets"]["opened"] >= 12


def test_streams_that_last_as_long_as_the_run_go_on_doing_so(flows: scenario.Study) -> None:
    whole = replace(flows.variants[0], traffic=(replace(flows.variants[0].traffic[0], load=Bulk(2, 20 * MS)),))
    [longer] = applied(whole, Options(duration=80 * MS)).traffic
    assert longer.load == Bulk(2, 80 * MS)
    short = replace(whole.traffic[0], load=Bulk(2, 10 * MS))
    assert applied(replace(whole, traffic=(short,)), Options(duration=80 * MS)).traffic == (short,)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"duration": 10**16 * 100}, "requests"),
        ({"replications": 0}, "too few"),
        ({"baseline": "hots"}, "Did you mean 'host'"),
    ],
)
def test_bad_overrides_are_refused(study: scenario.Study, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        experiment.run(study, Options(**changes))


def test_a_warm_up_longer_than_the_run_is_refused(study: scenario.Study) -> None:
    variant = study.variants[0]
    with pytest.raises(UsageError, match="no longer than its warm-up"):
        applied(replace(variant, run=replace(variant.run, warmup=50 * MS)), Options(duration=50 * MS))


def test_the_baseline_is_the_one_asked_for_or_host_or_the_first() -> None:
    assert baseline(["a", "host"], None) == "host"
    assert baseline(["a", "b"], None) == "a"
    assert baseline(["a", "b"], "b") == "b"


def test_a_broken_law_ends_the_study(study: scenario.Study, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = laws.Law("gravity", "what goes up comes down", lambda program, records: ["it went up"])
    monkeypatch.setattr(laws, "LAWS", (*laws.LAWS, wrong))
    with pytest.raises(LawBrokenError, match=r"host, seed 1; no result is given:\n  gravity: it went up"):
        experiment.run(study, Options())


def test_laws_hold_on_logged_runs_too(study: scenario.Study) -> None:
    outcome = perform(Task(study.variants[1], 1, log=True))
    assert outcome.broken == ()
    assert len(outcome.records.log.station) == 0


def kill(_: object, __: object) -> Outcome:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_killed_worker_is_told_and_leaves_no_other(study: scenario.Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netsim.experiment.pool._perform", kill)
    tasks = [Task(variant, seed) for variant in study.variants for seed in (1, 2)]
    with pytest.raises(WorkerDiedError, match="fewer --jobs"):
        perform_all(tasks, 2)
    assert multiprocessing.active_children() == []


def test_a_warm_up_is_cut_from_all_variants_alike(tmp_path: Path) -> None:
    issued = []
    for warmup in ("0s", "20ms"):
        found = experiment.run(scenario.load(write_scenario(tmp_path, warmup=warmup)), Options())
        assert found["run"]["warmup_by"] == "scenario"
        issued.append([variant["traffic"][0]["issued"] for variant in found["variants"]])
    assert found["run"] == {"duration_s": 0.1, "warmup_s": 0.02, "warmup_by": "scenario", "doubt": ""}
    assert issued[0][0] == issued[0][1] > issued[1][0] == issued[1][1]
