"""Names: which questions to DNS a client's resolver asks before it knows an address, as calls of the model."""

from collections.abc import Iterator

from netsim.model import law as laws
from netsim.model.cluster import Behaviour, Call
from netsim.model.law import Law
from netsim.model.transport import Connections, Transport
from netsim.scenario.schema_dns import DnsSection
from netsim.scenario.schema_law import law_of
from netsim.units import PPM

DOMAIN = "svc.cluster.local"  # kubeadm's default behind svc.
PORT = 53
# RFC 1035, 4.1: a header, and the name with a length octet for each label and the root's, type and class; an answer
# adds a pointer to the name, type, class, TTL, length and 4 octets (A), or nothing and the SOA of cluster.local with
# compressed names (ns.dns and hostmaster), 54 octets.
HEADER, QUESTION, ADDRESS, NEGATIVE = 12, 6, 16, 54
CACHE = "node-local-dns"
Groups = tuple[tuple[Call, ...], ...]


def asked(dns: DnsSection, namespace: str, exists: str) -> list[str]:
    """The names that are tried, in order, up to the first that exists; ``exists`` is the target's, without a dot at
    its end. A name that leads to it in no other way is an alias of it, and exists as it was written."""
    name = dns.name or own_name(exists, namespace)
    written = name.rstrip(".")
    if name != written:
        return [written]
    search = dns.search
    if search is None:
        search = [f"{namespace}.{DOMAIN}", DOMAIN, DOMAIN.partition(".")[2]]
    expanded = [f"{name}.{domain}" for domain in search]
    tries = [name, *expanded] if name.count(".") >= dns.ndots else [*expanded, name]
    goal = exists if exists in tries else name
    return tries[: tries.index(goal) + 1]


def own_name(exists: str, namespace: str) -> str:
    """What a client calls a Service: by its name in its own namespace, with the namespace elsewhere."""
    if not exists.endswith(f".{DOMAIN}"):
        return exists
    short = exists.removesuffix(f".{DOMAIN}")
    return short.removesuffix(f".{namespace}")


def lookups(dns: DnsSection, tries: list[str], server: str, transport: Transport) -> Groups:
    """The questions, group after group: those of a group leave one socket at the same time (glibc, res_send.c)."""
    found: list[tuple[Call, ...]] = []
    for number, name in enumerate(tries):
        last = number == len(tries) - 1
        pair = tuple(_questions(dns, name, last, (server, transport)))
        found += [(one,) for one in pair] if dns.single_request_reopen else [pair]
    return tuple(found)


def _questions(dns: DnsSection, name: str, last: bool, asker: tuple[str, Transport]) -> Iterator[Call]:
    """A, and AAAA where it is asked for; IPv4 addresses exist, IPv6 ones never do."""
    server, transport = asker
    size = HEADER + len(name) + QUESTION
    for answer in (ADDRESS if last else NEGATIVE, NEGATIVE)[: 1 + dns.aaaa]:
        sizes = laws.constant(size), laws.constant(size + answer)
        call = Call(
            server,
            *sizes,
            port=PORT,
            connections=Connections("perRequest" if dns.single_request_reopen else "perGroup"),
            transport=transport,
            protocol=dns.protocol,
            timeout=dns.timeout,
            retries=dns.attempts - 1,
            race=dns.race_probability,
        )
        yield _cached(dns, call, sizes) if dns.node_local_cache else call


def _cached(dns: DnsSection, call: Call, sizes: tuple[Law, Law]) -> Call:
    """The same question to the cache on the client's own node, which passes on what it does not know, over one TCP
    connection (KEP-1024: force_tcp)."""
    missed = Call(
        call.to,
        *sizes,
        probability=PPM - dns.cache_hits,
        port=PORT,
        connections=Connections("persistent"),
        transport=call.transport,
        timeout=call.timeout,
    )
    behaviour = Behaviour(CACHE, cpu_time=law_of(dns.cache_time), calls=((missed,),) if missed.probability else ())
    return Call(
        "node",
        *sizes,
        port=PORT,
        connections=call.connections,
        transport=call.transport,
        protocol=call.protocol,
        timeout=call.timeout,
        retries=call.retries,
        per_request=True,
        behaviour=behaviour,
        race=-1,
    )
