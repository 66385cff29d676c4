"""Kubernetes objects as kubectl dumps them, built by hand for the tests of import."""

import json
from pathlib import Path
from typing import Any

import yaml

from netsim.importing import Imported, Request, bring_in, inputs

Data = dict[str, Any]


def thing(api: str, kind: str, name: str, namespace: str = "", **fields: Any) -> Data:
    """An object with its metadata."""
    where = {"namespace": namespace} if namespace else {}
    noise = {"uid": f"uid-{name}", "resourceVersion": "12345", "creationTimestamp": "2026-01-02T03:04:05Z"}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **where, **noise}, **fields}


def node(name: str, number: int, cpu: object = "8", **spec: Any) -> Data:
    """A Node with the address 192.0.2.<number>."""
    made = thing("v1", "Node", name)
    made["metadata"]["labels"] = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": f"zone-{number % 2}"}
    made["spec"] = {"podCIDR": f"10.244.{number}.0/24", **spec}
    made["status"] = {
        "addresses": [{"type": "InternalIP", "address": f"192.0.2.{number}"}],
        "capacity": {"cpu": cpu, "memory": "32Gi", "pods": "110"},
        "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
        "images": [{"names": ["example.com/big:1"], "sizeBytes": 123456}],
    }
    return made


def pod(app: str, number: int, on: str, namespace: str = "shop", **status: Any) -> Data:
    """A pod of a Deployment, with the address 10.244.<number>.<sum of letters>."""
    made = thing("v1", "Pod", f"{app}-6d4cf56db6-{number:05d}", namespace)
    made["metadata"]["labels"] = {"app": app, "pod-template-hash": "6d4cf56db6"}
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-6d4cf56db6", "controller": True}
    made["metadata"]["ownerReferences"] = [owner]
    made["spec"] = {**pod_spec(app), "nodeName": on}
    address = f"10.244.{number}.{sum(map(ord, app)) % 250 + 1}"
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z"}
    made["status"] = {"phase": "Running", "podIP": address, "hostIP": "192.0.2.1", "conditions": [ready], **status}
    return made


def pod_spec(app: str) -> Data:
    """What a pod runs, with the usual noise."""
    container = {
        "name": app,
        "image": f"example.com/{app}:1",
        "env": [{"name": "PASSWORD", "value": "hunter2"}],
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 10},
        "resources": {"requests": {"cpu": "100m"}},
    }
    return {
        "containers": [container],
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "volumes": [{"name": "v"}],
    }


def deployment(app: str, replicas: int, namespace: str = "shop") -> Data:
    """A Deployment of pods that ``pod`` makes."""
    template = {"metadata": {"labels": {"app": app}}, "spec": pod_spec(app)}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": app}}, "template": template}
    return thing("apps/v1", "Deployment", app, namespace, spec=spec, status={"readyReplicas": replicas})


def service(app: str, number: int, kind: str = "ClusterIP", namespace: str = "shop", **spec: Any) -> Data:
    """A Service on port 80 with the address 10.96.0.<number>."""
    port = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}
    port |= {"nodePort": 30_000 + number} if kind != "ClusterIP" else {}
    whole = {"type": kind, "clusterIP": f"10.96.0.{number}", "selector": {"app": app}, "ports": [port], **spec}
    return thing("v1", "Service", app, namespace, spec=whole)


def config_map(name: str, data: dict[str, str], namespace: str = "kube-system") -> Data:
    """A ConfigMap."""
    return thing("v1", "ConfigMap", name, namespace, data=data)


def daemon_set(
    name: str, namespace: str = "kube-system", env: Data | None = None, args: list[str] | None = None
) -> Data:
    """A DaemonSet of one container."""
    variables = [{"name": key, "value": value} for key, value in (env or {}).items()]
    container = {"name": name, "image": "example.com/agent:1", "env": variables, "args": args or []}
    template = {"metadata": {"labels": {"k8s-app": name}}, "spec": {"containers": [container]}}
    return thing("apps/v1", "DaemonSet", name, namespace, spec={"template": template})


def shop() -> list[Data]:
    """Two nodes, two Deployments with two pods each, their Services; web is open to the outside."""
    return [
        node("alpha", 1),
        node("beta", 2),
        deployment("web", 2),
        deployment("cart", 2),
        *(pod(app, number, on) for app in ("web", "cart") for number, on in ((1, "alpha"), (2, "beta"))),
        service("web", 1, "LoadBalancer"),
        service("cart", 2),
    ]


def listed(items: list[Data]) -> Data:
    """The list that kubectl wraps objects in."""
    return {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}


def as_json(items: list[Data]) -> str:
    """What kubectl get -o json prints."""
    return json.dumps(listed(items), indent=4, sort_keys=True) + "\n"


def as_yaml(items: list[Data]) -> str:
    """What kubectl get -o yaml prints."""
    text: str = yaml.dump(listed(items), Dumper=yaml.CSafeDumper, default_flow_style=False)
    return text


def brought(folder: Path, items: list[Data] | str, **options: Any) -> Imported:
    """The import of one dump."""
    path = folder / "dump.yaml"
    path.write_text(items if isinstance(items, str) else as_json(items), encoding="utf-8")
    return bring_in(Request(inputs([str(path)]), **options))


def cni_of(made: Imported) -> Data:
    """The section cni of an imported scenario."""
    return spec_of(made)["cni"]  # type: ignore[no-any-return]


def spec_of(made: Imported) -> Data:
    """The spec of an imported scenario."""
    found: Data = yaml.load(made.files["scenario.yaml"], Loader=yaml.CSafeLoader)["spec"]
    return found
