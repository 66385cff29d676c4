"""Calling: how the calls of a scenario file are made, as the model has it, and what does not go together."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from netsim.errors import quote
from netsim.headers import UDP_IP
from netsim.model.cluster import Call, Pod, Service
from netsim.model.law import Law, Shape
from netsim.model.transport import Tls
from netsim.scenario.interfaces import Interfaces
from netsim.scenario.names import DOMAIN, asked, lookups
from netsim.scenario.references import EXTERNAL, SERVICE, Directory
from netsim.scenario.schema_calls import UDP, Manner
from netsim.scenario.schema_dns import DnsSection
from netsim.scenario.schema_load import LARGEST_DATAGRAM
from netsim.scenario.validation import Source
from netsim.units import UnitError, seconds

UDP_TIMEOUT = seconds(5)  # resolv.conf(5): the patience of most who send datagrams
BOUNDED = (Shape.CONSTANT, Shape.UNIFORM, Shape.EMPIRICAL)
Refuse = Callable[[Source, str, str], None]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes calls: ``pods``, or None for one that is no pod; ``outside`` the cluster."""

    directory: Directory
    refuse: Refuse
    pods: list[Pod] | None
    outside: bool = False

    def manner(self, call: Call, section: Manner, place: Source) -> Call:
        """The call, made as ``section`` says."""
        timeout = section.timeout
        if timeout is None and section.protocol == UDP:
            timeout = UDP_TIMEOUT
        call = replace(
            call,
            protocol=section.protocol,
            timeout=timeout,
            retries=section.retries,
            tls=Tls() if section.connections.tls else None,
        )
        if section.balancing is not None:
            self._chooses(call, place.at("balancing"))
            call = replace(call, per_request=True, strategy=section.balancing)
        if section.dns is not None and section.dns.lookup != "never":
            call = self._named(call, section.dns, place.at("dns"))
        return call

    def _chooses(self, call: Call, place: Source) -> None:
        if self.outside:
            hint = "Leave it out; cluster.loadBalancer says how the load balancer chooses."
            self.refuse(place, "clients outside the cluster do not know its pods", hint)
        elif call.to.partition("/")[0] != SERVICE:
            self.refuse(place, f"there is nothing to choose from at {call.to}", "It goes with svc/namespace/name.")

    def _named(self, call: Call, dns: DnsSection, place: Source) -> Call:
        if not self.pods:
            self.refuse(place, "only pods look names up in the cluster's DNS", "Leave dns out.")
            return call
        exists = self._name_of(call.to, dns, place)
        server = self._server(dns, place)
        if not exists or server is None:
            return call
        tries = asked(dns, self.pods[0].namespace, exists)
        groups = lookups(dns, tries, server, call.transport)
        return replace(call, lookups=groups, resolves=dns.lookup == "perRequest")

    def _name_of(self, target: str, dns: DnsSection, place: Source) -> str:
        """The name under which a target is known; empty where it has none."""
        kind, _, path = target.partition("/")
        if kind == SERVICE:
            namespace, _, name = path.partition("/")
            return f"{name}.{namespace}.{DOMAIN}"
        if kind == EXTERNAL and dns.name is not None:
            return dns.name.rstrip(".")
        if kind == EXTERNAL:
            self.refuse(place, f"'name' is missing: what is {target} called in DNS?", "Write name: api.example.com.")
        else:
            self.refuse(place, f"{target} has no name in DNS", "It goes with svc/namespace/name and external/name.")
        return ""

    def _server(self, dns: DnsSection, place: Source) -> str | None:
        """Whom to ask, which needs a port for each protocol that is spoken."""
        try:
            path = self.directory.find(dns.server, (SERVICE,))
        except UnitError as error:
            hint = "Describe CoreDNS as a workload with a Service of protocol both, or write server: svc/ns/name."
            self.refuse(place.at("server"), error.message, hint)
            return None
        spoken = {dns.protocol} | ({"TCP"} if dns.node_local_cache else set())
        service = self.directory.services[path]
        for protocol in sorted(spoken):
            if not ports(service, protocol):
                self.refuse(place.at("server"), f"Service {quote(service.path)} has no {protocol} port", "")
        if not service.endpoints:
            self.refuse(place.at("server"), f"Service {quote(service.path)} has no endpoints", "")
        return path

    def fits(self, call: Call, section: Manner, room: tuple[Interfaces | None, str], place: Source) -> None:
        """Refuses datagrams that no interface takes whole; ``room`` are the interfaces and who calls."""
        interfaces, source = room
        if call.protocol != UDP or interfaces is None:
            return
        mtu, whose = interfaces.narrowest(source, call.to)
        most = min(mtu - UDP_IP, LARGEST_DATAGRAM)
        for key, law in (("request", call.request), ("response", call.response)):
            largest = most_of(law)
            if largest is None:
                message = "the size of a datagram needs an upper limit"
                self.refuse(place.at(key), message, "Write a size, or dist: uniform or empirical.")
            elif largest > most:
                message = f"datagrams of {largest} bytes do not fit an interface, and fragments are not modelled"
                self.refuse(place.at(key), message, f"The MTU of {whose} is {mtu}: at most {most} bytes.")


def ports(service: Service, protocol: str) -> list[int]:
    """The ports of a Service for a protocol."""
    return [one.port for one in service.targets if one.protocol == protocol]


def most_of(law: Law) -> int | None:
    """The largest value of a law, None where there is none."""
    return max(law.parameters) if law.shape in BOUNDED else None
