"""A shop under network policies: manifests and a scenario as text, loaded and lowered as any file is."""

import json
from pathlib import Path
from typing import Any

import yaml

from netsim.lowering import Lowering
from netsim.model.cluster import Scenario
from netsim.scenario import Study, load

Json = dict[str, Any]


def deployment(name: str, namespace: str, ports: list[Json], **more: Any) -> Json:
    spec = {"containers": [{"name": "main", "ports": ports}], **more}
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    meta = {"name": name, "namespace": namespace}
    return {"kind": "Deployment", "metadata": meta, "spec": {"replicas": 1, "template": template}}


def service(name: str, namespace: str, port: Any) -> Json:
    spec = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": port}]}
    return {"kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def policy(name: str, namespace: str = "shop", **spec: Any) -> Json:
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}


DENY = policy("deny", podSelector={}, policyTypes=["Ingress"])
WEB_TO_DB = policy(
    "web-to-db",
    podSelector={"matchLabels": {"app": "db"}},
    ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": "sql"}]}],
)
SHOP: list[Json] = [
    {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "web"}}},
    deployment("web", "shop", [{"name": "http", "containerPort": 8080}], nodeName="n-0"),
    deployment("db", "shop", [{"name": "sql", "containerPort": 5432}], nodeName="n-1"),
    deployment("spy", "other", [], nodeName="n-0"),
    service("db", "shop", "sql"),
    service("web", "shop", "http"),
]


def flow(source: str, target: str = "svc/shop/db", **more: Any) -> Json:
    name = source.replace("/", "-").lower()
    fixed = {"rate": "50/s", "arrivals": "constant", "connections": {"mode": "perRequest"}}
    return {"name": name, "from": source, "to": target, **fixed, **more}


WEB, SPY = flow("deployment/shop/web"), flow("deployment/other/spy")


def study(folder: Path, policies: list[Json], traffic: list[Json], **spec: Any) -> Study:
    (folder / "m.yaml").write_text(yaml.safe_dump_all([*SHOP, *policies]))
    whole = {
        "manifests": ["m.yaml"],
        "run": {"duration": "200ms", "warmup": "0"},
        "cluster": {"nodePools": [{"name": "n", "count": 2}]},
        "cni": {"plugin": "calico"},
        "traffic": traffic,
    } | spec
    document = {"apiVersion": "netsim/v1alpha1", "kind": "Scenario", "metadata": {"name": "test"}, "spec": whole}
    (folder / "s.yaml").write_text(json.dumps(document))
    return load(folder / "s.yaml")


def scenario(folder: Path, policies: list[Json], traffic: list[Json], **spec: Any) -> Scenario:
    return study(folder, policies, traffic, **spec).variants[0]


def lowered(folder: Path, policies: list[Json], traffic: list[Json], **spec: Any) -> Lowering:
    return Lowering(scenario(folder, policies, traffic, **spec), 1)
