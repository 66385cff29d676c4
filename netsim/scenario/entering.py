"""What a scenario's ways in and out need: the load balancer, controllers, the API server, egress gateways."""

from collections.abc import Iterator
from typing import Any

from netsim.entry import balancers, proxies
from netsim.entry.balancers.proxy import MACHINE
from netsim.entry.balancers.proxy import Config as ProxyConfig
from netsim.errors import Problem, quote
from netsim.model.balancer import EgressGateway, LoadBalancer
from netsim.model.cluster import Behaviour, External, Nic
from netsim.model.datapath import DataPath
from netsim.model.transport import Connections
from netsim.scenario.controllers import api_server_of, controller_of
from netsim.scenario.objects import WORKLOAD_KINDS, Objects
from netsim.scenario.passing import Api, Ingresses, Terminator
from netsim.scenario.pools import Machines
from netsim.scenario.references import EXTERNAL, Directory
from netsim.scenario.schema import Spec
from netsim.scenario.schema_cluster import ClusterSection
from netsim.scenario.validation import Source
from netsim.scenario.ways import Ways
from netsim.units import UnitError


def load_balancer_of(cluster: ClusterSection) -> LoadBalancer:
    """The noun of the chosen kind."""
    config: Any = cluster.load_balancer
    found: LoadBalancer = balancers.load(config.kind).balancer(config)
    return found


def proxy_machine(cluster: ClusterSection) -> External | None:
    """The machine of a load balancer that is an end of connections."""
    config = cluster.load_balancer
    return External(MACHINE, Nic(config.bandwidth), config.cores) if isinstance(config, ProxyConfig) else None


def ways_of(spec: Spec, objects: Objects, directory: Directory, machines: Machines, path: DataPath | None) -> Ways:
    """All that decides how traffic comes in."""
    written: Any = controller_of(spec, objects)
    ingresses = None
    if written is not None:
        proxy = proxies.load(written.controller).proxy(written)
        ingresses = Ingresses(directory, written, proxy, objects.routes, objects.gateways)
    server = api_server_of(spec, machines)
    config = spec.cluster.load_balancer
    terminator = None
    if isinstance(config, ProxyConfig):
        kept = Connections("pooled", config.upstream, config.keepAlive)
        requests = config.choice == "request"
        terminator = Terminator(f"{EXTERNAL}/{MACHINE}", config.work, kept, requests)
    api = None if server is None else Api(server)
    return Ways(directory, load_balancer_of(spec.cluster), path, ingresses, api, terminator)


def passers(ways: Ways, described: tuple[Behaviour, ...]) -> tuple[Behaviour, ...]:
    """The behaviours that a scenario describes, and those of who passes requests on where it does not."""
    made = {**(ways.ingresses.made if ways.ingresses else {}), **(ways.api.made if ways.api else {})}
    known = {behaviour.target for behaviour in described}
    more = tuple(one for target, one in made.items() if target not in known)
    return tuple(sorted((*described, *more), key=lambda one: one.target))


def egress_gateways(
    cluster: ClusterSection, directory: Directory, source: Source, problems: list[Problem]
) -> tuple[EgressGateway, ...]:
    """The egress gateways; ``source`` is their list."""
    found: dict[str, EgressGateway] = {}
    taken: dict[str, str] = {}
    for index, section in enumerate(cluster.egress_gateways):
        place = source.at(index)
        if section.name in found:
            problems.append(place.at("name").problem(f"there are two egress gateways named {quote(section.name)}"))
        problems.extend(_unknown_nodes(section.nodes, directory, place))
        workloads: list[str] = []
        for number, reference in enumerate(section.workloads):
            where = place.at("workloads", number)
            try:
                workload = directory.find(reference, WORKLOAD_KINDS)
            except UnitError as error:
                problems.append(where.problem(error.message, error.hint))
                continue
            if taken.setdefault(workload, section.name) != section.name:
                problems.append(where.problem(f"{quote(workload)} has the gateway {quote(taken[workload])} already"))
            workloads.append(workload)
        found[section.name] = EgressGateway(section.name, tuple(section.nodes), tuple(workloads))
    return tuple(found[name] for name in sorted(found))


def _unknown_nodes(names: list[str], directory: Directory, place: Source) -> Iterator[Problem]:
    for number, name in enumerate(names):
        try:
            directory.find(f"node/{name}", ("node",))
        except UnitError as error:
            yield place.at("nodes", number).problem(error.message, error.hint)


def gateway_of(gateways: tuple[EgressGateway, ...], path: DataPath | None) -> dict[str, str]:
    """The name of each workload's gateway; pods on their nodes' networks have none."""
    if path is not None and path.pods_on_host_network:
        return {}
    return {workload: gateway.name for gateway in gateways for workload in gateway.workloads}
