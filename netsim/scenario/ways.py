"""Ways: how a stream of traffic comes to its target, checked, and as a call tree where somebody passes requests on."""

from dataclasses import dataclass, replace

from netsim.errors import quote
from netsim.model.balancer import Balancing, LoadBalancer
from netsim.model.cluster import Call, Pod, Service
from netsim.model.datapath import DataPath
from netsim.model.load import Bulk, Datagrams, Load
from netsim.scenario.passing import Api, Ingresses, Terminator, Way, WayError
from netsim.scenario.references import EXTERNAL, INTERNET, SERVICE, Directory
from netsim.scenario.schema_entry import FORWARD, HOST_PORT, KUBECTL, LOAD_BALANCER, PODS, ROUTED_WAYS
from netsim.scenario.schema_traffic import TrafficSection

OUTSIDE = (INTERNET, EXTERNAL)


@dataclass(slots=True)
class Ways:
    """Everything that decides how traffic comes in. ``path`` is None where the network is wrong itself; there is an
    ingress controller, an API server, a terminating load balancer where the scenario has use for one."""

    directory: Directory
    balancer: LoadBalancer
    path: DataPath | None
    ingresses: Ingresses | None = None
    api: Api | None = None
    terminator: Terminator | None = None

    def entered(self, section: TrafficSection, source: str, call: Call, load: Load) -> Way:
        """The call of a stream and its way in, as a tree of calls where somebody passes it on. Raises WayError."""
        outside = source.partition("/")[0] in OUTSIDE
        kind = (section.via or "").partition("/")[0]
        for key in ("host", "path"):
            if getattr(section, key) is not None and kind not in ROUTED_WAYS:
                raise WayError(key, f"{key} is for via: ingress and via: httpRoute", "Leave it out.")
        if section.cidr is not None and source != INTERNET:
            raise WayError("cidr", "cidr is for traffic from the internet", f"From is {source}.")
        if not outside:
            if section.via is not None:
                raise WayError("via", "via is for sources outside the cluster", f"From is {source}.")
            return call, None
        if kind in (*ROUTED_WAYS, KUBECTL, FORWARD):
            self.whole_requests(call, load, kind)
            return self.passed_on(section, call, kind)
        if kind == PODS:
            return self.routed(call), PODS
        if kind == HOST_PORT:
            return self.mapped(call), HOST_PORT
        service = self.directory.services.get(call.to)
        if service is None:
            hint = f"Write to: {SERVICE}/namespace/name, or via: {PODS}."
            raise WayError("to", "sources outside the cluster reach pods through a Service", hint)
        if section.via is None:
            hint = "Write via: loadBalancer or via: nodePort."
            raise WayError("from", f"'via' is missing: how does {source} come in?", hint)
        return self.through_service(section, service, call, load)

    # -- by a Service -------------------------------------------------------------------------------------------------

    def through_service(self, section: TrafficSection, service: Service, call: Call, load: Load) -> Way:
        """By node port or load balancer."""
        if section.via == LOAD_BALANCER and service.kind != "LoadBalancer":
            message = f"Service {quote(service.path)} is of type {service.kind}, not LoadBalancer"
            raise WayError("via", message, "Change its type.")
        if service.kind == "ClusterIP":
            message = f"Service {quote(service.path)} is of type ClusterIP and has no node port"
            raise WayError("via", message, "Change its type to NodePort.")
        if section.via != LOAD_BALANCER:
            return call, section.via
        check_ranges(section, service)
        return self.balanced(call, load)

    def balanced(self, call: Call, load: Load | None) -> Way:
        """By the load balancer, which may be an end of connections."""
        if self.balancer.to_pods:
            self.check_routes(f"loadBalancer {self.balancer.kind}")
        if self.balancer.balancing is not Balancing.TERMINATES or self.terminator is None:
            return call, LOAD_BALANCER
        if load is not None:
            self.whole_requests(call, load, f"a load balancer of kind {self.balancer.kind}")
        return self.terminator.passed_on(call, self.balancer), None

    @staticmethod
    def whole_requests(call: Call, load: Load, who: str) -> None:
        """What passes requests on has no use for streams of bytes, nor for datagrams."""
        if isinstance(load, Bulk | Datagrams):
            what = "bulk" if isinstance(load, Bulk) else "datagrams"
            raise WayError(what, f"{who} passes requests on, not {what}", "Write rate, users or transactions.")
        if call.protocol != "TCP":
            raise WayError("protocol", f"{who} passes on what comes over TCP, not {call.protocol}", "Leave it out.")

    # -- to the pods themselves ---------------------------------------------------------------------------------------

    def check_routes(self, what: str) -> None:
        """Whoever connects to pod addresses from outside needs routes to them."""
        if self.path is not None and not self.path.routes_pods and not self.path.pods_on_host_network:
            wrap = self.path.encapsulation.name if self.path.encapsulation else ""
            hint = "Choose a CNI mode with routed pods: Calico encapsulation None, Flannel host-gw, Cilium native."
            message = f"{what} needs routes to pod addresses, and {self.path.title} hides them in {wrap}"
            raise WayError("via", message, hint)

    def routed(self, call: Call) -> Call:
        """To a pod's own address; one on its node's network has the node's."""
        pod = self.pod(call, PODS)
        if not pod.host_network:
            self.check_routes(f"via: {PODS}")
        return replace(call, via=PODS)

    def mapped(self, call: Call) -> Call:
        """To a port of the node that a pod is on."""
        pods = self.pods_behind(call)
        unmapped = [pod for pod in pods if not any(container.host_ports for container in pod.containers)]
        if not pods or unmapped:
            who = quote(unmapped[0].path) if unmapped else quote(call.to)
            raise WayError("via", f"pod {who} has no hostPort", "Give one of its containers' ports a hostPort.")
        return replace(call, via=HOST_PORT)

    def pod(self, call: Call, via: str) -> Pod:
        """The pod that a call names."""
        if not call.to.startswith("pod/"):
            raise WayError("to", f"via: {via} leads to one pod", "Write to: pod/namespace/name.")
        return self.directory.workloads[call.to][0]

    def pods_behind(self, call: Call) -> list[Pod]:
        """The pods that a call may come to."""
        service = self.directory.services.get(call.to)
        if service is None:
            return self.directory.workloads.get(call.to, [])
        return [self.directory.workloads[f"pod/{path}"][0] for path in service.endpoints]

    # -- by somebody who passes requests on ---------------------------------------------------------------------------

    def passed_on(self, section: TrafficSection, call: Call, kind: str) -> Way:
        """Through an ingress controller or the API server."""
        if kind in ROUTED_WAYS:
            if self.ingresses is None:
                raise WayError("via", "there is no ingress controller", "Add spec.ingress.")
            outer, via = self.ingresses.passed_on(section, call)
            return self.balanced(outer, None) if via == LOAD_BALANCER else (outer, via)
        if self.api is None:
            raise WayError("via", "there is no API server", "The cluster has no nodes.")
        return (self.api.proxied(call) if kind == KUBECTL else self.api.forwarded(call, self.pods_behind(call))), None


def check_ranges(section: TrafficSection, service: Service) -> None:
    """All clients of a stream are let in by loadBalancerSourceRanges, or none."""
    for allowed in service.source_ranges:
        if section.cidr is not None and section.cidr.overlaps(allowed) and not section.cidr.subnet_of(allowed):
            message = f"{section.cidr} is only in part within {allowed}, which Service {quote(service.path)} lets in"
            raise WayError("cidr", message, "Make two streams of it.")
