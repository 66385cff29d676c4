"""Passing on: the call trees of those who end a client's connection and send its requests on over their own."""

from dataclasses import dataclass, field, replace

from netsim.entry.proxies._controller import HANDSHAKES, Controller, Proxy
from netsim.errors import nearest, quote
from netsim.model.balancer import LoadBalancer
from netsim.model.cluster import Behaviour, Call, Pod
from netsim.model.law import constant
from netsim.model.transport import Connections, Tls
from netsim.scenario.controllers import API_PORT, MADE, ApiServer
from netsim.scenario.references import DEFAULT_NAMESPACE, SERVICE, Directory
from netsim.scenario.routes import Backend, RoutePlan
from netsim.scenario.schema_entry import LOAD_BALANCER, NODE_PORT, PODS
from netsim.scenario.schema_traffic import TrafficSection
from netsim.scenario.validation import Source
from netsim.units import PPM, seconds

_NO_ROUTE = "No manifest has an {kind}; list one under spec.manifests."
Way = tuple[Call, str | None]


class WayError(Exception):
    """Why a stream cannot come in so: the field to blame, what is wrong, what to do."""

    def __init__(self, key: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.key, self.message, self.hint = key, message, hint
        self.source: Source | None = None  # where else it is wrong


def misled(backend: Backend, message: str, hint: str = "") -> WayError:
    """A route that leads nowhere, told where the manifest says so."""
    error = WayError("", message, hint)
    error.source = backend.source
    return error


@dataclass(slots=True)
class Ingresses:
    """The ingress controller and the routes that it follows; ``gateways`` says which Gateways end TLS."""

    directory: Directory
    controller: Controller
    proxy: Proxy
    routes: dict[str, RoutePlan] = field(default_factory=dict)
    gateways: dict[str, bool] = field(default_factory=dict)
    made: dict[str, Behaviour] = field(default_factory=dict)

    def passed_on(self, section: TrafficSection, call: Call) -> Way:
        """A client's request to the controller and on to a pod, and the way to the controller."""
        kind, *names = str(section.via).split("/")
        name = "/".join((kind, *names) if len(names) > 1 else (kind, DEFAULT_NAMESPACE, *names))
        route = self.routes.get(name)
        if route is None:
            known = [other for other in self.routes if other.startswith(f"{kind}/")]
            raise WayError("via", f"there is no {quote(name)}", nearest(name, known) or _NO_ROUTE.format(kind=kind))
        calls = self.routed_calls(route, section, call)
        secure = route.tls or any(self.gateways.get(parent, False) for parent in route.parents)
        tls = HANDSHAKES["ecdsa" if secure and self.controller.tls == "none" else self.controller.tls]
        reached, via, owner = self.reach()
        self.made[owner] = Behaviour(owner, self.proxy.concurrency)
        inner = tuple(self.forwarded(*pair) for pair in calls)
        passing = Behaviour(
            owner,
            self.proxy.concurrency,
            cpu_time=constant(self.proxy.work),
            calls=(inner,),
            one_of=len(inner) > 1,
        )
        return replace(client_call(call, reached, tls, self.controller.http2), behaviour=passing, via=via), via

    def forwarded(self, call: Call, share: int) -> Call:
        """What the controller sends on: to a pod that it picks for each request, over connections of its own."""
        return replace(
            call,
            probability=share,
            connections=self.proxy.upstream,
            per_request=True,
            strategy=self.proxy.strategy,
            retries=self.proxy.retries,
            timeout=None,
            tls=None,
        )

    def routed_calls(self, route: RoutePlan, section: TrafficSection, call: Call) -> list[tuple[Call, int]]:
        """The calls of a controller for a request, each with its share in ppm."""
        service = call.to.removeprefix(f"{SERVICE}/")
        backends = self.backends(route, section, service)
        for backend in backends:
            self.check_backend(route, backend)
        if service not in [backend.service for backend in backends]:
            leads = ", ".join(f"{SERVICE}/{backend.service}" for backend in backends) or "nowhere"
            asked = f"{section.host or ''}{section.path or ''}"
            where = f"{asked} of {route.path}" if asked else route.path
            raise WayError("path" if section.path else "to", f"{where} leads to {leads}, not to {call.to}")
        shares = shared(PPM, [one.weight for one in backends])
        return [
            (replace(call, to=f"{SERVICE}/{one.service}", port=self.port(one)), share)
            for one, share in zip(backends, shares, strict=True)
        ]

    @staticmethod
    def backends(route: RoutePlan, section: TrafficSection, service: str) -> tuple[Backend, ...]:
        """Those of the rule that host and path find; without them, of the first rule that leads to the Service."""
        if section.host is not None or section.path is not None:
            return route.backends(section.host or "", section.path or "/")
        rule = route.towards(service)
        return route.rest if rule is None else rule.backends

    def check_backend(self, route: RoutePlan, backend: Backend) -> None:
        """An Ingress must lead to what exists."""
        service = self.directory.services.get(f"{SERVICE}/{backend.service}")
        who = f"{route.path} leads to Service {quote(backend.service)}"
        if service is None:
            hint = nearest(f"{SERVICE}/{backend.service}", self.directory.services)
            raise misled(backend, f"{who}, which does not exist", hint)
        if not service.endpoints:
            raise misled(backend, f"{who}, which has no endpoints", "Does its selector match any pod?")
        names = {port.name for port in service.targets if port.name}
        known: set[int | str] = {*service.ports, *names}
        if backend.port is not None and backend.port not in known:
            listed = ", ".join(map(str, sorted(known, key=str)))
            raise misled(backend, f"{who}, which has no port {backend.port}", f"Its ports: {listed}.")

    def port(self, backend: Backend) -> int | None:
        """The number of a backend's port."""
        if not isinstance(backend.port, str):
            return backend.port
        service = self.directory.services[f"{SERVICE}/{backend.service}"]
        return next((port.port for port in service.targets if port.name == backend.port), None)

    def reach(self) -> tuple[str, str, str]:
        """The controller's address, the way to it, and its workload."""
        controller = self.controller
        owner = controller.workload or "/".join(("deployment", *MADE))
        pods = self.directory.workloads.get(owner)
        if not pods:
            known = [name for name in self.directory.workloads if not name.startswith("pod/")]
            raise WayError("via", f"the ingress controller {quote(owner)} has no pods", nearest(owner, known))
        if controller.service is None and pods[0].host_network:
            return f"pod/{pods[0].path}", PODS, owner
        paths = {pod.path for pod in pods}
        able = [
            name
            for name, one in sorted(self.directory.services.items())
            if one.kind != "ClusterIP" and one.endpoints and paths >= set(one.endpoints)
        ]
        able.sort(key=lambda name: self.directory.services[name].kind != "LoadBalancer")
        name = controller.service or next(iter(able), None)
        service = self.directory.services.get(name or "")
        if service is None:
            message = f"no Service of type LoadBalancer or NodePort leads to the ingress controller {quote(owner)}"
            raise WayError("via", message, "Name it: ingress: {service: svc/namespace/name}.")
        if service.kind == "ClusterIP":
            raise WayError("via", f"Service {quote(service.path)} of the ingress controller is of type ClusterIP")
        return f"{SERVICE}/{service.path}", LOAD_BALANCER if service.kind == "LoadBalancer" else NODE_PORT, owner

@dataclass(slots=True)
class Api:
    """The API server, which passes requests on to pods and nodes."""

    server: ApiServer
    made: dict[str, Behaviour] = field(default_factory=dict)

    def proxied(self, call: Call) -> Call:
        """``kubectl proxy``: the API server ends TLS, picks a pod itself, and connects to its address.

        Its connections are kept for 90 s (net/http's DefaultTransport)."""
        server = self.server
        chooses = call.to.startswith(f"{SERVICE}/")
        keep = Connections(keep_alive=seconds(90))
        inner = replace(call, connections=keep, tls=None, timeout=None, per_request=chooses, strategy="random")
        self.made[server.pod] = Behaviour(server.pod, server.in_flight)
        passing = Behaviour(server.pod, server.in_flight, cpu_time=constant(server.work), calls=((inner,),))
        outer = client_call(call, server.pod, HANDSHAKES["ecdsa"], http2=True)
        return replace(outer, behaviour=passing, port=API_PORT, via=PODS)

    def forwarded(self, call: Call, pods: list[Pod]) -> Call:
        """``kubectl port-forward``: one pod, reached by way of its node's kubelet, a connection for each request; into
        the pod through its interface, where a container runtime enters its network namespace."""
        if not pods:
            raise WayError("to", f"there is no pod behind {quote(call.to)}")
        pod = min(pods, key=lambda one: one.path)
        last = replace(call, to=f"pod/{pod.path}", connections=Connections(mode="perRequest"), tls=None)
        entering = Behaviour(f"node/{pod.node}", calls=((last,),))
        return self.proxied(replace(call, to=f"node/{pod.node}", port=None, behaviour=entering))


@dataclass(frozen=True, slots=True)
class Terminator:
    """A load balancer that is an end of connections: its machine, ps of work per request, and its connections."""

    machine: str
    work: int
    upstream: Connections
    requests: bool  # what it balances: requests, or connections

    def passed_on(self, call: Call, balancer: LoadBalancer) -> Call:
        """The client's connection to the machine, and what the machine does with a request.

        In layer 4 each of a client's connections has one of the machine's, which stays open, and TLS goes through it:
        the machine does none of its work."""
        use, tls, inner_tls = self.upstream, call.tls, None
        if not self.requests:
            own = call.connections
            mode = "perRequest" if own.mode == "perRequest" else "persistent"
            use = replace(own, mode=mode, limit=own.limit if mode == "perRequest" else 1, paired=True)
            tls, inner_tls = (None, None) if tls is None else (replace(tls, server=0), replace(tls, client=0))
        inner = replace(
            call,
            connections=use,
            tls=inner_tls,
            per_request=balancer.to_pods and self.requests,
            strategy=balancer.strategy,
            via=LOAD_BALANCER,
        )
        passing = Behaviour(self.machine, cpu_time=constant(self.work), calls=((inner,),))
        return replace(call, to=self.machine, behaviour=passing, port=None, tls=tls, via=PODS)


def client_call(call: Call, to: str, tls: Tls | None, http2: bool) -> Call:
    """A client's own part; HTTP/2 sends all its requests over one connection."""
    use = replace(call.connections, mode="persistent") if http2 else call.connections
    return replace(call, to=to, port=None, connections=use, tls=tls or call.tls)


def shared(total: int, weights: list[int]) -> list[int]:
    """Parts in proportion to ``weights`` that sum to ``total``."""
    whole, before, found = sum(weights), 0, []
    for weight in weights:
        found.append(total * (before + weight) // whole - total * before // whole)
        before += weight
    return found
