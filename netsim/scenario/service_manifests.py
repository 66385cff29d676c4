"""Reads Services of manifests: how they are reached, and how an endpoint is chosen for a connection."""

from collections.abc import Iterator
from ipaddress import IPv4Network, ip_network

from netsim.errors import Problem, nearest, quote
from netsim.model.cluster import TrafficPolicy
from netsim.scenario import kinds
from netsim.scenario.located import Map
from netsim.scenario.objects import Objects, ServicePlan, ServicePortPlan
from netsim.scenario.validation import Source, validate
from netsim.units import seconds

KINDS = ("ClusterIP", "NodePort", "LoadBalancer")
POLICIES = (TrafficPolicy.CLUSTER, TrafficPolicy.LOCAL)
AFFINITIES = ("None", "ClientIP")
AFFINITY_SECONDS = 10_800  # the API's default of timeoutSeconds
DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")
AUTO = "Auto"  # of the annotation, which wins over trafficDistribution (KEP-4444)
TOPOLOGY_MODES = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")
PROTOCOLS = ("TCP", "UDP")


def read_service(data: Map, source: Source, objects: Objects) -> list[Problem]:
    """Adds a Service; returns what is wrong with it. healthCheckNodePort and the like change nothing here."""
    service, problems = validate(kinds.ServiceManifest, data, source)
    if service is None:
        return problems
    meta, spec = service.metadata, service.spec
    kind = spec.type or KINDS[0]
    if kind not in KINDS:
        objects.ignored.setdefault(f"Service of type {kind}", []).append(source)
        return problems
    problems.extend(_unknown_words(spec, source.at("spec")))
    ranges = list(_ranges(spec.load_balancer_source_ranges or [], source.at("spec"), problems))
    objects.services.append(
        ServicePlan(
            namespace=meta.namespace or "default",
            name=meta.name,
            kind=kind,
            ports=tuple(_ports(spec)),
            source=source,
            selector=tuple(sorted((spec.selector or {}).items())),
            external_policy=spec.external_traffic_policy or TrafficPolicy.CLUSTER,
            internal_policy=spec.internal_traffic_policy or TrafficPolicy.CLUSTER,
            affinity=_affinity(spec),
            distribution=_distribution(meta, spec),
            headless=spec.cluster_ip == "None",
            publish_not_ready=bool(spec.publish_not_ready_addresses),
            external_ips=tuple(spec.external_ips or ()),
            source_ranges=tuple(ranges),
        )
    )
    return problems


def _ports(spec: kinds.ServiceSpec) -> Iterator[ServicePortPlan]:
    for port in spec.ports or ():
        protocol = port.protocol or PROTOCOLS[0]
        if protocol in PROTOCOLS:
            target = port.port if port.target_port is None else port.target_port
            yield ServicePortPlan(port.port, target, port.node_port, protocol, port.name or "")


def _affinity(spec: kinds.ServiceSpec) -> int:
    if spec.session_affinity != AFFINITIES[1]:
        return 0
    config = spec.session_affinity_config
    told = config.client_ip.timeout_seconds if config and config.client_ip else None
    return seconds(told or AFFINITY_SECONDS)


def _distribution(meta: kinds.ObjectMeta, spec: kinds.ServiceSpec) -> str:
    modes = [(meta.annotations or {}).get(key, "").lower() for key in TOPOLOGY_MODES]
    return AUTO if AUTO.lower() in modes else spec.traffic_distribution or ""


def _unknown_words(spec: kinds.ServiceSpec, place: Source) -> Iterator[Problem]:
    told = (
        ("externalTrafficPolicy", spec.external_traffic_policy, POLICIES),
        ("internalTrafficPolicy", spec.internal_traffic_policy, POLICIES),
        ("sessionAffinity", spec.session_affinity, AFFINITIES),
        ("trafficDistribution", spec.traffic_distribution, DISTRIBUTIONS),
    )
    for key, word, known in told:
        if word is not None and word not in known:
            yield place.at(key).problem(f"{quote(word)} is not known", nearest(word, known))


def _ranges(written: list[str], place: Source, problems: list[Problem]) -> Iterator[IPv4Network]:
    """The IPv4 networks among loadBalancerSourceRanges; nobody has an IPv6 address here."""
    for index, text in enumerate(written):
        try:
            network = ip_network(text.strip())
        except ValueError as error:
            where = place.at("loadBalancerSourceRanges", index)
            problems.append(where.problem(f"{quote(text)} is not a network", f"{error}."))
            continue
        if isinstance(network, IPv4Network):
            yield network
