"""What manifests and scenario files ask for, before anything is placed or resolved."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from netsim.errors import Problem
from netsim.model.cluster import TrafficPolicy
from netsim.model.policy import NetworkPolicy
from netsim.model.workload import Container, Lifecycle
from netsim.scenario.routes import RoutePlan
from netsim.scenario.validation import Source

Labels = tuple[tuple[str, str], ...]
PODS = "pod"
WORKLOAD_KINDS = ("deployment", "statefulset", "daemonset", PODS)


@dataclass(frozen=True, slots=True)
class Template:
    """What all pods of a workload have in common. ``port_names`` maps named ports to numbers."""

    labels: Labels = ()
    containers: tuple[Container, ...] = ()
    host_network: bool = False
    selector: Labels = ()  # nodeSelector
    node: str | None = None  # nodeName
    port_names: tuple[tuple[str, int], ...] = ()
    lifecycle: Lifecycle = field(default_factory=Lifecycle)

    @property
    def ports(self) -> tuple[int, ...]:
        """All ports that its containers listen on, in their order."""
        return tuple(port for container in self.containers for port in container.ports)


@dataclass(frozen=True, slots=True)
class PodPlan:
    """A pod that must run somewhere."""

    namespace: str
    name: str
    owner: str
    template: Template
    source: Source
    node: str | None = None  # where it must run
    ready: bool = True

    @property
    def path(self) -> str:
        """``ns/name``."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class WorkloadPlan:
    """A Deployment, StatefulSet or DaemonSet. ``named`` are pods given by name with their nodes; ``max_surge`` and
    ``max_unavailable`` as in model.workload, None by default."""

    kind: str
    namespace: str
    name: str
    replicas: int
    template: Template
    source: Source
    named: tuple[tuple[str, str | None], ...] = ()
    max_surge: int | None = None
    max_unavailable: int | None = None

    @property
    def path(self) -> str:
        """``deployment/ns/name``."""
        return f"{self.kind}/{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class ServicePortPlan:
    """A port of a Service; ``target`` is a port number, a port's name, or None for the same or the first."""

    port: int
    target: int | str | None = None
    node_port: int | None = None
    protocol: str = "TCP"
    name: str = ""


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A Service; its pods are chosen by labels, or they are those of one workload."""

    namespace: str
    name: str
    kind: str
    ports: tuple[ServicePortPlan, ...]
    source: Source
    selector: Labels = ()
    workload: str | None = None
    external_policy: str = TrafficPolicy.CLUSTER
    internal_policy: str = TrafficPolicy.CLUSTER
    affinity: int = 0  # ps
    distribution: str = ""
    headless: bool = False
    publish_not_ready: bool = False
    external_ips: tuple[str, ...] = ()
    source_ranges: tuple[IPv4Network, ...] = ()

    @property
    def path(self) -> str:
        """``ns/name``."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class EndpointPlan:
    """One endpoint of an EndpointSlice: a pod by name, or any pod on a node. ``draining`` ones serve while they
    terminate."""

    service: str  # ns/name
    pod: str | None  # ns/name
    node: str | None
    ready: bool = True
    draining: bool = False


@dataclass(frozen=True, slots=True)
class NodePlan:
    """A Node of the manifests; its interface comes from the pool that adopts it."""

    name: str
    labels: Labels
    cores: int | None
    max_pods: int | None
    pod_cidr: IPv4Network | None
    source: Source
    address: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """A NetworkPolicy and where it was written."""

    policy: NetworkPolicy
    source: Source


@dataclass(frozen=True, slots=True)
class AutoscalerPlan:
    """A HorizontalPodAutoscaler: its workload's path, pods, CPU in ppm of the request, windows in ps."""

    workload: str
    least: int
    most: int
    target: int
    windows: tuple[int | None, int | None]
    source: Source


@dataclass(slots=True)
class Objects:
    """Everything that was asked for."""

    nodes: list[NodePlan] = field(default_factory=list)
    pods: list[PodPlan] = field(default_factory=list)
    workloads: list[WorkloadPlan] = field(default_factory=list)
    services: list[ServicePlan] = field(default_factory=list)
    endpoints: list[EndpointPlan] = field(default_factory=list)
    sliced: set[str] = field(default_factory=set)  # Services with EndpointSlices
    policies: dict[str, PolicyPlan] = field(default_factory=dict)  # by ns/name
    namespaces: dict[str, Labels] = field(default_factory=dict)  # labels by name
    autoscalers: list[AutoscalerPlan] = field(default_factory=list)
    routes: dict[str, RoutePlan] = field(default_factory=dict)  # by ingress/ns/name, httpRoute/ns/name
    classes: dict[str, str] = field(default_factory=dict)  # controller of an IngressClass by its name
    gateways: dict[str, bool] = field(default_factory=dict)  # by ns/name, whether it ends TLS
    ignored: dict[str, list[Source]] = field(default_factory=dict)  # by kind
    notices: list[Problem] = field(default_factory=list)  # fields that would change traffic and are not modelled
