"""The gravity model, for want of observations: who has more pods asks more, and is asked more.

Of two workloads in one namespace the rate between caller and Service is proportional to the product of their numbers
of pods; Services open to the outside get a share from the internet in proportion to their endpoints. That traffic
between places follows the product of their sizes is the gravity model of traffic matrices (Zhang, Roughan, Duffield,
Greenberg: "Fast Accurate Computation of Large-Scale IP Traffic Matrices from Link Loads", SIGMETRICS 2003); that pods
are a workload's size, that namespaces do not talk to each other, and all numbers below are assumed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from zlib import crc32

from netsim.importing.findings import Finding
from netsim.importing.flows.flow import Ends, Flow, Observed
from netsim.importing.who import INTERNET, Who, tcp_ports
from netsim.model.cluster import Service

PER_POD = 20  # requests per second and pod that is asked, where --rate gives no total (assumed)
CALLERS = 2  # workloads that ask a Service (assumed)
MOST_STREAMS = 100  # so that each has enough requests in a short run to tell its latency
SYSTEM = ("kube-system", "kube-node-lease", "kube-public")


def assumed(who: Who, total: Fraction | None) -> Observed:
    """Streams with ``total`` requests per second among them."""
    weights = dict(_heaviest_streams(_weights(who)))
    found = Observed()
    whole = sum(weights.values())
    if not whole:
        return found
    asked = {ends.to for ends in weights}
    pods = sum(len(who.services[to.removeprefix("svc/")].endpoints) for to in asked)
    rate = Fraction(PER_POD * pods) if total is None else total
    found.flows = [Flow(ends, rate * weight / whole) for ends, weight in weights.items()]
    why = f"{PER_POD} requests per second for each of {pods} pods (assumed)" if total is None else "--rate"
    left = sum(1 for service in who.services.values() if _is_asked(service)) - len(asked)
    if left:
        why = f"{left} Services get no traffic: the {MOST_STREAMS} heaviest streams do"
        found.findings.append(Finding("", why, "write streams for those that matter to you"))
    found.findings += [
        Finding(
            "total rate",
            f"{float(rate):.6g}/s: {why}",
            "this is no measurement; --hubble, --istio or --vpc-flow-logs take yours",
        ),
        Finding(
            "shares",
            "gravity model: between a workload and a Service of its namespace in proportion to the "
            f"product of their pods, for {CALLERS} callers of each Service; from "
            "the internet to LoadBalancer and NodePort Services in proportion to the square of their endpoints",
        ),
        Finding("sizes", "1KiB each way is assumed"),
    ]
    return found


def _heaviest_streams(weights: Iterable[tuple[Ends, int]]) -> list[tuple[Ends, int]]:
    """The heaviest; equals in an order that spreads them over namespaces."""
    ordered = sorted(weights, key=lambda pair: (-pair[1], crc32(str(pair[0]).encode()), str(pair[0])))
    return ordered[:MOST_STREAMS]


def _weights(who: Who) -> Iterator[tuple[Ends, int]]:
    callers: dict[str, list[str]] = defaultdict(list)
    for owner in sorted(who.owners):
        kind, namespace, _ = owner.split("/")
        if kind != "pod" or who.asker(who.owners[owner][0].path) == owner:
            callers[namespace].append(owner)
    for path, service in sorted(who.services.items()):
        if not _is_asked(service):
            continue
        to, size = f"svc/{path}", len(service.endpoints)
        if via := who.way_in(to):
            yield Ends(INTERNET, to, None, via), size * size
        for owner in _heaviest(callers[service.namespace], service, who):
            yield Ends(owner, to), len(who.owners[owner]) * size


def _heaviest(owners: list[str], service: Service, who: Who) -> list[str]:
    """The callers of a Service with most pods; equals in an order that spreads them over the Services."""
    own = {who.asker(pod) for pod in service.endpoints}
    others = [owner for owner in owners if owner not in own]
    others.sort(key=lambda owner: (-len(who.owners[owner]), crc32(f"{owner} {service.path}".encode())))
    return others[:CALLERS]


def _is_asked(service: Service) -> bool:
    return bool(service.endpoints and tcp_ports(service)) and service.namespace not in SYSTEM
