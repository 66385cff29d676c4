"""What manifests and scenario files ask for, before anything is placed or resolved."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from netsim.errors import Problem
from netsim.model.cluster import Container, TrafficPolicy
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

    @property
    def path(self) -> str:
        """``ns/name``."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class WorkloadPlan:
    """A Deployment, StatefulSet or DaemonSet. ``named`` are pods given by name with their nodes."""

    kind: str
    namespace: str
    name: str
    replicas: int
    template: Template
    source: Source
    named: tuple[tuple[str, str | None], ...] = ()

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

    @property
    def path(self) -> str:
        """``ns/name``."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class EndpointPlan:
    """One endpoint of an EndpointSlice: a pod by name, or any pod on a node."""

    service: str  # ns/name
    pod: str | None  # ns/name
    node: str | None


@dataclass(frozen=True, slots=True)
class NodePlan:
    """A Node of the manifests; its interface comes from the pool that adopts it."""

    name: str
    labels: Labels
    cores: int | None
    max_pods: int | None
    pod_cidr: IPv4Network | None
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
    ignored: dict[str, list[Source]] = field(default_factory=dict)  # by kind
    notices: list[Problem] = field(default_factory=list)  # fields that would change traffic and are not modelled
