"""What a scenario file says of DNS: which names a client looks up, and how its resolver asks."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from netsim.scenario.fields import Probability, Reference, Section, SomeTime, Subdomain, written
from netsim.scenario.schema_law import TimeLaw
from netsim.units import UnitError

# RFC 1035, 2.3.4, and RFC 2782 for the underscore.
_LABEL = r"[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")


def _name(value: str) -> str:
    if len(value) <= 253 and _NAME.fullmatch(value):
        return value
    raise UnitError(f"{value[:80]!r} is not a name of DNS", "Write for example cart.shop, or api.example.com.")


DnsName = Annotated[str, AfterValidator(_name)]


class DnsSection(Section):
    """Look-ups before a connection, or before each request, as glibc's resolver makes them in a pod."""

    lookup: Literal["never", "perConnection", "perRequest"] = Field(
        "perConnection", description="when the name is looked up; answers are not kept"
    )
    name: DnsName | None = Field(
        None,
        description="what is looked up\n"
        "Left out, a Service is called by its name in its own namespace, elsewhere by name.namespace. A dot at the\n"
        "end makes it absolute: the search list is not tried.",
    )
    ndots: int = Field(5, ge=0, le=15, description="with fewer dots than this the search list is tried first")
    search: list[Subdomain] | None = Field(
        None,
        max_length=32,
        description="search list\n"
        "Left out, that of dnsPolicy ClusterFirst: namespace.svc.cluster.local, svc.cluster.local, cluster.local.",
    )
    server: Reference = Field("svc/kube-system/kube-dns", description="whom to ask: a Service with a UDP port")
    aaaa: bool = Field(True, description="whether IPv6 addresses are asked for too, at the same time")
    protocol: Literal["UDP", "TCP"] = Field("UDP", description="TCP is the resolver's option use-vc")
    timeout: SomeTime = written("5s", description="wait for an answer (resolv.conf: timeout)")
    attempts: int = Field(2, ge=1, le=5, description="times that a question is asked (resolv.conf: attempts)")
    single_request_reopen: bool = Field(
        False, description="whether A and AAAA are asked one after the other, from sockets of their own"
    )
    race_probability: Probability = written(
        "0.1%",
        description="how often A or AAAA is lost to the conntrack race (assumed)\n"
        "Only where iptables or nftables translate the Service's address, and A and AAAA leave one socket at once;\n"
        "the answer is then missed for the whole timeout.",
    )
    node_local_cache: bool = Field(
        False,
        description="whether a cache on the client's own node is asked (NodeLocal DNSCache)\n"
        "Its packets are not tracked; what it does not know it asks the server over TCP.",
    )
    cache_hits: Probability = written("90%", description="share of questions that this cache can answer (assumed)")
    cache_time: TimeLaw = written(
        "58us", description="CPU time of this cache for a question (KEP-1024: CoreDNS does 860 a second with 50m CPU)"
    )
