"""Reads Kubernetes manifests as they are: YAML or JSON, several documents, lists, kinds without use."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from netsim.errors import Problem, ScenarioError
from netsim.model.workload import Container
from netsim.scenario import kinds
from netsim.scenario.events import documents
from netsim.scenario.lifecycles import lifecycle, read_autoscaler, strategy
from netsim.scenario.located import Map, Seq
from netsim.scenario.objects import (
    EndpointPlan,
    Labels,
    NodePlan,
    Objects,
    PodPlan,
    Template,
    WorkloadPlan,
)
from netsim.scenario.policies import read_policy
from netsim.scenario.route_manifests import read_class, read_gateway, read_http_route, read_ingress
from netsim.scenario.service_manifests import read_service
from netsim.scenario.source import read_text
from netsim.scenario.validation import Source, validate

M = TypeVar("M", bound=BaseModel)

# A label that ties an EndpointSlice to its Service (kubernetes.io/docs/concepts/services-networking).
SERVICE_NAME = "kubernetes.io/service-name"
ENDED = ("Succeeded", "Failed")


def read_manifests(path: Path, name: str, objects: Objects) -> list[Problem]:
    """Adds what a file describes to ``objects``; returns all that is wrong. Messages call it ``name``."""
    problems: list[Problem] = []
    try:
        found = documents(read_text(path, name), name)
    except ScenarioError as error:
        return list(error.problems)
    for document in found:
        if document.value is None:
            continue
        if not isinstance(document.value, Map):
            root = Seq(document.at)
            problems.append(Source(name, root).problem("a manifest must be a mapping with apiVersion and kind"))
        else:
            _read_object(Source(name, document.value), document.value, "", objects, problems)
    return problems


def _read_object(source: Source, data: Map, kind: str, objects: Objects, problems: list[Problem]) -> None:
    written = data.get("kind", kind)
    if not isinstance(written, str) or not written:
        problems.append(
            source.problem("this is no Kubernetes object: 'kind' is missing", "Add kind: Deployment or the like.")
        )
    elif written in READERS:
        problems.extend(READERS[written](data, source, objects))
    elif written.endswith("List") and isinstance(data.get("items"), Seq):
        for index, item in enumerate(data["items"]):
            if isinstance(item, Map):
                _read_object(source.at("items", index), item, written.removesuffix("List"), objects, problems)
            else:
                problems.append(source.at("items", index).problem("an item must be a mapping"))
    else:
        objects.ignored.setdefault(written, []).append(source)


def _labels(labels: Mapping[str, str] | None) -> Labels:
    return tuple(sorted((labels or {}).items()))


def _namespace(meta: kinds.ObjectMeta) -> str:
    return meta.namespace or "default"


def _is_tcp(protocol: str | None) -> bool:
    return protocol in (None, "TCP")


def _ports(container: kinds.ContainerManifest, protocol: str) -> list[kinds.ContainerPort]:
    return [port for port in container.ports or () if (port.protocol or "TCP") == protocol]


def _template(labels: Mapping[str, str] | None, spec: kinds.PodSpec) -> Template:
    ports = [port for container in spec.containers for port in container.ports or () if _is_tcp(port.protocol)]
    return Template(
        labels=_labels(labels),
        containers=tuple(
            Container(
                container.name,
                tuple(port.container_port for port in container.ports or () if _is_tcp(port.protocol)),
                named=tuple((port.name, port.container_port) for port in _ports(container, "TCP") if port.name),
                host_ports=tuple(
                    (port.host_port, port.container_port) for port in _ports(container, "TCP") if port.host_port
                ),
                udp=tuple((port.name or "", port.container_port) for port in _ports(container, "UDP")),
            )
            for container in spec.containers
        ),
        host_network=bool(spec.host_network),
        selector=_labels(spec.node_selector),
        node=spec.node_name,
        port_names=tuple((port.name, port.container_port) for port in ports if port.name),
        lifecycle=lifecycle(spec),
    )


def _read_namespace(data: Map, source: Source, objects: Objects) -> list[Problem]:
    namespace, problems = validate(kinds.NamespaceManifest, data, source)
    if namespace is not None:
        objects.namespaces[namespace.metadata.name] = _labels(namespace.metadata.labels)
    return problems


def _read_pod(data: Map, source: Source, objects: Objects) -> list[Problem]:
    pod, problems = validate(kinds.PodManifest, data, source)
    if pod is None or (pod.status is not None and pod.status.phase in ENDED):
        return problems
    meta = pod.metadata
    namespace = _namespace(meta)
    owner = f"pod/{namespace}/{meta.name}"
    for reference in meta.owner_references or ():
        # The pods of a Deployment belong to its ReplicaSet, <deployment>-<hash>.
        kind = {"ReplicaSet": "Deployment"}.get(reference.kind, reference.kind)
        name = reference.name
        if reference.kind == "ReplicaSet" and "-" in name:
            name = name.rpartition("-")[0]
        if kind in WORKLOADS:
            owner = f"{kind.lower()}/{namespace}/{name}"
    template = _template(meta.labels, pod.spec)
    conditions = (pod.status and pod.status.conditions) or ()
    ready = not any(one.type == "Ready" and one.status == "False" for one in conditions)
    objects.pods.append(PodPlan(namespace, meta.name, owner, template, source, pod.spec.node_name, ready))
    return problems


def _workload_reader(kind: str) -> Callable[[Map, Source, Objects], list[Problem]]:
    def read(data: Map, source: Source, objects: Objects) -> list[Problem]:
        workload, problems = validate(kinds.WorkloadManifest, data, source)
        if workload is not None:
            meta, spec = workload.metadata, workload.spec
            template = _template(spec.template.metadata.labels, spec.template.spec)
            replicas = 1 if spec.replicas is None else spec.replicas
            surge, unavailable, wrong = strategy(kind, spec.strategy, source)
            problems += wrong
            named = (kind.lower(), _namespace(meta), meta.name)
            plan = WorkloadPlan(*named, replicas, template, source, (), surge, unavailable)
            objects.workloads.append(plan)
        return problems

    return read


def _read_slice(data: Map, source: Source, objects: Objects) -> list[Problem]:
    found, problems = validate(kinds.EndpointSliceManifest, data, source)
    service = (found.metadata.labels or {}).get(SERVICE_NAME) if found else None
    if found is None or service is None:
        return problems
    namespace = _namespace(found.metadata)
    path = f"{namespace}/{service}"
    objects.sliced.add(path)
    for entry in found.endpoints or ():
        state = entry.conditions or kinds.EndpointConditions()
        target = entry.target_ref
        pod = f"{target.namespace or namespace}/{target.name}" if target and target.kind == "Pod" else None
        draining = bool(state.serving and state.terminating)
        objects.endpoints.append(EndpointPlan(path, pod, entry.node_name, state.ready is not False, draining))
    return problems


def _read_node(data: Map, source: Source, objects: Objects) -> list[Problem]:
    node, problems = validate(kinds.NodeManifest, data, source)
    if node is not None:
        capacity = (node.status and node.status.capacity) or kinds.NodeCapacity()
        pods = str(capacity.pods or "")
        objects.nodes.append(
            NodePlan(
                node.metadata.name,
                _labels(node.metadata.labels),
                None if capacity.cpu is None else int(capacity.cpu),
                int(pods) if pods.isascii() and pods.isdigit() and len(pods) < 7 else None,
                node.spec.pod_cidr if node.spec else None,
                source,
                _internal_address(node.status),
            )
        )
    return problems


def _internal_address(status: kinds.NodeStatus | None) -> IPv4Address | None:
    """A node's InternalIP; others, and those of IPv6, say nothing here."""
    for one in (status and status.addresses) or ():
        if one.type == "InternalIP":
            with suppress(ValueError):
                return IPv4Address(one.address)
    return None


WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
READERS: dict[str, Callable[[Map, Source, Objects], list[Problem]]] = {
    "Namespace": _read_namespace,
    "Node": _read_node,
    "Pod": _read_pod,
    **{kind: _workload_reader(kind) for kind in WORKLOADS},
    "Service": read_service,
    "EndpointSlice": _read_slice,
    "Ingress": read_ingress,
    "IngressClass": read_class,
    "Gateway": read_gateway,
    "HTTPRoute": read_http_route,
    "NetworkPolicy": read_policy,
    "HorizontalPodAutoscaler": read_autoscaler,
}
