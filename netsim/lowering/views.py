"""Views: which endpoints of a Service each node chooses among, by traffic policy, distribution and readiness.

Pure functions over numbers, for lowering and for the control plane at run time. Sources: kubernetes/kubernetes
pkg/proxy/topology.go (CategorizeEndpoints), KEP-1669, KEP-2086, KEP-3015, KEP-4444; hints of topology-mode Auto:
staging/src/k8s.io/endpointslice/topologycache (KEP-2433).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from netsim.model.cluster import Node, Service, TrafficPolicy

Numbers = tuple[int, ...]
CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Backend:
    """An endpoint as its EndpointSlice has it; ``number`` is its id, ``node`` that of its node. ``serving`` endpoints
    that are ``terminating`` are used where no other is ready."""

    number: int
    node: int
    ready: bool = True
    serving: bool = True
    terminating: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """A node: its id, zone and cores; ``counted`` is False for a control plane's own."""

    node: int
    zone: str
    cores: int
    counted: bool = True


def site(number: int, node: Node) -> Site:
    """The site of a node of the cluster."""
    return Site(number, node.zone, node.cores, not any(key in CONTROL_PLANE for key, _ in node.labels))


def usable(service: Service, backends: Sequence[Backend]) -> list[Backend]:
    """The endpoints that are ready; without any, those that serve while they terminate (KEP-1669). All of them where
    the Service publishes addresses that are not ready."""
    if service.publish_not_ready:
        return list(backends)
    ready = [one for one in backends if one.ready and not one.terminating]
    return ready or [one for one in backends if one.serving and one.terminating]


def members_of(service: Service, backends: Sequence[Backend]) -> Numbers:
    """What decides whether a Service has any endpoint at all."""
    return tuple(one.number for one in usable(service, backends))


def views_of(
    service: Service, outside: bool, backends: Sequence[Backend], sites: Sequence[Site]
) -> dict[int, Numbers]:
    """The endpoints that each node chooses among for traffic from ``outside`` or from inside; nothing where all choose
    among ``members_of``. A node with an empty view has no endpoint of its own."""
    policy = service.external_policy if outside else service.internal_policy
    if policy == TrafficPolicy.LOCAL:
        at: dict[int, list[Backend]] = {}
        for one in backends:
            at.setdefault(one.node, []).append(one)
        return {where.node: members_of(service, at.get(where.node, ())) for where in sites}
    if not service.distribution:
        return {}
    found = usable(service, backends)
    if any(one.terminating for one in found) and not service.publish_not_ready:
        return {}  # only ready endpoints have hints
    return _by_hints(service.distribution, found, sites)


def _by_hints(distribution: str, found: Sequence[Backend], sites: Sequence[Site]) -> dict[int, Numbers]:
    """Endpoints of the same node where that is preferred and there are some, else of the same zone, else all."""
    zone_of = {where.node: where.zone for where in sites}
    zones: Sequence[str] = [zone_of.get(one.node, "") for one in found]
    if distribution == "Auto":
        zones = allocated(zones, sites)
    everybody = tuple(one.number for one in found)
    by_zone: dict[str, list[int]] = {}
    by_node: dict[int, list[int]] = {}
    for one, zone in zip(found, zones, strict=True):
        by_zone.setdefault(zone, []).append(one.number)
        if distribution == "PreferSameNode":
            by_node.setdefault(one.node, []).append(one.number)
    hinted = by_zone if all(zones) else {}
    return {where.node: tuple(by_node.get(where.node) or hinted.get(where.zone) or everybody) for where in sites}


def allocated(zones: Sequence[str], sites: Sequence[Site]) -> list[str]:
    """The zone that each endpoint serves, given those that they are in, in proportion to the cores of the zones; all
    empty where that is not possible without giving some endpoint a fifth more load than another.

    There are no hints either with fewer than two zones, fewer endpoints than zones, or a node without a zone.
    """
    nothing = [""] * len(zones)
    cores = Counter[str]()
    for where in sites:
        if where.counted:
            cores[where.zone] += where.cores
    total = sum(cores.values())
    if "" in cores or "" in zones or not 2 <= len(cores) <= len(zones):
        return nothing
    desired = {zone: Fraction(share * len(zones), total) for zone, share in cores.items()}
    least = {zone: -(-wish * 5 // 6) for zone, wish in desired.items()}  # 1 / (1 + overloadThreshold), rounded up
    if sum(least.values()) > len(zones):
        return nothing
    return _redistributed(zones, {zone: max(wish, Fraction(least[zone])) for zone, wish in desired.items()})


def _redistributed(zones: Sequence[str], desired: dict[str, Fraction]) -> list[str]:
    """Zones with more endpoints than their share give some to those with fewer, one after the other from the one with
    the most to spare to the one that lacks the most."""
    lacks = {zone: wish - zones.count(zone) for zone, wish in desired.items()}
    served = list(zones)
    while True:
        giver = min(sorted(lacks), key=lacks.__getitem__)
        receiver = max(sorted(lacks), key=lacks.__getitem__)
        spare, lack = -lacks[giver], lacks[receiver]
        if spare <= 0 or lack < HALF or spare + lack < 1:
            return served
        served[served.index(giver)] = receiver
        lacks[giver] += 1
        lacks[receiver] -= 1
