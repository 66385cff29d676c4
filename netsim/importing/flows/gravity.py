"""The gravity model, for want of observations: who has more pods asks more, and is asked more.

Of two workloads in one namespace the rate between caller and Service is proportional to the product of their numbers
of pods; Services open to the outside get a share from the internet in proportion to their endpoints. That traffic
between places follows the product of their sizes is the gravity model of traffic matrices (Zhang, Roughan, Duffield,
Greenberg: "Fast Accurate Computation of Large-Scale IP Traffic Matrices from Link Loads", SIGMETRICS 2003); that pods
are a workload's size, that namespaces do not talk to each other, and all numbers below are assumed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from zlib import crc32

from netsim.importing.findings import Finding
from netsim.importing.flows.flow import Ends, Flow, Observed
from netsim.importing.flows.permitted import Permit
from netsim.importing.who import INTERNET, Who, tcp_ports
from netsim.model.cluster import Service
from netsim.scenario.routes import Backend, RoutePlan

PER_POD = 20  # requests per second and pod that is asked, where --rate gives no total (assumed)
CALLERS = 2  # workloads that ask a Service (assumed)
MOST_STREAMS = 100  # so that each has enough requests in a short run to tell its latency
SYSTEM = ("kube-system", "kube-node-lease", "kube-public")


@dataclass(frozen=True, slots=True)
class Ground:
    """What the model looks at. ``routes`` are Ingress objects and HTTPRoutes by their path; ``front`` is the workload
    of the ingress controller, which neither asks nor is asked for itself."""

    who: Who
    permit: Permit
    routes: dict[str, RoutePlan] = field(default_factory=dict)
    front: str | None = None


def assumed(ground: Ground, total: Fraction | None) -> Observed:
    """Streams with ``total`` requests per second among them."""
    found = Observed()
    able = [(ends, weight) for ends, weight in _weights(ground) if _counted(ends, ground, found)]
    weights = dict(_heaviest_streams(able))
    whole = sum(weights.values())
    if not whole:
        return found
    asked = {ends.to.removeprefix("svc/") for ends in weights}
    pods = sum(len(ground.who.services[path].endpoints) for path in asked)
    rate = Fraction(PER_POD * pods) if total is None else total
    found.flows = [Flow(ends, rate * weight / whole) for ends, weight in weights.items()]
    why = f"{PER_POD} requests per second for each of {pods} pods (assumed)" if total is None else "--rate"
    check = "this is no measurement; --hubble, --istio or --vpc-flow-logs take yours"
    found.findings.append(Finding("total rate", f"{float(rate):.6g}/s: {why}", check))
    left = sum(1 for service in ground.who.services.values() if _is_asked(service, ground)) - len(asked)
    if left:
        why = f"{left} Services get no traffic, since only the {MOST_STREAMS} heaviest streams are kept"
        found.findings.append(Finding("", why, "write streams for those that matter to you"))
    found.findings.append(_shares())
    found.findings.append(Finding("sizes", "1KiB each way is assumed"))
    return found


def _shares() -> Finding:
    why = (
        "gravity model: between a workload and a Service of its namespace in proportion to the product of their pods, "
        f"for {CALLERS} callers of each Service; from the internet to what LoadBalancer and NodePort Services, Ingress "
        "objects and HTTPRoutes lead to, in proportion to the square of its endpoints"
    )
    return Finding("shares", why)


def _counted(ends: Ends, ground: Ground, found: Observed) -> bool:
    """Whether policies let a stream be; those that they forbid are counted."""
    allowed = ground.permit(ends)
    if not allowed:
        found.unmapped["pairs that network policies forbid"] += 1
    return allowed


def _heaviest_streams(weights: Iterable[tuple[Ends, int]]) -> list[tuple[Ends, int]]:
    """The heaviest; equals in an order that spreads them over namespaces."""
    ordered = sorted(weights, key=lambda pair: (-pair[1], crc32(str(pair[0]).encode()), str(pair[0])))
    return ordered[:MOST_STREAMS]


def _weights(ground: Ground) -> Iterator[tuple[Ends, int]]:
    who = ground.who
    callers: dict[str, list[str]] = defaultdict(list)
    for owner in sorted(who.owners):
        kind, namespace, _ = owner.split("/")
        if owner != ground.front and (kind != "pod" or who.asker(who.owners[owner][0].path) == owner):
            callers[namespace].append(owner)
    routed = dict(_routed(ground))
    for path, service in sorted(who.services.items()):
        if not _is_asked(service, ground):
            continue
        to, size = f"svc/{path}", len(service.endpoints)
        if via := who.way_in(to) or routed.get(path):
            yield Ends(INTERNET, to, None, via), size * size
        for owner in _heaviest(callers[service.namespace], service, who):
            yield Ends(owner, to), len(who.owners[owner]) * size


def _routed(ground: Ground) -> Iterator[tuple[str, str]]:
    """The Services that routes lead to, each with its first route; a rule that leads nowhere serves nobody."""
    for path, route in sorted(ground.routes.items(), reverse=True):
        for service in {backend.service for rule in route.rules for backend in rule.backends}:
            rule = route.towards(service)
            if rule and all(_leads_somewhere(backend, ground.who) for backend in rule.backends):
                yield service, path


def _leads_somewhere(backend: Backend, who: Who) -> bool:
    if who.at_service(backend.service, 0) is None:
        return False
    service = who.services[backend.service]
    return backend.port in (None, *service.ports, *(one.name for one in service.targets if one.name))


def _heaviest(owners: list[str], service: Service, who: Who) -> list[str]:
    """The callers of a Service with most pods; equals in an order that spreads them over the Services."""
    own = {who.asker(pod) for pod in service.endpoints}
    others = [owner for owner in owners if owner not in own]
    others.sort(key=lambda owner: (-len(who.owners[owner]), crc32(f"{owner} {service.path}".encode())))
    return others[:CALLERS]


def _is_asked(service: Service, ground: Ground) -> bool:
    if not service.endpoints or not tcp_ports(service) or service.namespace in SYSTEM:
        return False
    return ground.who.asker(service.endpoints[0]) != ground.front
