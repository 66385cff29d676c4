"""Events of a scenario file: what they name is found, and manifests that are applied are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from netsim import fabric
from netsim.errors import Problem, nearest, quote
from netsim.fabric import FabricError
from netsim.model.cluster import External, Node
from netsim.model.fabric import Machine
from netsim.model.policy import NetworkPolicy
from netsim.model.workload import Autoscaler, Event, Workload
from netsim.scenario.lifecycles import autoscalers_of, workloads_of
from netsim.scenario.manifests import read_manifests
from netsim.scenario.network import Network
from netsim.scenario.objects import Objects
from netsim.scenario.pools import Machines
from netsim.scenario.references import NODE, Directory
from netsim.scenario.schema import Spec
from netsim.scenario.schema_control import ACTION_FIELDS, EventSection
from netsim.scenario.source import inside
from netsim.scenario.validation import Source
from netsim.units import UnitError

SCALED = ("deployment", "statefulset")
BILLIONTHS = 1000  # in one part per million


@dataclass(slots=True)
class Later:
    """What may change while a scenario runs."""

    workloads: tuple[Workload, ...] = ()
    autoscalers: tuple[Autoscaler, ...] = ()
    events: tuple[Event, ...] = ()


class Stock(Protocol):
    """What was asked for, and the machines that there are."""

    objects: Objects
    machines: Machines


Place = tuple[Directory, Network | None, Sequence[External]]


def later_of(spec: Spec, stock: Stock, place: Place, found_in: tuple[Source, list[Problem]]) -> Later:
    """Workloads with their autoscalers, and the events of a variant; ``found_in`` is the spec and what is wrong."""
    source, problems = found_in
    directory, network, externals = place
    objects, nodes = stock.objects, stock.machines.nodes
    found = Later(workloads_of(objects, {path: len(pods) for path, pods in directory.workloads.items()}))
    found.autoscalers = autoscalers_of(objects, found.workloads, problems)
    if network is not None:
        around = surroundings(directory, network, nodes, externals)
        found.events = events_of(spec.events, around, source.at("events"), problems)
    return found


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What events can name: workloads, nodes, and the cables of the fabric."""

    directory: Directory
    nodes: frozenset[str]
    cables: frozenset[str]


def surroundings(
    directory: Directory, network: Network, nodes: Sequence[Node], externals: Sequence[External]
) -> Surroundings:
    """Of a variant."""
    attached = [Machine(node.name, node.nic.bandwidth, node.zone, mtu=node.nic.mtu) for node in nodes]
    attached += [Machine(one.name, one.nic.bandwidth, one.zone, one.latency, one.nic.mtu) for one in externals]
    config: Any = network.fabric
    try:
        links = fabric.load(config.topology).topology(config, tuple(attached)).links
    except FabricError:
        links = ()  # told of elsewhere
    names = frozenset(node.name for node in nodes)
    return Surroundings(directory, names, frozenset(link.name for link in links))


def events_of(
    sections: Sequence[EventSection], around: Surroundings, source: Source, problems: list[Problem]
) -> tuple[Event, ...]:
    """The events in the order of time; ``source`` is the list of events."""
    found: list[Event] = []
    for index, section in enumerate(sections):
        try:
            found.append(_event(section, around, source.at(index), problems))
        except UnitError as error:
            problems.append(source.at(index, section.action).problem(error.message, error.hint))
    return tuple(sorted(found, key=lambda event: event.at))


def _event(section: EventSection, around: Surroundings, place: Source, problems: list[Problem]) -> Event:
    action = section.action
    subject = getattr(section, ACTION_FIELDS[action])
    policies: tuple[NetworkPolicy, ...] = ()
    scales: tuple[tuple[str, int], ...] = ()
    if action in ("rollout", "scale"):
        subject = around.directory.find(subject, SCALED)
    elif action == "nodeDown":
        subject = _node(subject, around)
    elif action in ("linkDown", "linkDegrade"):
        subject = _cable(subject, around)
    else:
        policies, scales, wrong = _applied(subject, around, place.at("applyManifests"))
        problems.extend(wrong)
        subject = ", ".join(subject)
    strategy = section.strategy
    return Event(
        at=section.at,
        action=action,
        subject=subject,
        lasts=section.for_,
        replicas=section.replicas,
        rate=section.rate,
        travel=section.latency or 0,
        loss=(section.loss or 0) * BILLIONTHS,
        silent=section.silent,
        policies=policies,
        scales=scales,
        max_surge=strategy.max_surge if strategy else None,
        max_unavailable=strategy.max_unavailable if strategy else None,
    )


def _node(name: str, around: Surroundings) -> str:
    plain = name.removeprefix(f"{NODE}/")
    if plain not in around.nodes:
        raise UnitError(f"there is no node {quote(plain)}", nearest(plain, around.nodes))
    return plain


def _cable(name: str, around: Surroundings) -> str:
    """A cable ``a-b``, or one direction ``a->b`` of it."""
    cables = {f"{near}-{far}" for near, _, far in (link.partition("->") for link in around.cables)}
    if name in around.cables or name in cables:
        return name
    pairs = {cable for cable in cables if cable <= "-".join(reversed(_ends(cable, around)))}
    raise UnitError(f"there is no cable {quote(name)}", nearest(name, pairs if len(pairs) <= 30 else cables))


def _ends(cable: str, around: Surroundings) -> tuple[str, ...]:
    for link in around.cables:
        near, _, far = link.partition("->")
        if cable == f"{near}-{far}":
            return near, far
    return (cable,)


Applied = tuple[tuple[NetworkPolicy, ...], tuple[tuple[str, int], ...], list[Problem]]


def _applied(references: Sequence[str], around: Surroundings, place: Source) -> Applied:
    """The policies and numbers of replicas in manifests; whatever else is in them is a problem, since it would change
    nothing here."""
    objects, problems = Objects(), list[Problem]()
    folder = Path(place.file).parent
    for index, reference in enumerate(references):
        try:
            target = inside(folder, reference)
        except (ValueError, OSError, RuntimeError) as error:
            hint = "Put it beside or below the scenario."
            problems.append(place.at(index).problem(f"{quote(reference)} {error}", hint))
            continue
        problems.extend(read_manifests(target, str(folder / reference), objects))
    scales: list[tuple[str, int]] = []
    for plan in objects.workloads:
        if plan.kind not in SCALED or plan.path not in around.directory.workloads:
            hint = nearest(plan.path, around.directory.workloads)
            problems.append(plan.source.problem(f"{quote(plan.path)} is not there to be changed", hint))
        else:
            scales.append((plan.path, plan.replicas))
    problems.extend(_useless(objects, place))
    return tuple(plan.policy for plan in objects.policies.values()), tuple(scales), problems


def _useless(objects: Objects, place: Source) -> Iterator[Problem]:
    """Objects that cannot be applied while a scenario runs."""
    others = [("Pods", bool(objects.pods)), ("Services", bool(objects.services)), ("Nodes", bool(objects.nodes))]
    others += [(kind, True) for kind in sorted(objects.ignored)]
    named = [kind for kind, there in others if there]
    if named:
        message = f"{', '.join(named)} cannot be applied while a scenario runs"
        yield place.problem(message, "Apply NetworkPolicies, and Deployments and StatefulSets with other replicas.")
