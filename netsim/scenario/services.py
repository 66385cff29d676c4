"""Finds the pods behind each Service, by labels, workload or EndpointSlice, and gives out node ports."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from netsim.errors import Problem, nearest, quote
from netsim.model.cluster import Service, ServicePort, TrafficPolicy
from netsim.scenario.objects import (
    WORKLOAD_KINDS,
    EndpointPlan,
    Labels,
    Objects,
    PodPlan,
    ServicePlan,
    ServicePortPlan,
    Template,
)
from netsim.scenario.references import DEFAULT_NAMESPACE, split
from netsim.scenario.schema_traffic import ServiceSection
from netsim.scenario.validation import Source
from netsim.units import UnitError

# The default of kube-apiserver --service-node-port-range.
FIRST_NODE_PORT, LAST_NODE_PORT = 30_000, 32_767
CLUSTER_IP, LOAD_BALANCER = "ClusterIP", "LoadBalancer"
CLIENT_IP = "ClientIP"


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
        problems.extend(_misplaced(section, place))
        protocols = ("UDP", "TCP") if section.protocol == "both" else (section.protocol,)
        ports = (section.port, section.target_port, section.node_port)
        objects.services.append(
            ServicePlan(
                namespace=namespace,
                name=name,
                kind=section.type,
                ports=tuple(ServicePortPlan(*ports, protocol) for protocol in protocols),
                source=place,
                workload=workload,
                external_policy=section.external_traffic_policy,
                internal_policy=section.internal_traffic_policy,
                affinity=section.session_affinity_timeout if section.session_affinity == CLIENT_IP else 0,
                distribution=section.traffic_distribution or "",
                headless=section.headless,
                source_ranges=tuple(section.load_balancer_source_ranges),
            )
        )


def _misplaced(section: ServiceSection, place: Source) -> Iterator[Problem]:
    """Fields that mean nothing for this Service."""
    local = section.external_traffic_policy == TrafficPolicy.LOCAL
    for key, given in (("nodePort", section.node_port is not None), ("externalTrafficPolicy", local)):
        if section.type == CLUSTER_IP and given:
            message = f"{key} needs type NodePort or LoadBalancer"
            yield place.at(key).problem(message, f"The type is {section.type}.")
    if section.headless and section.type != CLUSTER_IP:
        yield place.at("headless").problem("a headless Service has no address to come to", "Leave out its type.")
    if "session_affinity_timeout" in section.model_fields_set and section.session_affinity != CLIENT_IP:
        where = place.at("sessionAffinityTimeout")
        yield where.problem("sessionAffinityTimeout needs sessionAffinity ClientIP", "Add it, or leave both out.")
    if section.load_balancer_source_ranges and section.type != LOAD_BALANCER:
        where = place.at("loadBalancerSourceRanges")
        message = "loadBalancerSourceRanges needs type LoadBalancer"
        yield where.problem(message, f"The type is {section.type}.")


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
            entries = _usable(plan, slices[plan.path])
            chosen = {path for entry in entries for path in _of_slice(entry, chosen, pods)}
        elif not plan.publish_not_ready:
            chosen = {path for path in chosen if pods.plans[path].ready}
        endpoints = tuple(sorted(path for path in chosen if _has_ports(plan, pods.plans[path])))
        problems.extend(_silent_ports(plan, [pods.plans[path] for path in endpoints[:1]]))
        first = pods.plans[endpoints[0]].template if endpoints else Template()
        services.append(_service(plan, endpoints, tuple(_targets(plan, first, ports[plan.path]))))
    return services, sources


def _service(plan: ServicePlan, endpoints: tuple[str, ...], targets: tuple[ServicePort, ...]) -> Service:
    return Service(
        namespace=plan.namespace,
        name=plan.name,
        kind=plan.kind,
        endpoints=endpoints,
        ports=tuple(port.port for port in targets),
        node_ports=tuple(port.node_port for port in targets if port.node_port is not None),
        external_policy=plan.external_policy,
        internal_policy=plan.internal_policy,
        affinity=0 if plan.headless else plan.affinity,
        distribution=plan.distribution,
        headless=plan.headless,
        publish_not_ready=plan.publish_not_ready,
        external_ips=plan.external_ips,
        source_ranges=plan.source_ranges,
        targets=targets,
        selector=plan.selector,
        workload=plan.workload,
    )


def _targets(plan: ServicePlan, pod: Template, node_ports: list[int]) -> Iterator[ServicePort]:
    """The ports of a Service, with the numbers on which its first pod listens."""
    outside = plan.kind != CLUSTER_IP
    for index, port in enumerate(plan.ports):
        target = port.target
        if isinstance(target, str):
            target = dict(_named(pod, port.protocol)).get(target)
        elif target is None:
            target = next(iter(pod.ports), None)
        node_port = node_ports[index] if outside and index < len(node_ports) else None
        yield ServicePort(port.port, port.port if target is None else target, port.protocol, port.name, node_port)


def _named(pod: Template, protocol: str = "") -> Iterator[tuple[str, int]]:
    """The ports of a pod that have names."""
    if protocol != "UDP":
        yield from pod.port_names
    if protocol != "TCP":
        yield from (pair for container in pod.containers for pair in container.udp if pair[0])


def _usable(plan: ServicePlan, entries: list[EndpointPlan]) -> list[EndpointPlan]:
    """The endpoints that are ready, else those that serve while they terminate (KEP-1669)."""
    if plan.publish_not_ready:
        return entries
    return [one for one in entries if one.ready] or [one for one in entries if one.draining]


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
    named = {name for name, _ in _named(pod.template)}
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
    """The node ports of each Service: those written; for others the lowest free, in the order of names. TCP and UDP
    ports of one number are two."""
    found: dict[str, list[int]] = {plan.path: [] for plan in plans}
    outside = [plan for plan in plans if plan.kind != CLUSTER_IP]
    taken: dict[tuple[int, str], str] = {}
    for plan in outside:
        for index, port in enumerate(plan.ports):
            if port.node_port is None:
                continue
            problems.extend(_bad_node_port(plan, index, taken))
            taken.setdefault((port.node_port, port.protocol), plan.path)
    numbers = {number for number, _ in taken}
    free = iter(port for port in range(FIRST_NODE_PORT, LAST_NODE_PORT + 1) if port not in numbers)
    for plan in outside:
        for port in plan.ports:
            number = port.node_port if port.node_port is not None else next(free, None)
            if number is None:
                problems.append(plan.source.problem("there is no free node port left"))
                return found
            found[plan.path].append(number)
    return found


def _bad_node_port(plan: ServicePlan, index: int, taken: dict[tuple[int, str], str]) -> Iterator[Problem]:
    number, protocol = plan.ports[index].node_port or 0, plan.ports[index].protocol
    # Steps that this kind of source does not have are passed over.
    place = plan.source.at("spec", "ports", index, "nodePort")
    if not FIRST_NODE_PORT <= number <= LAST_NODE_PORT:
        hint = f"Write {FIRST_NODE_PORT} to {LAST_NODE_PORT}, or leave it out."
        yield place.problem(f"nodePort {number} of {quote(plan.path)} is out of range", hint)
    if (number, protocol) in taken:
        owner = taken[number, protocol]
        yield place.problem(f"nodePort {number} of {quote(plan.path)} is taken by {quote(owner)}")
