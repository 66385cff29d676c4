"""Finds the pods behind each Service, by labels, workload or EndpointSlice, and gives out node ports."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from netsim.errors import Problem, nearest, quote
from netsim.model.cluster import Service, TrafficPolicy
from netsim.scenario.objects import (
    WORKLOAD_KINDS,
    EndpointPlan,
    Labels,
    Objects,
    PodPlan,
    ServicePlan,
    ServicePortPlan,
)
from netsim.scenario.references import DEFAULT_NAMESPACE, split
from netsim.scenario.schema_traffic import ServiceSection
from netsim.scenario.validation import Source
from netsim.units import UnitError

# The default of kube-apiserver --service-node-port-range.
FIRST_NODE_PORT, LAST_NODE_PORT = 30_000, 32_767
CLUSTER_IP = "ClusterIP"


def add_services(sections: list[ServiceSection], objects: Objects, source: Source, problems: list[Problem]) -> None:
    """Adds the Services that no manifest describes; ``source`` is the list of services."""
    for index, section in enumerate(sections):
        place = source.at(index)
        names = section.name.split("/")
        if len(names) > 2:
            problems.append(place.at("name").problem(f"{quote(section.name)} is not a name", "Write namespace/name."))
            continue
        namespace, name = names if len(names) == 2 else (DEFAULT_NAMESPACE, names[0])
        try:
            workload = "/".join(split(section.selector, WORKLOAD_KINDS))
        except UnitError as error:
            problems.append(place.at("selector").problem(error.message, error.hint))
            continue
        for key, given in (("nodePort", section.node_port), ("externalTrafficPolicy", _local(section))):
            if section.type == CLUSTER_IP and given is not None:
                message = f"{key} needs type NodePort or LoadBalancer"
                problems.append(place.at(key).problem(message, f"The type is {section.type}."))
        port = ServicePortPlan(section.port, section.target_port, section.node_port)
        policy = section.external_traffic_policy
        plan = ServicePlan(namespace, name, section.type, (port,), place, (), workload, policy)
        objects.services.append(plan)


def _local(section: ServiceSection) -> str | None:
    return TrafficPolicy.LOCAL if section.external_traffic_policy == TrafficPolicy.LOCAL else None


class _Pods:
    """The pods by what Services look for."""

    def __init__(self, plans: Iterable[PodPlan], where: dict[str, str]) -> None:
        self.plans: dict[str, PodPlan] = {}
        self.where = where
        self.by_label: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self.by_owner: dict[str, set[str]] = defaultdict(set)
        for plan in plans:
            self.plans[plan.path] = plan
            self.by_owner[plan.owner].add(plan.path)
            self.by_owner[f"pod/{plan.path}"].add(plan.path)
            for key, value in plan.template.labels:
                self.by_label[plan.namespace, key, value].add(plan.path)

    def selected(self, namespace: str, selector: Labels) -> set[str]:
        """The pods of a namespace with all of these labels; none for an empty selector."""
        sets = [self.by_label.get((namespace, key, value), set()) for key, value in selector]
        return set.intersection(*sets) if sets else set()


def services_of(
    objects: Objects, plans: list[PodPlan], where: dict[str, str], problems: list[Problem]
) -> tuple[list[Service], dict[str, Source]]:
    """The Services sorted by path, and where each was written (by ``svc/ns/name``)."""
    pods = _Pods(plans, where)
    slices: dict[str, list[EndpointPlan]] = defaultdict(list)
    for endpoint in objects.endpoints:
        slices[endpoint.service].append(endpoint)
    sources: dict[str, Source] = {}
    ordered = sorted(objects.services, key=lambda plan: plan.path)
    ports = _node_ports(ordered, problems)
    services: list[Service] = []
    for plan in ordered:
        if f"svc/{plan.path}" in sources:
            problems.append(plan.source.problem(f"there are two Services named {quote(plan.path)}"))
            continue
        sources[f"svc/{plan.path}"] = plan.source
        if plan.workload is not None and plan.workload not in pods.by_owner:
            hint = nearest(plan.workload, [owner for owner in pods.by_owner if owner[:4] != "pod/"])
            problems.append(plan.source.at("selector").problem(f"there is no {quote(plan.workload)}", hint))
        chosen = _chosen(plan, pods)
        if plan.path in objects.sliced:
            chosen = {path for entry in slices[plan.path] for path in _of_slice(entry, chosen, pods)}
        endpoints = tuple(sorted(path for path in chosen if _has_ports(plan, pods.plans[path])))
        problems.extend(_silent_ports(plan, [pods.plans[path] for path in endpoints[:1]]))
        services.append(
            Service(
                namespace=plan.namespace,
                name=plan.name,
                kind=plan.kind,
                endpoints=endpoints,
                ports=tuple(port.port for port in plan.ports),
                node_ports=tuple(ports[plan.path]),
                external_policy=plan.external_policy,
            )
        )
    return services, sources


def _chosen(plan: ServicePlan, pods: _Pods) -> set[str]:
    if plan.workload is not None:
        return pods.by_owner.get(plan.workload, set())
    return pods.selected(plan.namespace, plan.selector)


def _of_slice(entry: EndpointPlan, chosen: set[str], pods: _Pods) -> Iterator[str]:
    if entry.pod is not None:
        yield from [entry.pod] if entry.pod in pods.plans else []
    elif entry.node is not None:
        yield from (path for path in chosen if pods.where.get(path) == entry.node)


def _has_ports(plan: ServicePlan, pod: PodPlan) -> bool:
    """A pod without the named port is no endpoint of it, as in Kubernetes."""
    named = {name for name, _ in pod.template.port_names}
    targets = [port.target for port in plan.ports if isinstance(port.target, str)]
    return not targets or any(target in named for target in targets)


def _silent_ports(plan: ServicePlan, pods: list[PodPlan]) -> Iterator[Problem]:
    """Target ports of a Service of the scenario file that its pods do not listen on."""
    for port in plan.ports:
        for pod in pods if plan.workload is not None and isinstance(port.target, int) else ():
            if pod.template.ports and port.target not in pod.template.ports:
                listening = ", ".join(map(str, pod.template.ports))
                message = f"nothing listens on port {port.target} in {pod.owner}"
                yield plan.source.at("targetPort").problem(message, f"Its ports: {listening}.")


def _node_ports(plans: list[ServicePlan], problems: list[Problem]) -> dict[str, list[int]]:
    """The node ports of each Service: those written; for others the lowest free, in the order of names."""
    found: dict[str, list[int]] = {plan.path: [] for plan in plans}
    outside = [plan for plan in plans if plan.kind != CLUSTER_IP]
    taken: dict[int, str] = {}
    for plan in outside:
        for port in plan.ports:
            if port.node_port is None:
                continue
            problems.extend(_bad_node_port(plan, port.node_port, taken))
            taken.setdefault(port.node_port, plan.path)
    free = iter(port for port in range(FIRST_NODE_PORT, LAST_NODE_PORT + 1) if port not in taken)
    for plan in outside:
        for port in plan.ports:
            number = port.node_port if port.node_port is not None else next(free, None)
            if number is None:
                problems.append(plan.source.problem("there is no free node port left"))
                return found
            found[plan.path].append(number)
    return found


def _bad_node_port(plan: ServicePlan, number: int, taken: dict[int, str]) -> Iterator[Problem]:
    index = [port.node_port for port in plan.ports].index(number)
    # Steps that this kind of source does not have are passed over.
    place = plan.source.at("spec", "ports", index, "nodePort")
    if not FIRST_NODE_PORT <= number <= LAST_NODE_PORT:
        hint = f"Write {FIRST_NODE_PORT} to {LAST_NODE_PORT}, or leave it out."
        yield place.problem(f"nodePort {number} of {quote(plan.path)} is out of range", hint)
    if number in taken:
        yield place.problem(f"nodePort {number} of {quote(plan.path)} is taken by {quote(taken[number])}")
