"""From workloads to pods: what manifests describe, and what a scenario file describes without a manifest."""

from collections.abc import Iterator
from dataclasses import replace

from netsim.errors import Problem, nearest, quote
from netsim.model.workload import Container
from netsim.scenario.lifecycles import strategy
from netsim.scenario.objects import PODS, WORKLOAD_KINDS, AutoscalerPlan, Objects, PodPlan, Template, WorkloadPlan
from netsim.scenario.placement import selected
from netsim.scenario.pools import Machines
from netsim.scenario.references import split
from netsim.scenario.schema_control import lifecycle_of
from netsim.scenario.schema_traffic import MOST_REPLICAS, WorkloadSection
from netsim.scenario.validation import Source
from netsim.units import UnitError

MAIN = "main"
# What a manifest says, if there is one.
GIVEN = ("replicas", "ports", "containers", "labels", "node", "pods", "lifecycle", "autoscaling")
# What a kind of workload does not let one choose.
SENSELESS = {
    PODS: ("replicas", "pods", "autoscaling"),
    "daemonset": ("replicas", "pods", "node", "autoscaling"),
}
Named = tuple[tuple[str, str | None], ...]


def add_workloads(sections: list[WorkloadSection], objects: Objects, source: Source, problems: list[Problem]) -> None:
    """Adds the workloads that no manifest describes; ``source`` is the list of workloads."""
    described = {plan.path for plan in objects.workloads} | {plan.owner for plan in objects.pods}
    described |= {f"{PODS}/{plan.path}" for plan in objects.pods}
    has_manifests = bool(described)
    for index, section in enumerate(sections):
        place = source.at(index)
        try:
            kind, namespace, name = split(section.target, WORKLOAD_KINDS)
        except UnitError as error:
            problems.append(place.at("target").problem(error.message, error.hint))
            continue
        path = f"{kind}/{namespace}/{name}"
        given = [key for key in GIVEN if getattr(section, key)]
        if path in described and given:
            hint = "Change it there, or leave it out here."
            problems.append(place.at(given[0]).problem(f"the manifest of {path} already says this", hint))
        elif path not in described and has_manifests and not given:
            same_kind = [known for known in described if known.startswith(f"{kind}/")]
            hint = nearest(path, same_kind) or "Write its ports or node, if no manifest describes it."
            problems.append(place.at("target").problem(f"there is no {quote(path)}", hint))
        elif senseless := [key for key in given if key in SENSELESS.get(kind, ())]:
            problems.append(place.at(senseless[0]).problem(f"a {kind} has no {senseless[0]}", "Leave it out."))
        elif path not in described:
            _add(section, (kind, namespace, name), objects, place)
        elif "startup" in section.model_fields_set:
            objects.workloads = [_starting(plan, section) if plan.path == path else plan for plan in objects.workloads]


def _starting(plan: WorkloadPlan, section: WorkloadSection) -> WorkloadPlan:
    """What a manifest does not say: when the process listens."""
    cycle = replace(plan.template.lifecycle, startup=section.startup)
    return replace(plan, template=replace(plan.template, lifecycle=cycle))


def _add(section: WorkloadSection, path: tuple[str, str, str], objects: Objects, place: Source) -> None:
    kind, namespace, name = path
    containers = [Container(MAIN, tuple(section.ports or ()))]
    if section.containers is not None:
        containers = [
            Container(written.name, tuple(written.ports), host_ports=tuple((port, port) for port in written.host_ports))
            for written in section.containers
        ]
    cycle = lifecycle_of(section.startup, section.lifecycle)
    template = Template(
        labels=tuple(sorted((section.labels or {}).items())),
        containers=tuple(containers),
        node=section.node,
        lifecycle=cycle,
    )
    if kind == PODS:
        objects.pods.append(PodPlan(namespace, name, "/".join(path), template, place, section.node))
        return
    named = tuple((pod.name, pod.node) for pod in section.pods or ())
    replicas = 1 if section.replicas is None else section.replicas
    surge, unavailable, _ = strategy(kind.capitalize(), None, place)
    objects.workloads.append(
        WorkloadPlan(kind, namespace, name, replicas, template, place, named, surge, unavailable)
    )
    if (scaling := section.autoscaling) is not None:
        bounds = (scaling.min_replicas, scaling.max_replicas, scaling.cpu)
        objects.autoscalers.append(AutoscalerPlan("/".join(path), *bounds, (None, None), place.at("autoscaling")))


def pods_of(objects: Objects, machines: Machines, problems: list[Problem]) -> list[PodPlan]:
    """All pods; a workload's are named ``<workload>-0``, ``-1``, ..., a DaemonSet's ``<name>-<node>``.

    A workload whose own pods are in the manifests has exactly those.
    """
    total = len(objects.pods) + sum(plan.replicas for plan in objects.workloads)
    if total > MOST_REPLICAS:
        largest = max(objects.workloads, key=lambda plan: plan.replicas)
        problems.append(largest.source.problem(f"{total} pods are too many", f"At most {MOST_REPLICAS}."))
        return []
    have_pods = {plan.owner for plan in objects.pods}
    plans = list(objects.pods)
    seen: dict[str, Source] = {}
    for workload in objects.workloads:
        if workload.path in seen:
            problems.append(workload.source.problem(f"there are two workloads named {quote(workload.path)}"))
        elif workload.path not in have_pods:
            plans.extend(_pods(workload, machines))
        seen[workload.path] = workload.source
    _check_pods(plans, problems)
    return plans


def _pods(workload: WorkloadPlan, machines: Machines) -> Iterator[PodPlan]:
    template = workload.template
    if workload.kind == "daemonset":
        nodes = selected(machines.nodes, template.selector)
        named: Named = tuple((f"{workload.name}-{node.name}", node.name) for node in nodes)
    else:
        named = workload.named or tuple(
            (f"{workload.name}-{number}", template.node) for number in range(workload.replicas)
        )
    for name, node in named:
        yield PodPlan(workload.namespace, name, workload.path, template, workload.source, node)


def _check_pods(plans: list[PodPlan], problems: list[Problem]) -> None:
    """Two pods of one name, and two containers of one pod with the same port."""
    seen: set[str] = set()
    checked: set[int] = set()
    for plan in plans:
        if plan.path in seen:
            problems.append(plan.source.problem(f"there are two pods named {quote(plan.path)}"))
        seen.add(plan.path)
        if id(plan.template) not in checked:
            checked.add(id(plan.template))
            problems.extend(_port_clashes(plan))


def _port_clashes(plan: PodPlan) -> Iterator[Problem]:
    taken: dict[int, str] = {}
    for container in plan.template.containers:
        for port in container.ports:
            if port in taken:
                who = f"the containers {quote(taken[port])} and {quote(container.name)}"
                who = who if taken[port] != container.name else f"container {quote(container.name)}, twice"
                message = f"{plan.owner} has port {port} in {who}"
                # Steps that this kind of source does not have are passed over.
                place = plan.source.at("spec", "template", "spec", "containers")
                yield place.problem(message, "The containers of a pod share one address.", key=True)
            taken.setdefault(port, container.name)
