"""The fields of Ingress, IngressClass, Gateway and HTTPRoute that netsim reads; all others are ignored.

Names and shapes: kubernetes.io/docs/reference/kubernetes-api; gateway-api.sigs.k8s.io/reference/spec.
"""

from pydantic import Field

from netsim.scenario.fields import Port, Subdomain
from netsim.scenario.kinds import Kubernetes, ObjectMeta


class BackendPort(Kubernetes):
    """The port of a backend."""

    number: Port | None = None
    name: str | None = None


class ServiceBackend(Kubernetes):
    """A Service as backend."""

    name: Subdomain
    port: BackendPort = BackendPort()


class IngressBackend(Kubernetes):
    """Where requests go; ``service`` is missing where it is a resource."""

    service: ServiceBackend | None = None


class IngressPath(Kubernetes):
    """One path of a rule."""

    path: str | None = None
    path_type: str | None = None
    backend: IngressBackend


class IngressHttp(Kubernetes):
    """The paths of a rule."""

    paths: list[IngressPath] = Field(default_factory=list)


class IngressRule(Kubernetes):
    """The rules of a host."""

    host: str | None = None
    http: IngressHttp | None = None


class IngressSpec(Kubernetes):
    """What an Ingress says."""

    ingress_class_name: str | None = None
    default_backend: IngressBackend | None = None
    rules: list[IngressRule] | None = None
    tls: list[dict[str, object]] | None = None


class IngressManifest(Kubernetes):
    """networking.k8s.io/v1 Ingress."""

    metadata: ObjectMeta
    spec: IngressSpec = IngressSpec()


class ClassSpec(Kubernetes):
    """Which controller a class belongs to."""

    controller: str | None = None


class IngressClassManifest(Kubernetes):
    """networking.k8s.io/v1 IngressClass."""

    metadata: ObjectMeta
    spec: ClassSpec = ClassSpec()


class Listener(Kubernetes):
    """A port of a Gateway."""

    name: str
    protocol: str


class GatewaySpec(Kubernetes):
    """What a Gateway says."""

    listeners: list[Listener] = Field(default_factory=list)


class GatewayManifest(Kubernetes):
    """gateway.networking.k8s.io/v1 Gateway."""

    metadata: ObjectMeta
    spec: GatewaySpec


class ParentReference(Kubernetes):
    """The Gateway of a route."""

    name: Subdomain
    namespace: str | None = None


class PathMatch(Kubernetes):
    """A path that a rule is for."""

    type: str | None = None
    value: str | None = None


class RouteMatch(Kubernetes):
    """What a rule is for. Only the path is looked at."""

    path: PathMatch | None = None
    headers: list[object] | None = None
    query_params: list[object] | None = None
    method: str | None = None


class BackendReference(Kubernetes):
    """Where requests go."""

    name: Subdomain
    namespace: str | None = None
    kind: str | None = None
    port: Port | None = None
    weight: int | None = Field(None, ge=0, le=1_000_000)


class HttpRouteRule(Kubernetes):
    """One rule of a route."""

    matches: list[RouteMatch] | None = None
    backend_refs: list[BackendReference] | None = None


class HttpRouteSpec(Kubernetes):
    """What a route says."""

    parent_refs: list[ParentReference] | None = None
    hostnames: list[str] | None = None
    rules: list[HttpRouteRule] | None = None


class HttpRouteManifest(Kubernetes):
    """gateway.networking.k8s.io/v1 HTTPRoute."""

    metadata: ObjectMeta
    spec: HttpRouteSpec = HttpRouteSpec()
