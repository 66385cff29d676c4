"""Manifests: Kubernetes objects as they are, workloads expanded into pods, Services into endpoints."""

import json
from pathlib import Path

import pytest

from netsim.errors import ScenarioError
from netsim.model.cluster import Scenario
from netsim.scenario import Study, load
from netsim.scenario.events import documents

SCENARIO = """apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: x}
spec:
  manifests: [m.yaml]
  CLUSTER
  workloads: [{target: pod/probe, node: NODE}]
  traffic: [{name: t, from: pod/probe, to: TARGET, rate: 1/s}]
"""
POOL = "cluster: {nodePools: [{name: n, count: 3, labels: {disk: ssd}}]}"
WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
"""
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}, {port: 53, protocol: UDP}]}
"""


def study(tmp_path: Path, manifests: str, cluster: str = POOL, target: str = "svc/shop/web") -> Study:
    node = "n-0" if "count" in cluster else "big"
    text = SCENARIO.replace("CLUSTER", cluster).replace("TARGET", target).replace("NODE", node)
    (tmp_path / "s.yaml").write_text(text)
    (tmp_path / "m.yaml").write_text(manifests)
    return load(tmp_path / "s.yaml")


def first(tmp_path: Path, manifests: str, cluster: str = POOL) -> Scenario:
    return study(tmp_path, manifests, cluster).variants[0]


def of(scenario: Scenario, owner: str) -> list[tuple[str, str]]:
    return [(pod.path, pod.node) for pod in scenario.cluster.pods if pod.owner == owner]


def test_deployment_becomes_pods_and_service_finds_them(tmp_path: Path) -> None:
    scenario = first(tmp_path, f"{WEB}---\n{SERVICE}")
    assert [path for path, _ in of(scenario, "deployment/shop/web")] == ["shop/web-0", "shop/web-1"]
    [service] = scenario.cluster.services
    assert service.endpoints == ("shop/web-0", "shop/web-1")
    assert service.ports == (80, 53)
    assert [port.target for port in service.targets] == [8080, 53]
    pod = next(pod for pod in scenario.cluster.pods if pod.path == "shop/web-0")
    assert pod.labels == (("app", "web"),)
    assert pod.containers[0].ports == (8080,)


def test_json_and_lists_are_read(tmp_path: Path) -> None:
    items = [documents(text, "x")[0].value for text in (WEB, SERVICE)]
    scenario = first(tmp_path, json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    assert len(scenario.cluster.services[0].endpoints) == 2


PODS = """kind: PodList
items:
- metadata: {name: web-x, namespace: shop, labels: {app: web}}
  spec: {containers: [{name: c, ports: [{name: http, containerPort: 1}]}]}
"""


def test_typed_lists_need_no_kind_in_items(tmp_path: Path) -> None:
    assert first(tmp_path, f"{PODS}---\n{SERVICE}").cluster.services[0].endpoints == ("shop/web-x",)


def test_stateful_set_and_daemon_set(tmp_path: Path) -> None:
    stateful = WEB.replace("Deployment", "StatefulSet").replace("replicas: 2", "replicas: 3")
    daemon = WEB.replace("Deployment", "DaemonSet").replace("name: web,", "name: agent,").replace("  replicas: 2\n", "")
    scenario = first(tmp_path, f"{stateful}---\n{daemon}---\n{SERVICE}")
    assert [path for path, _ in of(scenario, "statefulset/shop/web")] == [
        "shop/web-0",
        "shop/web-1",
        "shop/web-2",
    ]
    assert of(scenario, "daemonset/shop/agent") == [(f"shop/agent-n-{number}", f"n-{number}") for number in range(3)]


def test_node_name_selector_and_host_network_are_honoured(tmp_path: Path) -> None:
    bound = WEB.replace("spec: {containers", "spec: {nodeName: n-2, hostNetwork: false, containers")
    assert {node for _, node in of(first(tmp_path, f"{bound}---\n{SERVICE}"), "deployment/shop/web")} == {"n-2"}
    chosen = WEB.replace("spec: {containers", "spec: {hostNetwork: true, nodeSelector: {disk: ssd}, containers")
    pods = [pod for pod in first(tmp_path, f"{chosen}---\n{SERVICE}").cluster.pods if pod.namespace == "shop"]
    assert all(pod.host_network for pod in pods)
    assert len({pod.node for pod in pods}) == 2


def test_pods_of_a_dump_stand_in_for_their_deployment(tmp_path: Path) -> None:
    pod = """apiVersion: v1
kind: Pod
metadata:
  name: web-5d9-abcde
  namespace: shop
  labels: {app: web}
  ownerReferences: [{kind: ReplicaSet, name: web-5d9}]
spec: {nodeName: n-1, containers: [{name: c, image: x, ports: [{name: http, containerPort: 8080}]}]}
status: {phase: Running}
"""
    ended = pod.replace("abcde", "ended").replace("Running", "Succeeded")
    scenario = first(tmp_path, f"{WEB}---\n{pod}---\n{ended}---\n{SERVICE}")
    assert of(scenario, "deployment/shop/web") == [("shop/web-5d9-abcde", "n-1")]


SLICE = """apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-x, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints:
- {addresses: [10.0.0.1], targetRef: {kind: Pod, name: web-1, namespace: shop}}
- {addresses: [10.0.0.2], targetRef: {kind: Pod, name: web-0, namespace: shop}, conditions: {ready: false}}
"""


def test_endpoint_slice_overrides_the_selector(tmp_path: Path) -> None:
    assert first(tmp_path, f"{WEB}---\n{SERVICE}---\n{SLICE}").cluster.services[0].endpoints == ("shop/web-1",)


def test_endpoint_slice_by_node(tmp_path: Path) -> None:
    scenario = first(tmp_path, f"{WEB}---\n{SERVICE}")
    path, node = of(scenario, "deployment/shop/web")[1]
    by_node = SLICE[: SLICE.index("- {")] + f"- {{addresses: [10.0.0.1], nodeName: {node}}}\n"
    assert first(tmp_path, f"{WEB}---\n{SERVICE}---\n{by_node}").cluster.services[0].endpoints == (path,)


def test_named_target_port_that_a_pod_lacks_is_no_endpoint(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="Service 'shop/web' has no endpoints"):
        study(tmp_path, f"{WEB}---\n{SERVICE}".replace("targetPort: http", "targetPort: grpc"))


NODE = """apiVersion: v1
kind: Node
metadata: {name: big, labels: {topology.kubernetes.io/zone: eu-1a, size: large}}
spec: {podCIDR: 10.244.7.0/24}
status: {capacity: {cpu: "32", pods: "250", memory: 128Gi}}
"""


def test_nodes_are_adopted_by_a_pool_with_their_labels(tmp_path: Path) -> None:
    pool = "cluster: {nodePools: [{name: large, labels: {size: large}, nics: [{bandwidth: 25Gbit}]}]}"
    [node] = first(tmp_path, f"{WEB}---\n{SERVICE}---\n{NODE}", pool).cluster.nodes
    assert (node.name, node.cores, node.max_pods, node.zone) == ("big", 32, 250, "eu-1a")
    assert node.nic.bandwidth == 25 * 10**9
    assert str(node.pod_cidr) == "10.244.7.0/24"


def test_nodes_without_a_pool_get_the_default_interface(tmp_path: Path) -> None:
    [node] = first(tmp_path, f"{WEB}---\n{SERVICE}---\n{NODE}", "cluster: {}").cluster.nodes
    assert node.nic.bandwidth == 10 * 10**9


def test_unknown_kinds_are_noticed_not_refused(tmp_path: Path) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {anything: {goes: here}}\n"
    notices = study(tmp_path, f"{WEB}---\n{SERVICE}---\n{config}---\n{config}").notices
    assert [str(notice) for notice in notices] == [f"{tmp_path}/m.yaml:15:1: 2 objects of kind 'ConfigMap' not used."]


def test_what_a_cluster_writes_by_itself_is_no_notice(tmp_path: Path) -> None:
    defaults = "internalTrafficPolicy: Cluster, sessionAffinity: None, clusterIP: 10.96.0.7, selector:"
    assert study(tmp_path, f"{WEB}---\n{SERVICE.replace('selector:', defaults)}").notices == ()


def test_all_mistakes_of_all_documents_are_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as raised:
        study(
            tmp_path,
            WEB.replace("replicas: 2", "replicas: many") + "---\n" + SERVICE.replace("port: 80", "port: 0"),
        )
    text = str(raised.value)
    assert "m.yaml:5:13: spec.replicas: expected a whole number, not 'many'" in text
    assert "m.yaml:13:45: spec.ports[0].port: 0 must be at least 1" in text
