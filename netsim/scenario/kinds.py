"""The fields of Kubernetes objects that netsim reads; all others are ignored, as in the API's own clients.

Names and shapes: kubernetes.io/docs/reference/kubernetes-api.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from netsim.scenario.fields import Label, Network, Port, Subdomain
from netsim.scenario.kinds_pods import Kubernetes as Kubernetes
from netsim.scenario.kinds_pods import LifecycleHooks, Probe, Resources, Strategy
from netsim.scenario.schema_traffic import MOST_REPLICAS
from netsim.units import UnitError


class OwnerReference(Kubernetes):
    """The object that created this one."""

    kind: str
    name: str


class ObjectMeta(Kubernetes):
    """Standard object's metadata."""

    name: Subdomain
    namespace: Label | None = None
    labels: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None
    annotations: dict[str, str] | None = None


class ContainerPort(Kubernetes):
    """A port that a container listens on."""

    container_port: Port
    host_port: int | None = Field(None, ge=0, le=65535)
    name: str | None = None
    protocol: str | None = None


class ContainerManifest(Kubernetes):
    """A container."""

    name: Label
    ports: list[ContainerPort] | None = None
    readiness_probe: Probe | None = None
    lifecycle: LifecycleHooks | None = None
    resources: Resources | None = None


class PodSpec(Kubernetes):
    """What a pod runs and where it may."""

    containers: list[ContainerManifest] = Field(min_length=1)
    node_name: str | None = None
    node_selector: dict[str, str] | None = None
    host_network: bool | None = None
    termination_grace_period_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None


class PodCondition(Kubernetes):
    """One thing that is true or false of a pod."""

    type: str | None = None
    status: str | None = None


class PodStatus(Kubernetes):
    """How a pod is doing."""

    phase: str | None = None
    conditions: list[PodCondition] | None = None


class PodManifest(Kubernetes):
    """v1 Pod."""

    metadata: ObjectMeta
    spec: PodSpec
    status: PodStatus | None = None


class TemplateMeta(Kubernetes):
    """Metadata of a pod template."""

    labels: dict[str, str] | None = None


class PodTemplate(Kubernetes):
    """The pods that a workload makes."""

    metadata: TemplateMeta = TemplateMeta()
    spec: PodSpec


class WorkloadSpec(Kubernetes):
    """How many of which pods."""

    replicas: Annotated[int, Field(ge=0, le=MOST_REPLICAS)] | None = None
    strategy: Strategy | None = None
    template: PodTemplate


class WorkloadManifest(Kubernetes):
    """apps/v1 Deployment, StatefulSet or DaemonSet."""

    metadata: ObjectMeta
    spec: WorkloadSpec


class ServicePort(Kubernetes):
    """A port of a Service."""

    name: str | None = None
    port: Port
    target_port: int | str | None = None
    node_port: int | None = None
    protocol: str | None = None


class ClientIP(Kubernetes):
    """How long a client stays with its endpoint."""

    timeout_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None


class AffinityConfig(Kubernetes):
    """More of sessionAffinity."""

    client_ip: ClientIP | None = Field(None, alias="clientIP")


class ServiceSpec(Kubernetes):
    """How a Service is reached and who stands behind it."""

    type: str | None = None
    selector: dict[str, str] | None = None
    ports: list[ServicePort] | None = None
    external_traffic_policy: str | None = None
    internal_traffic_policy: str | None = None
    session_affinity: str | None = None
    session_affinity_config: AffinityConfig | None = None
    traffic_distribution: str | None = None
    publish_not_ready_addresses: bool | None = None
    cluster_ip: str | None = Field(None, alias="clusterIP")
    external_ips: list[str] | None = Field(None, alias="externalIPs")
    load_balancer_source_ranges: list[str] | None = None


class ServiceManifest(Kubernetes):
    """v1 Service."""

    metadata: ObjectMeta
    spec: ServiceSpec


class TargetReference(Kubernetes):
    """The object that an endpoint stands for."""

    kind: str | None = None
    name: str | None = None
    namespace: str | None = None


class EndpointConditions(Kubernetes):
    """The state of an endpoint."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class EndpointEntry(Kubernetes):
    """One endpoint."""

    target_ref: TargetReference | None = None
    node_name: str | None = None
    conditions: EndpointConditions | None = None


class EndpointSliceManifest(Kubernetes):
    """discovery.k8s.io/v1 EndpointSlice."""

    metadata: ObjectMeta
    endpoints: list[EndpointEntry] | None = None


class NodeSpec(Kubernetes):
    """What the cluster decided about a node."""

    pod_cidr: Network | None = Field(None, alias="podCIDR")


def _whole_cores(value: int | str) -> int | str:
    text = str(value).removesuffix("000m")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 1024):
        raise UnitError(f"{str(value)[:40]!r} is not a whole number of cores", 'Write for example "16".')
    return text


class NodeCapacity(Kubernetes):
    """What a node has."""

    cpu: Annotated[int | str, AfterValidator(_whole_cores)] | None = None
    pods: int | str | None = None


class NodeAddress(Kubernetes):
    """One of a node's addresses."""

    type: str
    address: str


class NodeStatus(Kubernetes):
    """What a node has, in its status."""

    capacity: NodeCapacity | None = None
    addresses: list[NodeAddress] | None = None


class NodeManifest(Kubernetes):
    """v1 Node."""

    metadata: ObjectMeta
    spec: NodeSpec | None = None
    status: NodeStatus | None = None


class NamespaceManifest(Kubernetes):
    """v1 Namespace."""

    metadata: ObjectMeta
