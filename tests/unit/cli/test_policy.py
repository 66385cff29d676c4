"""The verb policy: the matrix and the change as people and programs read them, and what is said of wrong input."""

import csv
import json
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from netsim import cli, costs
from tests.unit.policy.scenes import DENY, SPY, WEB, WEB_TO_DB, policy, study

Netsim = Callable[..., tuple[int, str, str]]
SQL_FOR_ALL = policy(
    "web-to-db",
    podSelector={"matchLabels": {"app": "db"}},
    ingress=[{"from": [{"namespaceSelector": {}}], "ports": [{"port": 5432}]}],
)
EGRESS = policy("out", podSelector={"matchLabels": {"app": "web"}}, egress=[{"to": [{"podSelector": {}}]}])
INTERNET = policy("open", podSelector={}, ingress=[{"from": [{"ipBlock": {"cidr": "198.51.0.0/16"}}]}])


@pytest.fixture
def netsim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Netsim:
    """The command in this process, in the folder of the scenario s.yaml: exit code, stdout, stderr."""
    study(tmp_path, [DENY, WEB_TO_DB], [WEB, SPY])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["netsim", "policy", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, told = capsys.readouterr()
        return int(ended.value.code or 0), out, told

    return run


def written(tmp_path: Path, *policies: Any, name: str = "new.yaml") -> str:
    (tmp_path / name).write_text(yaml.safe_dump_all(policies))
    return name


def asked(netsim: Netsim, *arguments: str) -> Any:
    code, out, _ = netsim(*arguments, "-o", "json")
    assert code == 0
    return json.loads(out)


def test_matrix_says_who_may_talk_to_whom_and_why(netsim: Netsim) -> None:
    found = asked(netsim, "matrix", "s.yaml")
    pairs = {(row["from"], row["to"]): row for row in found["pairs"]}
    web, db, spy = "deployment/shop/web", "deployment/shop/db", "deployment/other/spy"
    assert (found["cni"], found["enforced"], found["policies"]) == ("calico", True, 2)
    assert pairs[web, db]["ports"] == ["5432/TCP"]
    assert pairs[web, db]["because"] == ["shop/web-to-db ingress[0]"]
    assert (pairs[spy, db]["open"], pairs[spy, db]["ports"]) == ("none", [])
    assert pairs[spy, db]["because"] == ["ingress shop/deny, shop/web-to-db"]
    assert pairs[db, spy] == {"from": db, "to": spy, "open": "all", "ports": ["all"], "uniform": True, "because": []}
    assert {pairs[who, web]["open"] for who in ("internet", "nodes")} == {"none"}
    assert {pairs[web, who]["open"] for who in ("internet", "nodes")} == {"all"}
    assert ("internet", "nodes") not in pairs


def test_matrix_as_a_grid(netsim: Netsim) -> None:
    _, out, told = netsim("matrix", "s.yaml")
    assert told == ""
    lines = [line.split() for line in out.splitlines()]
    assert lines[1] == ["from", "\\", "to", "other/spy", "shop/db", "shop/web", "nodes", "internet"]
    assert ["shop/web", "all", "5432/TCP", "–", "all", "all"] in lines
    assert max(map(len, out.splitlines())) <= 120


@pytest.mark.parametrize("form", ["csv", "markdown", "yaml"])
def test_matrix_in_other_forms(netsim: Netsim, form: str) -> None:
    code, out, _ = netsim("matrix", "s.yaml", "-o", form)
    assert code == 0
    if form == "csv":
        rows = list(csv.DictReader(StringIO(out)))
        assert rows[1]["to"] == "deployment/shop/db"
    elif form == "yaml":
        assert yaml.safe_load(out)["kind"] == "PolicyMatrix"
    else:
        assert out.startswith("| from | to | open | uniform | because |\n| --- |")


def test_matrix_of_one_namespace(netsim: Netsim) -> None:
    pairs = asked(netsim, "matrix", "s.yaml", "--namespace", "other")["pairs"]
    assert {"deployment/other/spy"} == set.intersection(*({row["from"], row["to"]} for row in pairs))


def test_matrix_of_pods_that_differ(tmp_path: Path, netsim: Netsim) -> None:
    """Two pods of one workload in different blocks: said, and both are counted."""
    block = policy(
        "block",
        podSelector={"matchLabels": {"app": "db"}},
        ingress=[{"from": [{"ipBlock": {"cidr": "10.244.0.0/26"}}]}],
    )
    pools = {"nodePools": [{"name": "n", "count": 2}], "podCIDR": "10.244.0.0/16"}
    pods = [{"target": "deployment/other/two", "replicas": 80}]
    study(tmp_path, [block], [WEB], cluster=pools, workloads=pods, cni={"plugin": "calico", "encapsulation": "None"})
    rows = asked(netsim, "matrix", "s.yaml")["pairs"]
    [row] = [row for row in rows if (row["from"], row["to"]) == ("deployment/other/two", "deployment/shop/db")]
    assert (row["open"], row["uniform"]) == ("all", False)


def test_who_does_not_enforce(tmp_path: Path, netsim: Netsim) -> None:
    study(tmp_path, [DENY], [WEB], cni={"plugin": "flannel"})
    _, out, told = netsim("matrix", "s.yaml")
    assert "–" not in out
    assert "note: flannel does not enforce network policies" in told
    assert "–" in netsim("matrix", "s.yaml", "--as-if-enforced")[1]


def test_diff_with_manifests_that_are_applied(tmp_path: Path, netsim: Netsim) -> None:
    found = asked(netsim, "diff", "s.yaml", written(tmp_path, SQL_FOR_ALL, EGRESS))
    changes = {(row["from"], row["to"]): row for row in found["changes"]}
    web, db, spy = "deployment/shop/web", "deployment/shop/db", "deployment/other/spy"
    assert changes[spy, db]["allowed"] == ["5432/TCP"]
    assert changes[spy, db]["traffic"] == ["deployment-other-spy"]
    assert (changes[web, "internet"]["denied"], changes[web, "internet"]["because"]) == (["all"], ["egress shop/out"])
    assert (web, db) not in changes
    assert found["pairs"] == found["unchanged"] + len(found["changes"]) == 21
    assert found["changes"][0]["traffic"]


def test_diff_prices_the_first_packet(tmp_path: Path, netsim: Netsim) -> None:
    """What the change adds is rules and look-ups of the cost profile, and the new screen of egress."""
    found = asked(netsim, "diff", "s.yaml", written(tmp_path, EGRESS))
    [web] = [row for row in found["costs"] if row["traffic"] == "deployment-shop-web"]
    price = {name: costs.load().stage(name).per_burst for name in ("policy-rule", "policy-set", "policy-egress")}
    assert web["after"]["evaluated"].keys() - web["before"]["evaluated"].keys() == {"policy-egress"}
    rules = web["after"]["evaluated"]["policy-rule"] - web["before"]["evaluated"]["policy-rule"]
    sets = web["after"]["evaluated"]["policy-set"] - web["before"]["evaluated"]["policy-set"]
    assert (rules, sets) == (1 + 1 + 1 + 1, 1)  # the tier's mark, jump, mark, return; the pods of the namespace
    assert web["added_ps"] == price["policy-egress"] + rules * price["policy-rule"] + price["policy-set"]
    assert (web["before"]["verdict"], web["after"]["verdict"]) == ("allowed", "allowed")


def test_diff_costs_are_those_of_the_program(tmp_path: Path, netsim: Netsim) -> None:
    """The rows that an engine would charge have the same price."""
    from netsim.lowering import lower
    from netsim.scenario import load

    found = asked(netsim, "diff", "s.yaml", written(tmp_path, DENY))
    program = lower(load(tmp_path / "s.yaml").variants[0], 1)
    screen = costs.load().stage("policy-ingress").per_burst
    walks = {int(program.works.per_burst[walk]) + screen for walk in program.screens.walk.tolist()}
    assert walks == {row["before"]["ps"] for row in found["costs"]}
    assert all(row["added_ps"] == 0 for row in found["costs"])


def test_diff_that_replaces_all(tmp_path: Path, netsim: Netsim) -> None:
    name = written(tmp_path, INTERNET)
    added, alone = (asked(netsim, "diff", "s.yaml", name, *more) for more in ((), ("--replace",)))
    assert added["after"]["policies"] == 3
    assert alone["after"]["policies"] == 1
    [row] = [row for row in alone["changes"] if (row["from"], row["to"]) == ("internet", "deployment/shop/db")]
    assert row["allowed"] == ["all"]


def test_diff_of_two_scenarios_and_of_a_folder(tmp_path: Path, netsim: Netsim) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    written(folder, SQL_FOR_ALL)
    (folder / "notes.txt").write_text("none")
    by_folder = asked(netsim, "diff", "s.yaml", "policies")
    (tmp_path / "other").mkdir()
    study(tmp_path / "other", [DENY, SQL_FOR_ALL], [WEB, SPY])
    by_scenario = asked(netsim, "diff", "s.yaml", "other/s.yaml")
    assert by_folder["changes"] == by_scenario["changes"] != []


def test_diff_without_effect_says_so(tmp_path: Path, netsim: Netsim) -> None:
    _, out, _ = netsim("diff", "s.yaml", written(tmp_path, DENY))
    assert out.startswith("nothing newly denied, nothing newly allowed: 21 of 21 pairs unchanged")


def test_diff_as_a_table_and_as_csv(tmp_path: Path, netsim: Netsim) -> None:
    name = written(tmp_path, SQL_FOR_ALL)
    _, table, _ = netsim("diff", "s.yaml", name)
    assert table.startswith("2 pairs changed, 19 of 21 pairs unchanged")
    assert "other/spy" in table
    assert "what a first packet of the traffic pays for policies" in table
    _, text, _ = netsim("diff", "s.yaml", name, "-o", "csv")
    changes, prices = text.split("\n\n")
    assert next(csv.DictReader(StringIO(changes)))["change"] == "allows"
    assert [float(row["ns added"]) for row in csv.DictReader(StringIO(prices))] != []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("matrix", "none.yaml"), "none.yaml: there is no such file."),
        (("matrix", "s.yaml", "--namespace", "shp"), "there are no pods in a namespace 'shp'. Did you mean 'shop'?"),
        (("matrix", "s.yaml", "--variant", "x"), "there is no variant 'x' in s.yaml. Known: calico."),
        (("diff", "s.yaml"), "there is nothing to compare with."),
        (("diff", "s.yaml", "none.yaml"), "none.yaml: there is no such file."),
        (("diff", "s.yaml", "empty"), "empty: there is no YAML or JSON file in this directory."),
        (("diff", "s.yaml", "web.yaml"), "web.yaml: there is no NetworkPolicy in it. Name a file or directory with"),
        (("diff", "s.yaml", "bad.yaml"), "bad.yaml:1:51: spec.podSelectors: unknown field"),
    ],
)
def test_wrong_input_is_a_sentence(netsim: Netsim, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "web.yaml").write_text("{kind: Namespace, metadata: {name: x}}")
    (tmp_path / "bad.yaml").write_text("{kind: NetworkPolicy, metadata: {name: x}, spec: {podSelectors: {}}}")
    code, out, told = netsim(*arguments)
    assert (code, out) == (2, "")
    assert message in told
