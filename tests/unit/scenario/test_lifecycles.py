"""What manifests and scenario files say of how pods come and go, of autoscalers, and of events."""

from pathlib import Path

import pytest

from netsim.errors import ScenarioError
from netsim.model.cluster import Scenario
from netsim.model.workload import Autoscaler, Control, Lifecycle
from netsim.scenario import Study, load

S = 10**12
MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: a}}
spec:
  replicas: 3
  strategy: {strategy}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 45
      containers:
      - name: main
        ports: [{{containerPort: 80}}]
        readinessProbe: {{initialDelaySeconds: 3, periodSeconds: 7, httpGet: {{path: /, port: 80}}}}
        lifecycle: {{preStop: {hook}}}
        resources: {{requests: {{cpu: 250m, memory: 1Gi}}, limits: {{cpu: 2}}}}
      - name: side
        resources: {{requests: {{cpu: 0.5}}}}
---
apiVersion: autoscaling/{version}
kind: HorizontalPodAutoscaler
metadata: {{name: web, namespace: a}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {target}}}
  minReplicas: 2
  maxReplicas: 9
  {metrics}
"""
SCENARIO = """
apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {{name: x}}
spec:
  manifests: [web.yaml]
  run: {{duration: 30s}}
  cluster: {{nodePools: [{{name: n, count: 2}}]}}
  workloads: [{workloads}]
  services: [{{name: a/web, selector: deployment/a/web, targetPort: 80}}]
  traffic: [{{name: t, from: node/n-0, to: svc/a/web, rate: 1/s}}]
  {more}
"""
V2 = "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]"
SLEEP = "{exec: {command: [sh, -c, 'sleep 15; nginx -s quit']}}"


def study(folder: Path, more: str = "", workloads: str = "", **parts: str) -> Study:
    """The file with these parts."""
    given = {"strategy": "{}", "hook": SLEEP, "version": "v2", "target": "web", "metrics": V2} | parts
    (folder / "web.yaml").write_text(MANIFEST.format(**given))
    (folder / "x.yaml").write_text(SCENARIO.format(more=more, workloads=workloads))
    return load(folder / "x.yaml")


def scenario(folder: Path, more: str = "", workloads: str = "", **parts: str) -> Scenario:
    """Its only variant."""
    return study(folder, more, workloads, **parts).variants[0]


def test_a_manifest_says_how_pods_come_and_go(tmp_path: Path) -> None:
    [workload] = scenario(tmp_path).cluster.workloads
    assert workload.lifecycle == Lifecycle(
        startup=S, probe_delay=3 * S, probe_period=7 * S, pre_stop=15 * S, grace=45 * S, cpu_request=750
    )
    assert (workload.path, workload.replicas, workload.labels) == ("deployment/a/web", 3, (("app", "web"),))


@pytest.mark.parametrize(
    ("hook", "seconds"),
    [("{sleep: {seconds: 9}}", 9), ("{exec: {command: [sleep, '4']}}", 4), ("{httpGet: {path: /quit, port: 80}}", 0)],
)
def test_hooks(tmp_path: Path, hook: str, seconds: int) -> None:
    assert scenario(tmp_path, hook=hook).cluster.workloads[0].lifecycle.pre_stop == seconds * S


@pytest.mark.parametrize(
    ("strategy", "surge", "unavailable"),
    [
        ("{}", -250_000, -250_000),
        ("{type: RollingUpdate, rollingUpdate: {maxSurge: 50%, maxUnavailable: 0}}", -500_000, 0),
        ("{rollingUpdate: {maxSurge: 3}}", 3, -250_000),
        ("{type: Recreate}", 0, -1_000_000),
    ],
)
def test_strategies(tmp_path: Path, strategy: str, surge: int, unavailable: int) -> None:
    [workload] = scenario(tmp_path, strategy=strategy).cluster.workloads
    assert (workload.max_surge, workload.max_unavailable) == (surge, unavailable)


@pytest.mark.parametrize(
    ("version", "metrics", "target", "down"),
    [
        ("v2", V2, 600_000, 300),
        ("v1", "targetCPUUtilizationPercentage: 70", 700_000, 300),
        ("v2", f"{V2}\n  behavior: {{scaleDown: {{stabilizationWindowSeconds: 30}}}}", 600_000, 30),
    ],
)
def test_autoscalers(tmp_path: Path, version: str, metrics: str, target: int, down: int) -> None:
    [found] = scenario(tmp_path, version=version, metrics=metrics).cluster.autoscalers
    assert found == Autoscaler("deployment/a/web", 2, 9, target, 0, down * S)


def test_other_metrics_are_told_and_passed_over(tmp_path: Path) -> None:
    other = "metrics: [{type: Pods, pods: {metric: {name: qps}}}]"
    found = study(tmp_path, metrics=other)
    assert found.variants[0].cluster.autoscalers == ()
    assert any("only CPU utilisation is modelled" in str(notice) for notice in found.notices)


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("target", "wep", "there is no 'deployment/a/wep'. Did you mean 'deployment/a/web'?"),
        ("strategy", "{rollingUpdate: {maxSurge: lots}}", "'lots' is neither a number nor a share."),
        ("strategy", "{rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}", "maxSurge and maxUnavailable are both 0."),
    ],
)
def test_mistakes_in_manifests_have_their_place(tmp_path: Path, part: str, value: str, message: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        scenario(tmp_path, **{part: value})
    assert message in str(raised.value)
    assert "web.yaml:" in str(raised.value)


def test_the_scenario_says_when_a_manifests_process_listens_and_no_more(tmp_path: Path) -> None:
    [workload] = scenario(tmp_path, workloads="{target: deployment/a/web, startup: 8s}").cluster.workloads
    assert (workload.lifecycle.startup, workload.lifecycle.grace) == (8 * S, 45 * S)
    with pytest.raises(ScenarioError, match="the manifest of deployment/a/web already says this"):
        scenario(tmp_path, workloads="{target: deployment/a/web, lifecycle: {grace: 5s}}")


def test_events_come_in_the_order_of_time_with_what_they_change(tmp_path: Path) -> None:
    (tmp_path / "later.yaml").write_text(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: a},\n"
        " spec: {replicas: 7, template: {spec: {containers: [{name: main}]}}}}\n"
    )
    events = """events:
  - {at: 9s, applyManifests: [later.yaml]}
  - {at: 2s, rollout: deployment/a/web, strategy: {maxSurge: 25%, maxUnavailable: 0}}
  - {at: 4s, linkDegrade: n-0-tor, loss: 0.1%, latency: +200us, for: 5s}"""
    rollout, degrade, apply = scenario(tmp_path, events).events
    assert (rollout.at, rollout.subject, rollout.max_surge, rollout.max_unavailable) == (
        2 * S, "deployment/a/web", -250_000, 0,
    )  # fmt: skip
    assert (degrade.loss, degrade.travel, degrade.lasts) == (1_000_000, 200_000_000, 5 * S)
    assert apply.scales == (("deployment/a/web", 7),)


def test_what_cannot_be_applied_is_said(tmp_path: Path) -> None:
    (tmp_path / "later.yaml").write_text("{apiVersion: v1, kind: Node, metadata: {name: m}}\n")
    with pytest.raises(ScenarioError, match="Nodes cannot be applied while a scenario runs"):
        scenario(tmp_path, "events: [{at: 1s, applyManifests: [later.yaml]}]")


def test_an_event_behind_the_end_is_told(tmp_path: Path) -> None:
    found = study(tmp_path, "events: [{at: 31s, nodeDown: n-1}]")
    assert any("the run ends before this happens" in str(notice) for notice in found.notices)


def test_clocks(tmp_path: Path) -> None:
    assert scenario(tmp_path).control == Control()
    found = scenario(tmp_path, "control: {gracePeriod: 40s, bfd: 900ms, routeHold: 24h, healthThreshold: 3}").control
    assert (found.grace, found.bfd, found.route_hold, found.threshold) == (40 * S, 9 * S // 10, 86_400 * S, 3)
