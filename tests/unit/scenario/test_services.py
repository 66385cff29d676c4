"""Services as manifests and scenario files say them: endpoints, ports, policies, affinity."""

from pathlib import Path
from typing import Any

import pytest

from netsim.errors import ScenarioError
from netsim.model.cluster import Scenario, Service, ServicePort
from netsim.scenario import load
from netsim.units import seconds
from tests.documents import document, variants

FILE = """apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: x}
spec:
  manifests: [m.yaml]
  cluster: {nodePools: [{name: n, count: 3}]}
  workloads: [{target: pod/probe, node: n-0}]
  traffic: [{name: t, from: pod/probe, to: svc/shop/web, rate: 1/s}]
"""
WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, ports: [
      {name: http, containerPort: 8080}, {name: dns, containerPort: 5353, protocol: UDP}]}]}
---
"""


def read(tmp_path: Path, spec: str, metadata: str = "", more: str = "") -> Service:
    """The Service of a manifest with this spec."""
    service = f"kind: Service\nmetadata: {{name: web, namespace: shop{metadata}}}\nspec: {{selector: {{app: web}}"
    (tmp_path / "s.yaml").write_text(FILE)
    (tmp_path / "m.yaml").write_text(f"{WEB}{service}, {spec}}}\n{more}")
    study = load(tmp_path / "s.yaml")
    assert study.notices == ()
    [found] = study.variants[0].cluster.services
    return found


PORTS = "ports: [{port: 80, targetPort: http}]"


def test_defaults_are_those_of_kubernetes(tmp_path: Path) -> None:
    found = read(tmp_path, PORTS)
    assert (found.affinity, found.distribution, found.internal_policy) == (0, "", "Cluster")
    assert not found.headless
    assert not found.publish_not_ready
    assert found.selector == (("app", "web"),)
    assert found.targets == (ServicePort(80, 8080, "TCP"),)


@pytest.mark.parametrize(
    ("spec", "field", "value"),
    [
        ("sessionAffinity: ClientIP", "affinity", seconds(10_800)),
        (
            "sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}",
            "affinity",
            seconds(5),
        ),
        ("sessionAffinity: None, sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}", "affinity", 0),
        ("internalTrafficPolicy: Local", "internal_policy", "Local"),
        ("trafficDistribution: PreferSameNode", "distribution", "PreferSameNode"),
        ("clusterIP: None", "headless", True),
        ("publishNotReadyAddresses: true", "publish_not_ready", True),
        ("externalIPs: [198.51.100.7]", "external_ips", ("198.51.100.7",)),
        ("type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31000", "external_policy", "Local"),
    ],
)
def test_fields(tmp_path: Path, spec: str, field: str, value: object) -> None:
    assert getattr(read(tmp_path, f"{PORTS}, {spec}"), field) == value


def test_source_ranges_are_networks(tmp_path: Path) -> None:
    found = read(tmp_path, f'{PORTS}, type: LoadBalancer, loadBalancerSourceRanges: ["10.0.0.0/8", "2001:db8::/32"]')
    assert [str(one) for one in found.source_ranges] == ["10.0.0.0/8"]


@pytest.mark.parametrize("key", ["topology-mode: Auto", "topology-aware-hints: auto"])
def test_the_topology_annotation_wins_over_the_distribution(tmp_path: Path, key: str) -> None:
    annotations = f", annotations: {{service.kubernetes.io/{key}}}"
    assert read(tmp_path, f"{PORTS}, trafficDistribution: PreferClose", annotations).distribution == "Auto"


def test_ports_of_both_protocols_with_names_numbers_and_nothing(tmp_path: Path) -> None:
    ports = """type: NodePort, ports: [
  {name: a, port: 80, targetPort: http, nodePort: 30080}, {name: b, port: 53, protocol: UDP, targetPort: dns},
  {name: c, port: 81, targetPort: 9}, {name: d, port: 82, nodePort: 30080, protocol: UDP},
  {name: e, port: 83, protocol: SCTP}]"""
    found = read(tmp_path, ports)
    assert found.targets == (
        ServicePort(80, 8080, "TCP", "a", 30_080),
        ServicePort(53, 5353, "UDP", "b", 30_000),
        ServicePort(81, 9, "TCP", "c", 30_001),
        ServicePort(82, 82, "UDP", "d", 30_080),
    )
    assert found.ports == (80, 53, 81, 82)
    assert found.node_ports == (30_080, 30_000, 30_001, 30_080)


SLICE = """---
kind: EndpointSlice
metadata: {name: web-x, namespace: shop, labels: {kubernetes.io/service-name: web}}
endpoints:
- {targetRef: {kind: Pod, name: web-0, namespace: shop}, conditions: {ready: false, serving: true, terminating: true}}
- {targetRef: {kind: Pod, name: web-1, namespace: shop}, conditions: {ready: READY}}
"""


def test_slices_with_endpoints_that_terminate(tmp_path: Path) -> None:
    """Those that are ready; without any, those that still serve (KEP-1669)."""
    assert read(tmp_path, PORTS, more=SLICE.replace("READY", "true")).endpoints == ("shop/web-1",)
    assert read(tmp_path, PORTS, more=SLICE.replace("READY", "false")).endpoints == ("shop/web-0",)
    published = f"{PORTS}, publishNotReadyAddresses: true"
    both = ("shop/web-0", "shop/web-1")
    assert read(tmp_path, published, more=SLICE.replace("READY", "false")).endpoints == both


POD = """---
kind: Pod
metadata: {name: lone, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 1}]}]}
status: {phase: Running, conditions: [{type: Ready, status: "False"}]}
"""


def test_pods_that_are_not_ready_are_no_endpoints_unless_published(tmp_path: Path) -> None:
    assert "shop/lone" not in read(tmp_path, PORTS, more=POD).endpoints
    assert "shop/lone" in read(tmp_path, f"{PORTS}, publishNotReadyAddresses: true", more=POD).endpoints
    assert "shop/lone" in read(tmp_path, PORTS, more=POD.replace('"False"', '"True"')).endpoints


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("sessionAffinity: Client", "sessionAffinity: 'Client' is not known. Did you mean 'ClientIP'"),
        ("internalTrafficPolicy: local", "internalTrafficPolicy: 'local' is not known. Did you mean 'Local'"),
        ("externalTrafficPolicy: Locl", "externalTrafficPolicy: 'Locl' is not known. Did you mean 'Local'"),
        ("trafficDistribution: PreferNear", "trafficDistribution: 'PreferNear' is not known."),
        ('loadBalancerSourceRanges: ["10.0.0.1/8"]', "loadBalancerSourceRanges[0]: '10.0.0.1/8' is not a network."),
        (
            "sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}",
            "sessionAffinityConfig.clientIP.timeoutSeconds: 0 must be at least 1.",
        ),
    ],
)
def test_words_that_kubernetes_would_refuse(tmp_path: Path, spec: str, told: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        read(tmp_path, f"{PORTS}, {spec}")
    [line] = str(raised.value).splitlines()
    assert line.startswith(f"{tmp_path}/m.yaml:13:")
    assert f": spec.{told}" in line


def scenario(**service: Any) -> Scenario:
    """A scenario file with one Service of its own."""
    [found] = variants(
        document(
            {
                "run": {"duration": "50ms"},
                "cluster": {"nodePools": [{"name": "n", "count": 2}]},
                "workloads": [
                    {"target": "deployment/web", "ports": [8080], "replicas": 2},
                    {"target": "pod/client", "node": "n-0"},
                ],
                "services": [{"name": "web", "selector": "deployment/web", **service}],
                "traffic": [{"name": "t", "from": "pod/client", "to": "svc/web", "rate": "100/s"}],
            }
        )
    )
    return found


def test_the_same_fields_in_a_scenario_file() -> None:
    [found] = scenario(
        sessionAffinity="ClientIP",
        internalTrafficPolicy="Local",
        trafficDistribution="PreferClose",
        type="LoadBalancer",
        loadBalancerSourceRanges=["10.0.0.0/8"],
    ).cluster.services
    assert (found.affinity, found.internal_policy, found.distribution) == (seconds(10_800), "Local", "PreferClose")
    assert found.workload == "deployment/default/web"
    assert found.targets == (ServicePort(80, 8080, "TCP", "", 30_000),)
    assert [str(one) for one in found.source_ranges] == ["10.0.0.0/8"]
    [short] = scenario(sessionAffinity="ClientIP", sessionAffinityTimeout="30s").cluster.services
    assert short.affinity == seconds(30)
    assert scenario(headless=True).cluster.services[0].headless


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ({"headless": True, "type": "NodePort"}, "headless: a headless Service has no address to come to."),
        ({"sessionAffinityTimeout": "1h"}, "sessionAffinityTimeout: sessionAffinityTimeout needs sessionAffinity"),
        (
            {"loadBalancerSourceRanges": ["10.0.0.0/8"]},
            "loadBalancerSourceRanges: loadBalancerSourceRanges needs type LoadBalancer. The type is ClusterIP.",
        ),
        ({"sessionAffinity": "ClientIp"}, "sessionAffinity: 'ClientIp' is not known. Did you mean 'ClientIP'"),
        ({"sessionAffinity": "ClientIP", "sessionAffinityTimeout": "2d"}, "sessionAffinityTimeout: '2d' is not a"),
        ({"trafficDistribution": "Near"}, "trafficDistribution: 'Near' is not known."),
    ],
)
def test_fields_that_do_not_go_together(service: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        scenario(**service)
    assert f": services.web.{told}" in str(raised.value)
