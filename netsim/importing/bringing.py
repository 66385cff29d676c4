"""Puts an import together: objects, network, machines, traffic, and the files that they become."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, BinaryIO

from netsim import cni
from netsim.errors import Problem, ScenarioError
from netsim.importing.cidrs import cluster_name, pod_range, service_range
from netsim.importing.dump import Dump, Thing, read_dumps
from netsim.importing.entrances import balancer, controller, ingress
from netsim.importing.findings import Finding, Notes
from netsim.importing.flows import gravity, hubble, istio, vpc
from netsim.importing.flows.flow import Ends, Flow, Observed, heaviest
from netsim.importing.flows.permitted import permit
from netsim.importing.inputs import Input
from netsim.importing.inputs import read as read_text
from netsim.importing.kube_proxy import guess_proxy
from netsim.importing.machines import machinery
from netsim.importing.manifests import FOLDER, Manifests, located, manifests
from netsim.importing.network import guess_cni
from netsim.importing.population import populate
from netsim.importing.scenario_text import duration_for, scenario_text, told_duration
from netsim.importing.shapes import Data
from netsim.importing.who import Who, everybody
from netsim.importing.yaml_text import without_collection
from netsim.model.config import Strict
from netsim.scenario.build import Inventory, build, take_stock
from netsim.scenario.events import documents
from netsim.scenario.schema import ScenarioFile, Spec
from netsim.scenario.validation import Source, validate
from netsim.units import show_duration

SCENARIO = "scenario.yaml"
READERS = {"hubble": hubble.read, "istio": istio.read, "vpc": vpc.read}
ECHO = 7  # the port of RFC 862


@dataclass(frozen=True, slots=True)
class Request:
    """What to import: dumps, traffic as (reader, file), a factor on observed rates, a total for assumed ones."""

    dumps: list[Input]
    traffic: list[tuple[str, Input]] = field(default_factory=list)
    scale: Fraction = Fraction(1)
    rate: Fraction | None = None
    name: str = "imported"


@dataclass(slots=True)
class Imported:
    """``files`` by path below the output directory; ``told`` is the summary; ``problems`` what still keeps the
    scenario from running."""

    files: dict[str, str]
    told: list[str]
    problems: list[Problem]


def bring_in(request: Request, stdin: BinaryIO | None = None) -> Imported:
    """Reads everything and makes the files; raises ScenarioError where an input is unreadable."""
    with without_collection():
        return _brought(request, stdin)


def _brought(request: Request, stdin: BinaryIO | None) -> Imported:
    dump = read_dumps(request.dumps, stdin)
    notes = Notes()
    population = populate(dump)
    parts, things = _network(dump, population.things, notes)
    written = manifests(things)
    counted = population.left_out + written.left_out
    notes.add("manifests", *population.findings, *written.findings, *_kept(written))
    name = _name(cluster_name(dump) or request.name)
    inventory = _stock(name, parts, written)
    who = everybody(dump, inventory)
    observed = _traffic(request, (dump, inventory, who), stdin)
    flows = heaviest(observed.flows, request.scale if request.traffic else Fraction(1), observed.findings)
    if not flows:
        flows, more = _something(who, inventory, observed)
        parts |= more
    section, told = ingress(dump, who, [one.ends.via or "" for one in flows])
    parts |= {"ingress": section} if section else {}
    notes.add("ingress" if section else "traffic", *told)
    rate = sum((one.rate for one in flows), Fraction(0))
    notes.add("run", told_duration(rate))
    notes.add("traffic", *_of_traffic(observed, request))
    notes.add("about", *_about(dump, inventory))
    run = {"duration": show_duration(duration_for(rate)), "seed": 1}
    spec = {"manifests": written.read, "run": run, **parts} if written.read else {"run": run, **parts}
    text = scenario_text(name, spec, flows, notes)
    return Imported(
        files={SCENARIO: text, **written.files},
        told=[*_summary(dump, counted, written), *_findings(notes)],
        problems=_check(text, written),
    )


def _network(dump: Dump, things: list[Thing], notes: Notes) -> tuple[Data, list[Thing]]:
    """The sections cluster, cni and proxy, and all objects with Nodes as netsim reads them."""
    guess = guess_cni(dump)
    module = cni.load(guess.kind)
    config: Strict = module.Config.model_validate(guess.settings)
    path = module.data_path(config)
    outer = path.fixed_mtu + path.mtu_overhead if path.fixed_mtu else None
    if path.fixed_mtu and path.encapsulation:
        outer = max(outer or 0, path.fixed_mtu + path.encapsulation.header_bytes)
    proxy = guess_proxy(dump, bool(module.replaces_proxy(config)), guess.kind)
    machines = machinery(dump, things, outer)
    entrance, entrance_why = balancer(dump)
    pods, pods_why = pod_range(dump, guess.kind)
    services, services_why = service_range(dump, pods)
    notes.add("cluster", pods_why, services_why, *machines.findings, *entrance_why)
    notes.add("cni", *guess.findings)
    cluster: Data = {"podCIDR": str(pods), "serviceCIDR": str(services), "nodePools": machines.pools}
    cluster |= {"loadBalancer": entrance} if entrance else {}
    parts: Data = {"cluster": cluster, "cni": {"plugin": guess.kind, **guess.settings}}
    if proxy is not None:
        notes.add("proxy", *proxy.findings)
        parts["proxy"] = {"mode": proxy.kind, **proxy.settings}
    else:
        notes.add("cni", Finding("", f"{guess.kind} translates Service addresses, so there is no kube-proxy"))
    others = [thing for thing in things if thing.kind != "Node" or thing.group]
    return parts, [*machines.nodes, *others]


def _spec(name: str, parts: Data, traffic: list[Data]) -> Data:
    return {
        "apiVersion": "netsim/v1alpha1",
        "kind": "Scenario",
        "metadata": {"name": name},
        "spec": {**parts, "traffic": traffic},
    }


def _stock(name: str, parts: Data, written: Manifests) -> Inventory:
    """The cluster as netsim will have it."""
    placeholder = [{"name": "none", "from": "internet", "to": "svc/none/none", "rate": "1/s"}]
    root: Any = located(_spec(name, parts, placeholder))
    source = Source(SCENARIO, root, (), "spec.")
    spec, problems = validate(ScenarioFile, root, source)
    if spec is None:
        raise ScenarioError(problems)
    return take_stock(spec.spec, written.objects, source.at("spec"))


def _check(text: str, written: Manifests) -> list[Problem]:
    """What netsim will say of the scenario that was made."""
    root = documents(text, SCENARIO)[0].value
    source = Source(SCENARIO, root, (), "spec.")
    file, problems = validate(ScenarioFile, root, source)
    if file is None:
        return problems
    spec: Spec = file.spec
    inventory = take_stock(spec, written.objects, source.at("spec"))
    name = file.metadata.name, str(spec.cni.get("plugin", ""))
    return list(dict.fromkeys(build(name, spec, inventory, source.at("spec"))[1]))


def _traffic(request: Request, known: tuple[Dump, Inventory, Who], stdin: BinaryIO | None) -> Observed:
    """What all logs saw together, or what gravity says."""
    dump, inventory, who = known
    if not request.traffic:
        front = controller(dump, who)
        routes = inventory.objects.routes
        ground = gravity.Ground(who, permit(inventory, who), routes, front.workload if front else None)
        return gravity.assumed(ground, request.rate)
    whole = Observed()
    for kind, one in request.traffic:
        found = READERS[kind](read_text(one, stdin), one.name, who)
        whole.flows += found.flows
        whole.findings += found.findings
        whole.unmapped += found.unmapped
    return whole


def _something(who: Who, inventory: Inventory, observed: Observed) -> tuple[list[Flow], Data]:
    """One stream where nothing else gives any: a scenario without traffic is none."""
    node = inventory.machines.nodes[0].name if inventory.machines.nodes else "node-0"
    services = sorted(path for path in who.services if who.at_service(path, 0))
    if services:
        observed.findings.append(Finding("", f"no traffic was found or could be assumed; node {node} asks one Service"))
        return [Flow(Ends(f"node/{node}", f"svc/{services[0]}"), Fraction(100))], {}
    observed.findings.append(Finding("", "there is no Service with endpoints; two pods of netsim's own talk instead"))
    added = [{"target": "pod/netsim/ping", "ports": [ECHO]}, {"target": "pod/netsim/pong", "ports": [ECHO]}]
    return [Flow(Ends("pod/netsim/ping", "pod/netsim/pong"), Fraction(100))], {"workloads": added}


def _of_traffic(observed: Observed, request: Request) -> Iterator[Finding]:
    yield from observed.findings
    if request.traffic and request.scale != 1:
        yield Finding("scale", f"all rates are {float(100 * request.scale):.6g} % of what was observed (--scale)")
    for reason, count in sorted(observed.unmapped.items()):
        yield Finding("", f"left out: {count} {reason}")
    yield Finding(
        "",
        "how long a workload works on a request, and whom it then calls, no dump tells; add workloads: "
        "[{target: deployment/shop/cart, cpuTime: 200us, calls: [{to: svc/shop/db}]}]",
    )


def _about(dump: Dump, inventory: Inventory) -> Iterator[Finding]:
    counts = f"{len(inventory.machines.nodes)} nodes, {len(inventory.pods)} pods, {len(inventory.services)} Services"
    yield Finding(
        "",
        f"{counts}, from {len(dump.things)} objects of the dump. Each comment says what was concluded "
        "and from which evidence.",
    )


def _kept(written: Manifests) -> Iterator[Finding]:
    if written.kept:
        yield Finding(
            "",
            f"{FOLDER}/unused.yaml keeps {sum(written.kept.values())} objects that netsim does not read: "
            + ", ".join(sorted({kind for kind, _ in written.kept})),
        )


def _summary(dump: Dump, left_out: Counter[tuple[str, str]], written: Manifests) -> Iterator[str]:
    kinds = Counter(thing.kind for thing in dump.things)
    yield "read: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    for (kind, reason), count in sorted(written.kept.items()):
        yield f"kept, not used: {count} {kind}: {reason}"
    for (kind, reason), count in sorted(left_out.items()):
        yield f"left out: {count} {kind}: {reason}"


def _findings(notes: Notes) -> Iterator[str]:
    for part in ("manifests", "cluster", "cni", "proxy", "ingress", "traffic", "run"):
        yield from (f"{part}: {finding}" for finding in notes.on(part))


def _name(written: str) -> str:
    """A name of RFC 1123 like the one written."""
    return re.sub(r"[^a-z0-9.]+", "-", written.lower()).strip("-.")[:63].strip("-.") or "imported"
