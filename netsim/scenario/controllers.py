"""What stands in the cluster for requests that are passed on: the ingress controller's pods, the API server's."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsim.entry import proxies
from netsim.entry.proxies._controller import Controller
from netsim.errors import Problem
from netsim.model.workload import Container
from netsim.scenario.objects import PODS, Objects, PodPlan, ServicePlan, ServicePortPlan, Template, WorkloadPlan
from netsim.scenario.pools import Machines
from netsim.scenario.schema import Spec
from netsim.scenario.schema_entry import FORWARD, HTTP_ROUTE, INGRESS, KUBECTL, ApiServerSection
from netsim.scenario.validation import Source

MADE = ("ingress", "controller")  # namespace and name of a controller that no manifest describes
API_SERVER = ("kube-system", "kube-apiserver")
HTTP, HTTPS, API_PORT = 80, 443, 6443


@dataclass(frozen=True, slots=True)
class ApiServer:
    """The API server: its pod, ``pod/ns/name``, ps of work per request and how many it works on at once."""

    pod: str
    work: int
    in_flight: int


def uses(spec: Spec, *ways: str) -> bool:
    """Whether any traffic comes in by one of these."""
    return any((section.via or "").partition("/")[0] in ways for section in spec.traffic)


def controller_of(spec: Spec, objects: Objects) -> Controller | None:
    """The ingress controller that is written, else where one is used that of the IngressClasses, or nginx."""
    if spec.ingress is not None or not uses(spec, INGRESS, HTTP_ROUTE):
        return spec.ingress  # type: ignore[return-value]
    known = {name: kind for kind in proxies.names() for name in proxies.load(kind).CLASSES}
    named = [known[word] for _, word in sorted(objects.classes.items()) if word in known]
    found: Controller = proxies.load(named[0] if named else "nginx").Config()
    return found


def add_controllers(spec: Spec, objects: Objects, machines: Machines, source: Source) -> None:
    """Adds the pods of the ingress controller and of the API server where no manifest describes them; ``source`` is
    the spec."""
    controller = controller_of(spec, objects)
    if controller is not None and controller.workload is None:
        namespace, name = MADE
        template = Template(containers=(Container(name, (HTTP, HTTPS)),), host_network=controller.hostNetwork)
        place = source.at("ingress")
        plan = WorkloadPlan("deployment", namespace, name, controller.replicas, template, place)
        objects.workloads.append(plan)
        if controller.service is None and not controller.hostNetwork:
            ports = (ServicePortPlan(HTTP, HTTP), ServicePortPlan(HTTPS, HTTPS))
            objects.services.append(
                ServicePlan(namespace, name, "LoadBalancer", ports, place, workload=plan.path)
            )
    if (spec.cluster.api_server is not None or uses(spec, KUBECTL, FORWARD)) and machines.nodes:
        objects.pods.append(_api_server_pod(spec.cluster.api_server, machines, source.at("cluster", "apiServer")))


def _api_server_pod(section: ApiServerSection | None, machines: Machines, place: Source) -> PodPlan:
    name, node = _api_server(section, machines)
    template = Template(containers=(Container(API_SERVER[1], (API_PORT,)),), host_network=True, node=node)
    return PodPlan(API_SERVER[0], name, f"{PODS}/{API_SERVER[0]}/{name}", template, place, node)


def _api_server(section: ApiServerSection | None, machines: Machines) -> tuple[str, str]:
    """Name and node of the API server's pod."""
    node = section.node if section is not None and section.node is not None else machines.nodes[0].name
    return f"{API_SERVER[1]}-{node}", node


def api_server_of(spec: Spec, machines: Machines) -> ApiServer | None:
    """The API server, None in a cluster without nodes."""
    if not machines.nodes:
        return None
    section = spec.cluster.api_server or ApiServerSection()
    return ApiServer(f"{PODS}/{API_SERVER[0]}/{_api_server(section, machines)[0]}", section.work, section.in_flight)


def api_server_problems(spec: Spec, machines: Machines, source: Source) -> Iterator[Problem]:
    """An API server on a node that does not exist; ``source`` is the cluster section."""
    section = spec.cluster.api_server
    if section is not None and section.node is not None and section.node not in machines.sources:
        yield source.at("apiServer", "node").problem(*machines.unknown(section.node))
