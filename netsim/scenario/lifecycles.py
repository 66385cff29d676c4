"""How pods come and go: what manifests say of probes, hooks, strategies and autoscalers, as nouns of the model."""

import re
from collections.abc import Iterator, Sequence

from netsim.errors import Problem, nearest, quote
from netsim.model.workload import Autoscaler, Lifecycle, Workload
from netsim.scenario import kinds
from netsim.scenario.kinds_pods import AutoscalerSpec, Hook, Strategy
from netsim.scenario.located import Map
from netsim.scenario.objects import AutoscalerPlan, Objects, Template, WorkloadPlan
from netsim.scenario.schema_control import amount, millicores
from netsim.scenario.validation import Source, validate
from netsim.units import PPM, UnitError, seconds

DEFAULT = -PPM // 4  # maxSurge and maxUnavailable of a Deployment: 25 %
ALL = -PPM
_SLEEP = re.compile(r"\bsleep\s+(\d{1,5})s?\b")


class AutoscalerManifest(kinds.Kubernetes):
    """autoscaling HorizontalPodAutoscaler."""

    metadata: kinds.ObjectMeta
    spec: AutoscalerSpec


def lifecycle(spec: kinds.PodSpec) -> Lifecycle:
    """Of a pod's containers the slowest counts. Manifests do not say how long a process takes to listen."""
    probes = [one.readiness_probe for one in spec.containers if one.readiness_probe is not None]
    hooks = [one.lifecycle.pre_stop for one in spec.containers if one.lifecycle and one.lifecycle.pre_stop]
    grace = spec.termination_grace_period_seconds
    return Lifecycle(
        probe_delay=seconds(max((probe.initial_delay_seconds or 0 for probe in probes), default=0)),
        probe_period=seconds(max((probe.period_seconds or 10 for probe in probes), default=0)),
        pre_stop=seconds(max(map(slept, hooks), default=0)),
        grace=seconds(30 if grace is None else grace),
        cpu_request=sum(map(requested, spec.containers)),
    )


def slept(hook: Hook) -> int:
    """Seconds that a hook takes: a sleep action, or a command that sleeps; 0 for any other."""
    if hook.sleep is not None:
        return hook.sleep.seconds
    command = " ".join(hook.command.command or ()) if hook.command else ""
    return sum(int(number) for number in _SLEEP.findall(command))


def requested(container: kinds.ContainerManifest) -> int:
    """CPU that a container requests, in thousandths of a core; 0 where it is not said, or not understood."""
    requests = container.resources.requests if container.resources else None
    if requests is None or requests.cpu is None:
        return 0
    try:
        return millicores(requests.cpu)
    except UnitError:
        return 0


def strategy(kind: str, written: Strategy | None, source: Source) -> tuple[int, int, list[Problem]]:
    """maxSurge, maxUnavailable, and what is wrong with them. Recreate is all of the old pods at once; a StatefulSet
    replaces one pod after the other."""
    if kind != "Deployment":
        return 0, 1, []
    if written is None or written.type == "Recreate":
        return (DEFAULT, DEFAULT, []) if written is None else (0, ALL, [])
    found, problems = [DEFAULT, DEFAULT], []
    rolling = written.rolling_update
    given = (rolling.max_surge, rolling.max_unavailable) if rolling else (None, None)
    for place, (key, value) in enumerate(zip(("maxSurge", "maxUnavailable"), given, strict=True)):
        try:
            found[place] = DEFAULT if value is None else amount(value)
        except UnitError as error:
            where = source.at("spec", "strategy", "rollingUpdate", key)
            problems.append(where.problem(error.message, error.hint))
    if not problems and found == [0, 0]:
        where = source.at("spec", "strategy", "rollingUpdate")
        problems.append(where.problem("maxSurge and maxUnavailable are both 0", "Nothing could be replaced."))
    return found[0], found[1], problems


def read_autoscaler(data: Map, source: Source, objects: Objects) -> list[Problem]:
    """Adds a HorizontalPodAutoscaler on CPU; of other metrics a notice is left."""
    manifest, problems = validate(AutoscalerManifest, data, source)
    if manifest is None:
        return problems
    spec, meta = manifest.spec, manifest.metadata
    target = spec.scale_target_ref
    path = f"{target.kind.lower()}/{meta.namespace or 'default'}/{target.name}"
    for index, metric in enumerate(spec.metrics or ()):
        if cpu_target(metric.resource) is None:
            where = source.at("spec", "metrics", index)
            objects.notices.append(where.problem("only CPU utilisation is modelled; this metric is passed over"))
    found = [cpu_target(metric.resource) for metric in spec.metrics or ()]
    wanted = next((one for one in found if one is not None), spec.target_cpu if spec.metrics is None else None)
    if wanted is None and spec.metrics:
        return []
    rules = (spec.behavior.scale_up, spec.behavior.scale_down) if spec.behavior else (None, None)
    up, down = (None if rule is None else rule.stabilization_window_seconds for rule in rules)
    windows = (None if up is None else seconds(up), None if down is None else seconds(down))
    least = 1 if spec.min_replicas is None else spec.min_replicas
    objects.autoscalers.append(
        AutoscalerPlan(path, least, spec.max_replicas, (wanted or 80) * (PPM // 100), windows, source)
    )
    return []


def cpu_target(resource: object) -> int | None:
    """The wanted CPU utilisation in percent, None where something else is wanted."""
    name, target = getattr(resource, "name", None), getattr(resource, "target", None)
    return getattr(target, "average_utilization", None) if name == "cpu" else None


def workloads_of(objects: Objects, pods: dict[str, int]) -> tuple[Workload, ...]:
    """The workloads sorted by path; ``pods`` says how many each has from the start."""
    found = {plan.path: _workload(plan, pods.get(plan.path, plan.replicas)) for plan in objects.workloads}
    return tuple(found[path] for path in sorted(found))


def _workload(plan: WorkloadPlan, replicas: int) -> Workload:
    template: Template = plan.template
    return Workload(
        path=plan.path,
        replicas=replicas,
        labels=template.labels,
        containers=template.containers,
        host_network=template.host_network,
        selector=template.selector,
        node=template.node,
        lifecycle=template.lifecycle,
        max_surge=DEFAULT if plan.max_surge is None else plan.max_surge,
        max_unavailable=DEFAULT if plan.max_unavailable is None else plan.max_unavailable,
    )


def autoscalers_of(
    objects: Objects, workloads: Sequence[Workload], problems: list[Problem]
) -> tuple[Autoscaler, ...]:
    """The autoscalers of workloads that there are; those whose pods request no CPU do nothing, as in Kubernetes."""
    known = {one.path: one for one in workloads if not one.path.startswith("daemonset/")}
    found: list[Autoscaler] = []
    for plan in objects.autoscalers:
        problems.extend(_unfit(plan, known))
        if plan.workload in known and known[plan.workload].lifecycle.cpu_request:
            up, down = plan.windows
            found.append(
                Autoscaler(
                    plan.workload, plan.least, plan.most, plan.target, up or 0, seconds(300) if down is None else down
                )
            )
        elif plan.workload in known:
            message = f"its metric is missing: the pods of {plan.workload} request no CPU"
            notice = plan.source.problem(message, "Nothing is scaled.")
            objects.notices += [] if notice in objects.notices else [notice]
    return tuple(found)


def _unfit(plan: AutoscalerPlan, known: dict[str, Workload]) -> Iterator[Problem]:
    if plan.least > plan.most:
        yield plan.source.problem(f"minReplicas {plan.least} is more than maxReplicas {plan.most}")
    if plan.workload not in known:
        where = plan.source.at("spec", "scaleTargetRef")
        yield where.problem(f"there is no {quote(plan.workload)}", nearest(plan.workload, known))
