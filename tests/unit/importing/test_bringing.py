"""The whole way: from a dump to files, from files to a run."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from netsim import cli, engines
from netsim.importing import Imported
from netsim.lowering import lower
from netsim.scenario import load
from tests.unit.importing.kubernetes import (
    as_json,
    as_yaml,
    brought,
    deployment,
    node,
    pod,
    service,
    shop,
    spec_of,
    thing,
)

SLICE = "discovery.k8s.io/v1"


def placed(made: Imported, folder: Path) -> Path:
    """Writes an import's files, as the verb does."""
    for name, content in made.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder / "scenario.yaml"


def test_a_small_cluster_is_imported_loaded_and_run(tmp_path: Path) -> None:
    made = brought(tmp_path, shop())
    assert made.problems == []
    study = load(placed(made, tmp_path / "out"))
    [variant] = study.variants
    assert study.notices == ()
    assert [(pod.path, pod.node, pod.owner) for pod in variant.cluster.pods] == [
        ("shop/cart-6d4cf56db6-00001", "alpha", "deployment/shop/cart"),
        ("shop/cart-6d4cf56db6-00002", "beta", "deployment/shop/cart"),
        ("shop/web-6d4cf56db6-00001", "alpha", "deployment/shop/web"),
        ("shop/web-6d4cf56db6-00002", "beta", "deployment/shop/web"),
    ]
    assert [(one.name, one.cores, one.zone) for one in variant.cluster.nodes] == [
        ("alpha", 8, "zone-1"),
        ("beta", 8, "zone-0"),
    ]
    short = replace(variant, run=replace(variant.run, duration=10**12))
    records = engines.run(lower(short, 1))
    outcomes = records.requests.outcome.tolist()
    assert len(outcomes) > 10
    assert set(outcomes) <= {0, -1}


def test_the_same_dump_gives_the_same_bytes(tmp_path: Path) -> None:
    assert brought(tmp_path, as_json(shop())).files == brought(tmp_path, as_json(shop())).files
    assert brought(tmp_path, as_json(shop())).files == brought(tmp_path, as_yaml(shop())).files


def test_noise_is_left_out_and_what_matters_stays(tmp_path: Path) -> None:
    files = brought(tmp_path, shop()).files
    pods, nodes = files["manifests/pods.yaml"], files["manifests/nodes.yaml"]
    for gone in ("uid", "resourceVersion", "creationTimestamp", "env:", "image", "volumes", "lastTransitionTime"):
        assert gone not in pods, gone
    for kept in (
        "readinessProbe",
        "periodSeconds: 10",
        'cpu: "100m"',
        "phase: Running",
        "containerPort: 8080",
        "podIP",
    ):
        assert kept in pods, kept
    assert "images" not in nodes
    assert 'podCIDR: "10.244.1.0/24"' in nodes


def test_pods_that_do_not_run_are_left_out(tmp_path: Path) -> None:
    done = pod("web", 3, "alpha", phase="Succeeded")
    waiting = pod("cart", 4, "alpha", phase="Pending")
    leaving = pod("web", 5, "beta")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z"
    unready = pod("cart", 6, "beta", conditions=[{"type": "Ready", "status": "False"}])
    made = brought(tmp_path, [*shop(), done, waiting, leaving, unready])
    assert [line for line in made.told if line.startswith("left out")] == [
        "left out: 1 Pod: it has ended",
        "left out: 1 Pod: it is being deleted",
        "left out: 1 Pod: it is not running",
    ]
    [variant] = load(placed(made, tmp_path / "out")).variants
    cart = next(one for one in variant.cluster.services if one.name == "cart")
    assert "shop/cart-6d4cf56db6-00006" in [one.path for one in variant.cluster.pods]
    assert "shop/cart-6d4cf56db6-00006" not in cart.endpoints


def test_workloads_without_pods_stay_without(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), deployment("down", 3), deployment("elsewhere", 3, "not-dumped")])
    [variant] = load(placed(made, tmp_path / "out")).variants
    owners = {pod.owner for pod in variant.cluster.pods}
    assert "deployment/shop/down" not in owners
    assert "deployment/not-dumped/elsewhere" in owners
    assert any("1 workloads have no pod that runs" in line and "shop/down" in line for line in made.told)


@pytest.mark.parametrize(
    ("written", "cores"), [("3920m", 4), ("500m", 1), ("2.5", 3), (8, 8), ("16", 16), ("none", None)]
)
def test_cores_are_whole(written: object, cores: int | None, tmp_path: Path) -> None:
    made = brought(tmp_path, [node("alpha", 1, written), *shop()[1:]])
    [variant] = load(placed(made, tmp_path / "out")).variants
    assert variant.cluster.nodes[0].cores == (cores or 4)


def test_nodes_known_only_by_their_pods(tmp_path: Path) -> None:
    made = brought(tmp_path, [one for one in shop() if one["kind"] != "Node"])
    assert any("2 nodes are known only by the pods on them" in line for line in made.told)
    [variant] = load(placed(made, tmp_path / "out")).variants
    assert [one.name for one in variant.cluster.nodes] == ["alpha", "beta"]


def test_manifests_alone_get_nodes(tmp_path: Path) -> None:
    made = brought(tmp_path, [deployment("web", 4), service("web", 1)])
    assert spec_of(made)["cluster"]["nodePools"][0]["count"] == 3
    assert len(load(placed(made, tmp_path / "out")).variants[0].cluster.pods) == 4


def test_pools_by_instance_type_and_mtu_by_cloud(tmp_path: Path) -> None:
    items = shop()
    items[0]["metadata"]["labels"]["node.kubernetes.io/instance-type"] = "m5.Large"
    for one in items[:2]:
        one["spec"]["providerID"] = "aws:///eu-1a/i-0123"
    pools = spec_of(brought(tmp_path, items))["cluster"]["nodePools"]
    assert [pool["name"] for pool in pools] == ["m5-large", "nodes"]
    assert pools[0]["labels"] == {"node.kubernetes.io/instance-type": "m5.Large"}
    assert {pool["nics"][0]["mtu"] for pool in pools} == {9001}


def test_dual_stack_and_ipv6(tmp_path: Path) -> None:
    dual = node("alpha", 1, podCIDR="fd00::/64", podCIDRs=["fd00::/64", "10.244.1.0/24"])
    six = node("beta", 2, podCIDR="fd00:1::/64", podCIDRs=["fd00:1::/64"])
    made = brought(tmp_path, [dual, six, *shop()[2:]])
    assert made.problems == []
    assert any(
        "podCIDR of node alpha is 10.244.1.0/24" in line and "IPv6 is not supported" in line for line in made.told
    )


def test_services_without_selectors_and_endpoint_slices(tmp_path: Path) -> None:
    bare = thing("v1", "Service", "bare", "shop", spec={"ports": [{"port": 5432}], "clusterIP": "10.96.0.7"})
    ready = {"ready": True}
    target = {"kind": "Pod", "namespace": "shop", "name": "web-6d4cf56db6-00001"}
    slices = thing(SLICE, "EndpointSlice", "bare-x", "shop", addressType="IPv4", endpoints=[
        {"addresses": ["10.244.1.9"], "conditions": ready, "targetRef": target},
        {"addresses": ["172.31.0.9"], "conditions": ready},
    ])  # fmt: skip
    slices["metadata"]["labels"] = {"kubernetes.io/service-name": "bare"}
    away = thing("v1", "Service", "away", "shop", spec={"type": "ExternalName", "externalName": "example.com"})
    made = brought(tmp_path, [*shop(), bare, slices, away])
    assert made.problems == []
    services = {one.name: one for one in load(placed(made, tmp_path / "out")).variants[0].cluster.services}
    assert services["bare"].endpoints == ("shop/web-6d4cf56db6-00001",)


def test_ports_shared_by_containers_are_parted(tmp_path: Path) -> None:
    items = shop()
    for one in items:
        if one["kind"] == "Pod":
            one["spec"]["containers"].append({"name": "side", "ports": [{"containerPort": 8080}, {"containerPort": 9}]})
    made = brought(tmp_path, items)
    assert made.problems == []
    assert any("4 objects declare a port in two containers" in line for line in made.told)


def test_what_keeps_it_from_running_is_told(tmp_path: Path) -> None:
    clash = service("other", 3, "NodePort")
    clash["spec"]["ports"][0]["nodePort"] = 30_001
    made = brought(tmp_path, [*shop(), clash])
    assert [problem.message for problem in made.problems] == ["nodePort 30001 of 'shop/web' is taken by 'shop/other'"]


def test_comments_cannot_be_broken_out_of(tmp_path: Path) -> None:
    odd = thing("example.com/v1", "Evil\nspec: {}\x1b[31m", "x", "shop")
    made = brought(tmp_path, [*shop(), odd])
    assert "\x1b" not in made.files["scenario.yaml"]
    assert set(spec_of(made)) == {"manifests", "run", "cluster", "cni", "proxy", "traffic"}


# -- the verb ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dump.json").write_text(as_json(shop()))

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["netsim", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, told = capsys.readouterr()
        return int(ended.value.code or 0), out, told

    return call


def test_the_verb_writes_a_directory_and_says_what_it_concluded(run: Any, tmp_path: Path) -> None:
    code, out, told = run("import", "-f", "dump.json", "-o", "made/here")
    assert (code, out) == (0, "made/here/scenario.yaml\n")
    assert "read: 2 Deployment, 2 Node, 4 Pod, 2 Service" in told
    assert "cni: cni: no trace of any CNI in the dump" in told
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["here"]
    assert run("check", "made/here/scenario.yaml", "--duration", "10ms")[0] == 0


def test_an_earlier_import_is_only_replaced_when_asked(run: Any, tmp_path: Path) -> None:
    assert run("import", "-f", "dump.json", "-o", "out")[0] == 0
    first = (tmp_path / "out" / "scenario.yaml").read_bytes()
    code, _, told = run("import", "-f", "dump.json", "-o", "out")
    assert (code, told) == (2, "netsim: out is there already. Choose another --output, or replace it with --force.\n")
    assert run("import", "-f", "dump.json", "-o", "out", "--force")[0] == 0
    assert (tmp_path / "out" / "scenario.yaml").read_bytes() == first
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")
    assert run("import", "-f", "dump.json", "-o", "mine", "--force")[0] == 2
    assert (tmp_path / "mine" / "notes.txt").read_text() == "x"


def test_bad_input_leaves_nothing_behind(run: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(as_json(shop())[:500])
    code, out, told = run("import", "-f", "bad.json", "-o", "out")
    assert (code, out) == (2, "")
    assert told.startswith("netsim: bad.json:")
    assert told.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.json", "dump.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scale", "more"], "--scale: 'more' is not a ratio"),
        (["--scale", "0%"], "nothing is left of the traffic"),
        (["--rate", "5"], "--rate: '5' is not a request rate"),
        (["--rate", "5/s", "--istio", "dump.json"], "--rate is for assumed traffic"),
        (["--hubble", "absent"], "absent: there is no such file"),
    ],
)
def test_options_that_are_wrong(arguments: list[str], message: str, run: Any) -> None:
    code, _, told = run("import", "-f", "dump.json", *arguments)
    assert code == 2
    assert message in told


def test_stdin(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "netsim", "import", "-f", "-", "-o", str(tmp_path / "out")]
    done = subprocess.run(command, input=as_yaml(shop()), capture_output=True, text=True, cwd=root, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "scenario.yaml").exists()
