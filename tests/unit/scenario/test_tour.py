"""The tour: every scenario of scenarios/ loads, opens with a question, and is small."""

import re
from pathlib import Path

import pytest

from netsim.model.load import Bulk, ClosedLoop, Datagrams, OpenLoop, Transactions
from netsim.scenario import load

FOLDER = Path(__file__).parents[3] / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


def test_tour_is_numbered() -> None:
    assert [int(path.name[:2]) for path in FILES] == list(range(1, len(FILES) + 1))
    assert len(FILES) >= 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    text = path.read_text()
    study = load(path)
    assert "?" in study.description
    assert text.count("\n") <= 60
    assert path.stem[3:].replace("_", "-") == study.name
    for scenario in study.variants:
        requests = 0
        for traffic in scenario.traffic:
            if isinstance(traffic.load, OpenLoop):
                requests += sum(length * rate for length, rate in traffic.load.stages) // 10**15
        saturated = [traffic for traffic in scenario.traffic if isinstance(traffic.load, Bulk | Datagrams)]
        assert requests <= 20_000
        assert requests >= 100 or saturated
        # A saturated link costs 200 times the simulated time.
        endless = [traffic for traffic in saturated if traffic.call.request.parameters == (0,)]
        assert not endless or scenario.run.duration <= 10**11


def test_smallest_scenario_has_twelve_lines() -> None:
    assert (FOLDER / "02_two_pods.yaml").read_text().count("\n") == 12


def test_demo_compares_the_strategies() -> None:
    variants = {scenario.variant for scenario in load(FOLDER / "01_cni_comparison.yaml").variants}
    assert variants >= {
        "host", "flannel-vxlan", "flannel-host-gw", "calico-bgp", "calico-ipip", "canal", "weave-fastdp",
        "cilium-vxlan", "cilium-native",
    }  # fmt: skip


def test_readme_lists_every_scenario() -> None:
    listed = re.findall(r"`(\d\d_\w+\.yaml)`", (FOLDER / "README.md").read_text())
    assert sorted(set(listed)) == [path.name for path in FILES]


AROUND = """apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: x}
spec:
  cluster: {nodePools: [{name: n, count: 2}]}
  workloads:
  - {target: deployment/web, replicas: 2, ports: [80]}
  - {target: deployment/desk, replicas: 1}
  - {target: pod/a}
  - {target: pod/b, ports: [80]}
  services:
  - {name: web, selector: deployment/web, type: LoadBalancer}
  traffic:
"""


def test_readme_shows_a_line_of_every_kind_of_traffic(tmp_path: Path) -> None:
    lines = re.findall(r"\| `(\{name: .*\})` \|", (FOLDER / "README.md").read_text())
    path = tmp_path / "s.yaml"
    path.write_text(AROUND + "".join(f"  - {line}\n" for line in lines))
    study = load(path)
    loads = [type(traffic.load) for traffic in study.variants[0].traffic]
    assert loads == [OpenLoop, ClosedLoop, Bulk, Datagrams, Transactions]
    assert not study.notices


def test_tour_has_no_settings_without_effect() -> None:
    notices = [str(notice) for path in FILES for notice in load(path).notices]
    assert not [notice for notice in notices if "compare" in notice or "no effect" in notice]


def test_manifests_are_plain_kubernetes() -> None:
    for path in sorted((FOLDER / "manifests").glob("*.yaml")):
        assert "netsim" not in re.sub(r"#.*", "", path.read_text())
