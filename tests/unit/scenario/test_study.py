"""Study: a scenario file becomes model objects in base units; overlays change what they say."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from netsim.errors import Position, ScenarioError
from netsim.model import law
from netsim.model.cluster import Scenario
from netsim.model.load import ClosedLoop, OpenLoop
from netsim.model.transport import Connections
from netsim.scenario import Study, load

HEAD = """# Is it fast?
# And why?
apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: x}
spec:
  cluster: {nodePools: [{name: n, count: 3}]}
"""
BODY = """  workloads:
  - {target: deployment/web, replicas: 4, ports: [8080]}
  - {target: pod/client, node: n-0}
  services:
  - {name: web, selector: deployment/web, type: LoadBalancer}
  traffic:
  - {name: t, from: pod/client, to: svc/web, rate: 100/s}
"""


def study(tmp_path: Path, text: str) -> Study:
    path = tmp_path / "s.yaml"
    path.write_text(text)
    return load(path)


def only(tmp_path: Path, text: str) -> Scenario:
    [scenario] = study(tmp_path, text).variants
    return scenario


def test_defaults(tmp_path: Path) -> None:
    scenario = only(tmp_path, HEAD + BODY)
    assert (scenario.name, scenario.variant) == ("x", "flannel")
    assert scenario.cluster.proxy.mode == "iptables"
    assert scenario.cluster.fabric.topology == "flat"
    assert scenario.run.duration == 10 * 10**12
    assert scenario.run.warmup is None
    [traffic] = scenario.traffic
    assert traffic.source == "pod/default/client"
    assert traffic.call.to == "svc/default/web"
    assert traffic.load == OpenLoop(((10 * 10**12, 100_000),))
    assert traffic.call.request == law.constant(1024)


def test_description_and_positions(tmp_path: Path) -> None:
    loaded = study(tmp_path, HEAD + BODY)
    assert loaded.description == "Is it fast? And why?"
    assert loaded.positions["traffic.t.rate"] == Position(str(tmp_path / "s.yaml"), 14, 46)
    assert loaded.positions["cluster.nodePools.n.count"].line == 7


def test_study_travels_between_processes(tmp_path: Path) -> None:
    loaded = study(tmp_path, HEAD + BODY)
    again = pickle.loads(pickle.dumps(loaded))
    assert again.variants == loaded.variants
    assert dict(again.positions) == dict(loaded.positions)


LAWS = {
    "5ms": law.constant(5 * 10**9),
    "{dist: constant, value: 5ms}": law.constant(5 * 10**9),
    "{dist: uniform, min: 1us, max: 2us}": law.uniform(10**6, 2 * 10**6),
    "{dist: exponential, mean: 1us}": law.exponential(10**6),
    "{dist: lognormal, median: 2ms, p99: 11ms}": law.lognormal(2 * 10**9, 11 * 10**9),
    "{dist: pareto, min: 1us, p99: 9us}": law.pareto(10**6, 9 * 10**6),
    "{dist: empirical, values: [1ns, 2ns], weights: [3, 1]}": law.empirical((1000, 2000), (3, 1)),
}


@pytest.mark.parametrize("written", LAWS)
def test_laws(written: str, tmp_path: Path) -> None:
    text = (HEAD + BODY).replace("ports: [8080]", f"ports: [8080], serviceTime: {written}")
    assert only(tmp_path, text).behaviours[0].service_time == LAWS[written]


def test_calls_are_groups(tmp_path: Path) -> None:
    calls = "calls: [{to: svc/web}, {parallel: [{to: svc/web, probability: 30%}, {to: pod/default/web-0}]}]"
    text = (HEAD + BODY).replace("node: n-0}", f"node: n-0, {calls}}}")
    client = only(tmp_path, text).behaviours[1]
    assert [[call.to for call in group] for group in client.calls] == [
        ["svc/default/web"],
        ["svc/default/web", "pod/default/web-0"],
    ]
    assert client.calls[1][0].probability == 300_000


def test_traffic_from_outside(tmp_path: Path) -> None:
    more = "from: internet, via: loadBalancer, rtt: 10ms, clients: 7, start: 1s"
    [traffic] = only(tmp_path, (HEAD + BODY).replace("from: pod/client", more)).traffic
    assert (traffic.source, traffic.via, traffic.clients, traffic.start) == (
        "internet",
        "loadBalancer",
        7,
        10**12,
    )
    assert traffic.travel == law.constant(5 * 10**9)


def test_closed_loop_and_connections(tmp_path: Path) -> None:
    text = "users: 5, thinkTime: 1ms, connections: {mode: perRequest, keepAlive: 1s, perClient: 3}"
    [traffic] = only(tmp_path, (HEAD + BODY).replace("rate: 100/s", text)).traffic
    assert traffic.load == ClosedLoop(5, law.constant(10**9))
    assert traffic.call.connections == Connections("perRequest", 3, 10**12)


def test_staged_rate(tmp_path: Path) -> None:
    text = "rate: {stages: [{duration: 1s, target: 5/s}, {duration: 2s, target: 0/s}]}, arrivals: constant"
    [traffic] = only(tmp_path, (HEAD + BODY).replace("rate: 100/s", text)).traffic
    assert traffic.load == OpenLoop(((10**12, 5000), (2 * 10**12, 0)), "constant")


def test_proxy_follows_the_cni(tmp_path: Path) -> None:
    for cni, proxy in (("{plugin: cilium}", "ebpf"), ("{plugin: calico, encapsulation: None}", "iptables")):
        scenario = only(tmp_path, f"{HEAD}  cni: {cni}\n{BODY}")
        assert scenario.cluster.proxy.mode == proxy
    with pytest.raises(ScenarioError, match="cilium replaces kube-proxy here"):
        study(tmp_path, f"{HEAD}  cni: {{plugin: cilium}}\n  proxy: {{mode: iptables}}\n{BODY}")


def test_node_ports_are_given_out_in_the_order_of_names(tmp_path: Path) -> None:
    more = "  - {name: api, selector: deployment/web, type: NodePort}\n  - {name: z, selector: deployment/web, "
    more += "type: NodePort, nodePort: 30000}\n  traffic"
    services = only(tmp_path, (HEAD + BODY).replace("  traffic", more)).cluster.services
    assert [(service.name, service.node_ports) for service in services] == [
        ("api", (30_001,)),
        ("web", (30_002,)),
        ("z", (30_000,)),
    ]


COMPARE = """  compare:
  - {name: plain}
  - {name: leaf, set: {cni.backend: host-gw, cluster.nodePools.n.count: 5, traffic.t.rate: 7/s}}
  - {name: whole, set: {cni: {plugin: calico}, workloads.deployment/web.replicas: 2, run.quantum: 1}}
"""


def test_overlays_change_what_they_say_and_no_more(tmp_path: Path) -> None:
    plain, leaf, whole = study(tmp_path, HEAD + BODY + COMPARE).variants
    assert (plain.cluster.cni.plugin, plain.cluster.cni.backend) == ("flannel", "vxlan")
    assert leaf.cluster.cni.backend == "host-gw"
    assert len(leaf.cluster.nodes) == 5
    assert leaf.traffic[0].load == OpenLoop(((10 * 10**12, 7_000),))
    assert whole.cluster.cni.plugin == "calico"
    assert len(whole.cluster.pods) == 3
    assert whole.run == replace(plain.run, quantum=1)
    assert whole.traffic == plain.traffic


def test_variants_of_the_network_share_one_placement(tmp_path: Path) -> None:
    text = (
        HEAD
        + BODY
        + "  compare:\n"
        + "".join(
            f"  - {{name: {plugin}, set: {{cni: {{plugin: {plugin}}}}}}}\n" for plugin in ("flannel", "weave", "cilium")
        )
    )
    one, two, three = study(tmp_path, text).variants
    assert one.cluster.pods is two.cluster.pods is three.cluster.pods


def test_order_of_lists_does_not_move_pods(tmp_path: Path) -> None:
    lines = BODY.splitlines(keepends=True)
    swapped = "".join([lines[0], lines[2], lines[1], *lines[3:]])
    assert only(tmp_path, HEAD + BODY).cluster == only(tmp_path, HEAD + swapped).cluster


def test_mistake_of_all_variants_is_told_once_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as raised:
        study(tmp_path, (HEAD + BODY).replace("svc/web", "svc/wbe") + COMPARE)
    [problem] = raised.value.problems
    assert problem.position == Position(str(tmp_path / "s.yaml"), 14, 37)


def test_mistake_of_one_variant_is_told_at_its_set(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as raised:
        study(tmp_path, HEAD + BODY + COMPARE.replace("replicas: 2", "replicas: 0"))
    [problem] = raised.value.problems
    assert str(problem).endswith("compare.whole: workloads.deployment/web.replicas: 0 must be at least 1.")
    assert problem.position.line == 18
