"""Reads Kubernetes manifests as they are: YAML or JSON, several documents, lists, kinds without use."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from netsim.errors import Problem, ScenarioError, quote
from netsim.model.cluster import Container, TrafficPolicy
from netsim.scenario import kinds
from netsim.scenario.events import documents
from netsim.scenario.located import Map, Seq
from netsim.scenario.objects import (
    EndpointPlan,
    Labels,
    NodePlan,
    Objects,
    PodPlan,
    ServicePlan,
    ServicePortPlan,
    Template,
    WorkloadPlan,
)
from netsim.scenario.source import read_text
from netsim.scenario.validation import Source, validate

M = TypeVar("M", bound=BaseModel)

# A label that ties an EndpointSlice to its Service (kubernetes.io/docs/concepts/services-networking).
SERVICE_NAME = "kubernetes.io/service-name"
SERVICE_KINDS = ("ClusterIP", "NodePort", "LoadBalancer")
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


def _template(labels: Mapping[str, str] | None, spec: kinds.PodSpec) -> Template:
    ports = [port for container in spec.containers for port in container.ports or () if _is_tcp(port.protocol)]
    return Template(
        labels=_labels(labels),
        containers=tuple(
            Container(
                container.name,
                tuple(port.container_port for port in container.ports or () if _is_tcp(port.protocol)),
            )
            for container in spec.containers
        ),
        host_network=bool(spec.host_network),
        selector=_labels(spec.node_selector),
        node=spec.node_name,
        port_names=tuple((port.name, port.container_port) for port in ports if port.name),
    )


def _read_namespace(data: Map, source: Source, objects: Objects) -> list[Problem]:
    return validate(kinds.NamespaceManifest, data, source)[1]


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
    objects.pods.append(PodPlan(namespace, meta.name, owner, template, source, pod.spec.node_name))
    return problems


def _workload_reader(kind: str) -> Callable[[Map, Source, Objects], list[Problem]]:
    def read(data: Map, source: Source, objects: Objects) -> list[Problem]:
        workload, problems = validate(kinds.WorkloadManifest, data, source)
        if workload is not None:
            meta, spec = workload.metadata, workload.spec
            template = _template(spec.template.metadata.labels, spec.template.spec)
            replicas = 1 if spec.replicas is None else spec.replicas
            plan = WorkloadPlan(kind.lower(), _namespace(meta), meta.name, replicas, template, source)
            objects.workloads.append(plan)
        return problems

    return read


def _read_service(data: Map, source: Source, objects: Objects) -> list[Problem]:
    service, problems = validate(kinds.ServiceManifest, data, source)
    if service is None:
        return problems
    meta, spec = service.metadata, service.spec
    kind = spec.type or "ClusterIP"
    if kind not in SERVICE_KINDS:
        objects.ignored.setdefault(f"Service of type {kind}", []).append(source)
        return problems
    objects.notices.extend(_not_modelled(spec, source, f"svc/{_namespace(meta)}/{meta.name}"))
    policy = spec.external_traffic_policy or TrafficPolicy.CLUSTER
    if policy not in (TrafficPolicy.CLUSTER, TrafficPolicy.LOCAL):
        where = source.at("spec", "externalTrafficPolicy")
        problems.append(where.problem(f"{quote(policy)} is not known", "Known: Cluster, Local."))
    ports = tuple(
        ServicePortPlan(port.port, port.target_port, port.node_port)
        for port in spec.ports or ()
        if _is_tcp(port.protocol)
    )
    objects.services.append(
        ServicePlan(_namespace(meta), meta.name, kind, ports, source, _labels(spec.selector), external_policy=policy)
    )
    return problems


def _not_modelled(spec: kinds.ServiceSpec, source: Source, path: str) -> Iterator[Problem]:
    """A notice for each field of a Service that would send traffic another way than netsim does."""
    told = {
        "clusterIP": spec.cluster_ip == "None" and "headless: treated as a ClusterIP Service",
        "internalTrafficPolicy": spec.internal_traffic_policy == "Local"
        and "internalTrafficPolicy Local is not modelled; every endpoint may be chosen",
        "sessionAffinity": spec.session_affinity == "ClientIP"
        and "sessionAffinity ClientIP is not modelled; each connection may go to another endpoint",
        "trafficDistribution": spec.traffic_distribution
        and f"trafficDistribution {quote(spec.traffic_distribution)} is not modelled; every endpoint may be chosen",
        "publishNotReadyAddresses": spec.publish_not_ready_addresses
        and "publishNotReadyAddresses is not modelled; endpoints that are not ready get no traffic",
    }
    for field, message in told.items():
        if message:
            yield replace(source.at("spec", field).problem(message), path=path)


def _read_slice(data: Map, source: Source, objects: Objects) -> list[Problem]:
    found, problems = validate(kinds.EndpointSliceManifest, data, source)
    service = (found.metadata.labels or {}).get(SERVICE_NAME) if found else None
    if found is None or service is None:
        return problems
    namespace = _namespace(found.metadata)
    path = f"{namespace}/{service}"
    objects.sliced.add(path)
    for entry in found.endpoints or ():
        if entry.conditions is not None and entry.conditions.ready is False:
            continue
        target = entry.target_ref
        pod = f"{target.namespace or namespace}/{target.name}" if target and target.kind == "Pod" else None
        objects.endpoints.append(EndpointPlan(path, pod, entry.node_name))
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
            )
        )
    return problems


WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
READERS: dict[str, Callable[[Map, Source, Objects], list[Problem]]] = {
    "Namespace": _read_namespace,
    "Node": _read_node,
    "Pod": _read_pod,
    **{kind: _workload_reader(kind) for kind in WORKLOADS},
    "Service": _read_service,
    "EndpointSlice": _read_slice,
}
