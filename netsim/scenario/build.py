"""Builds one variant: from a validated spec and the manifests to a Scenario of the model, with all checks."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from netsim.entry.balancers.proxy import MACHINE
from netsim.errors import Problem, quote
from netsim.model.cluster import (
    Behaviour,
    Cluster,
    External,
    Nic,
    Pod,
    Run,
    Scenario,
    Service,
    Traffic,
)
from netsim.model.policy import NetworkPolicy
from netsim.scenario.controllers import add_controllers, api_server_problems
from netsim.scenario.entering import egress_gateways, gateway_of, passers, proxy_machine, ways_of
from netsim.scenario.happenings import later_of
from netsim.scenario.interfaces import Interfaces
from netsim.scenario.network import Network, check_addresses, network_of
from netsim.scenario.objects import Labels, Objects, PodPlan
from netsim.scenario.placement import place
from netsim.scenario.pools import Machines, machines_of
from netsim.scenario.references import EXTERNAL, NODE, SERVICE, Directory
from netsim.scenario.schema import Spec
from netsim.scenario.schema_cluster import ClusterSection
from netsim.scenario.services import add_services, services_of
from netsim.scenario.traffic import Resolver, circle, run_of
from netsim.scenario.validation import Source
from netsim.scenario.wires import check_window, check_wires
from netsim.scenario.workloads import add_workloads, pods_of


@dataclass(slots=True)
class Inventory:
    """What stands in the cluster whatever network it has: machines, placed pods, Services."""

    machines: Machines
    pods: tuple[Pod, ...] = ()
    services: tuple[Service, ...] = ()
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    policies: tuple[NetworkPolicy, ...] = ()
    namespaces: tuple[tuple[str, Labels], ...] = ()
    objects: Objects = field(default_factory=Objects)


def take_stock(spec: Spec, manifests: Objects, source: Source) -> Inventory:
    """Places the pods of manifests and scenario file, and finds the pods behind Services."""
    problems: list[Problem] = []
    objects = Objects(
        nodes=manifests.nodes,
        pods=list(manifests.pods),
        workloads=list(manifests.workloads),
        services=list(manifests.services),
        endpoints=manifests.endpoints,
        sliced=manifests.sliced,
        policies=manifests.policies,
        namespaces=manifests.namespaces,
        routes=manifests.routes,
        classes=manifests.classes,
        gateways=manifests.gateways,
        autoscalers=list(manifests.autoscalers),
        notices=manifests.notices,
    )
    machines = machines_of(spec.cluster, objects.nodes, source.at("cluster"), problems)
    add_workloads(spec.workloads, objects, source.at("workloads"), problems)
    add_services(spec.services, objects, source.at("services"), problems)
    problems.extend(api_server_problems(spec, machines, source.at("cluster")))
    add_controllers(spec, objects, machines, source)
    plans = pods_of(objects, machines, problems)
    where, unplaced = place(plans, machines) if machines.nodes else ({}, [])
    problems.extend(unplaced)
    services, sources = services_of(objects, plans, where, problems)
    # A pod that fits nowhere is a problem already; it stays known, so that references to it are none.
    pods = [_pod(plan, where.get(plan.path, "")) for plan in plans]
    pods.sort(key=lambda pod: (pod.owner, len(pod.name), pod.path))
    policies = tuple(objects.policies[path].policy for path in sorted(objects.policies))
    namespaces = {pod.namespace: () for pod in pods} | objects.namespaces
    named = tuple(sorted(namespaces.items()))
    return Inventory(machines, tuple(pods), tuple(services), sources, problems, policies, named, objects)


def _pod(plan: PodPlan, node: str) -> Pod:
    template = plan.template
    return Pod(
        namespace=plan.namespace,
        name=plan.name,
        node=node,
        owner=plan.owner,
        labels=template.labels,
        containers=template.containers,
        host_network=template.host_network,
    )


def build(
    name: tuple[str, str], spec: Spec, inventory: Inventory, source: Source
) -> tuple[Scenario | None, list[Problem]]:
    """The Scenario of this (scenario, variant) name, or None and what is wrong; ``source`` is the spec."""
    problems = list(inventory.problems)
    network = network_of(spec, source, problems)
    externals = _externals(spec.cluster, source.at("cluster", "externals"), problems)
    run = _run(spec, source.at("run"), problems)
    directory = _directory(inventory, externals)
    resolver = Resolver(directory, spec.transport, _interfaces(network, inventory, externals, directory))
    gateways = egress_gateways(spec.cluster, directory, source.at("cluster", "egressGateways"), problems)
    path = None if network is None else network.path
    ways = resolver.ways = ways_of(spec, inventory.objects, directory, inventory.machines, path)
    resolver.gateways = gateway_of(gateways, path)
    behaviours = _behaviours(spec, resolver, source.at("workloads"))
    traffic = _traffic(spec, resolver, source.at("traffic"), run)
    problems.extend(resolver.problems)
    _check_networks(spec.cluster, source.at("cluster"), problems)
    if network is not None:
        written = tuple(one for one in externals if one.name != MACHINE)
        problems.extend(check_wires(network, inventory.machines, written, source))
    problems.extend(check_window(spec.transport, inventory.machines, source.at("transport")))
    if network is not None and not problems:
        cidr = (spec.cluster.pod_cidr, source.at("cluster"))
        problems.extend(check_addresses(network, inventory.machines, inventory.pods, cidr))
    later = later_of(spec, inventory, (directory, network, externals), (source, problems))
    if problems or network is None:
        return None, problems
    cluster = Cluster(
        nodes=tuple(inventory.machines.nodes),
        pods=inventory.pods,
        services=inventory.services,
        cni=network.cni,
        proxy=network.proxy,
        fabric=network.fabric,
        externals=externals,
        load_balancer=ways.balancer,
        egress_gateways=gateways,
        namespaces=inventory.namespaces,
        policies=inventory.policies,
        workloads=later.workloads,
        autoscalers=later.autoscalers,
        pod_cidr=spec.cluster.pod_cidr,
        service_cidr=spec.cluster.service_cidr,
    )
    return Scenario(*name, cluster, passers(ways, behaviours), traffic, run, later.events, spec.control.model()), []


def _run(spec: Spec, source: Source, problems: list[Problem]) -> Run:
    run = run_of(spec.run)
    if run.warmup is not None and run.warmup >= run.duration:
        problems.append(source.at("warmup").problem("the warm-up is as long as the run", "Shorten it."))
    return run


def _interfaces(
    network: Network | None, inventory: Inventory, externals: tuple[External, ...], directory: Directory
) -> Interfaces | None:
    if network is None:
        return None
    return Interfaces(directory, network.path).add(inventory.machines.nodes, externals)


def _directory(inventory: Inventory, externals: tuple[External, ...]) -> Directory:
    workloads: dict[str, list[Pod]] = {}
    for pod in inventory.pods:
        workloads.setdefault(pod.owner, []).append(pod)
        workloads[f"pod/{pod.path}"] = [pod]
    return Directory(
        workloads=workloads,
        services={f"{SERVICE}/{service.path}": service for service in inventory.services},
        nodes=frozenset(f"{NODE}/{node.name}" for node in inventory.machines.nodes),
        externals=frozenset(f"{EXTERNAL}/{external.name}" for external in externals),
    )


def _behaviours(spec: Spec, resolver: Resolver, source: Source) -> tuple[Behaviour, ...]:
    found: list[tuple[Behaviour, Source]] = []
    seen: set[str] = set()
    for index, section in enumerate(spec.workloads):
        inner = source.at(index)
        behaviour = resolver.behaviour(section, inner)
        if behaviour is None:
            continue
        if behaviour.target in seen:
            resolver.refuse(inner.at("target"), f"{quote(behaviour.target)} is described twice")
        seen.add(behaviour.target)
        found.append((behaviour, inner))
    resolver.problems.extend(circle(found, resolver.directory))
    resolver.problems.extend(_mixed(found, resolver.directory))
    return tuple(behaviour for behaviour, _ in sorted(found, key=lambda pair: pair[0].target))


def _mixed(found: list[tuple[Behaviour, Source]], directory: Directory) -> Iterator[Problem]:
    """A Service is one thing to call: what it stands for must not work in two ways."""
    works = {behaviour.target: replace(behaviour, target="") for behaviour, _ in found}
    places = {behaviour.target: place for behaviour, place in found}
    for path, service in directory.services.items():
        owners = sorted({directory.workloads[f"pod/{pod}"][0].owner for pod in service.endpoints})
        ways = {owner: works.get(owner) for owner in owners}
        if len(set(ways.values())) > 1:
            last = next(owner for owner in reversed(owners) if owner in places)
            yield (
                places[last]
                .at("target")
                .problem(
                    f"{quote(path)} has pods of {' and '.join(owners)}, which work differently",
                    "Give them the same behaviour, or a Service each.",
                )
            )


def _traffic(spec: Spec, resolver: Resolver, source: Source, run: Run) -> tuple[Traffic, ...]:
    found: list[Traffic] = []
    seen: set[str] = set()
    for index, section in enumerate(spec.traffic):
        inner = source.at(index)
        if section.name in seen:
            resolver.refuse(inner.at("name"), f"there are two traffics named {quote(section.name)}")
        seen.add(section.name)
        traffic = resolver.traffic(section, inner, run)
        if traffic is not None:
            found.append(traffic)
    return tuple(found)


def _externals(cluster: ClusterSection, source: Source, problems: list[Problem]) -> tuple[External, ...]:
    found: dict[str, External] = {}
    for index, written in enumerate(cluster.externals):
        if written.name in found:
            message = f"there are two externals named {quote(written.name)}"
            problems.append(source.at(index, "name").problem(message))
        nic = Nic(written.bandwidth, written.mtu)
        found[written.name] = External(
            written.name, nic, written.cores, written.cpu_speed, written.latency, written.zone, written.address
        )
    if (machine := proxy_machine(cluster)) is not None:
        if machine.name in found:
            message = f"{quote(machine.name)} is the load balancer's own name"
            problems.append(source.at(list(found).index(machine.name), "name").problem(message, "Take another."))
        found[machine.name] = machine
    return tuple(found[name] for name in sorted(found))


def _check_networks(cluster: ClusterSection, source: Source, problems: list[Problem]) -> None:
    if cluster.pod_cidr.overlaps(cluster.service_cidr):
        message = f"podCIDR {cluster.pod_cidr} and serviceCIDR {cluster.service_cidr} overlap"
        problems.append(source.problem(message, "Pods and Services need addresses of their own."))
