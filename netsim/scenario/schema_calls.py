"""What a scenario file says of calls: whom, how large, over which connections, how long to wait, and names in DNS."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from netsim import balancing
from netsim.errors import nearest, quote
from netsim.scenario.fields import Port, Probability, Reference, Section, SomeTime, Time, written
from netsim.scenario.schema_dns import DnsSection
from netsim.scenario.schema_law import SizeLaw
from netsim.units import UnitError

UDP = "UDP"


def _strategy(value: str) -> str:
    if value in balancing.names():
        return value
    raise UnitError(f"there is no balancing strategy {quote(value)}", nearest(value, balancing.names()))


Strategy = Annotated[
    str, AfterValidator(_strategy), WithJsonSchema({"type": "string", "enum": list(balancing.names())})
]


class ConnectionUse(Section):
    """How a client uses connections."""

    mode: Literal["perRequest", "pooled", "persistent"] = Field(
        "pooled",
        description="a new connection per request, a pool of idle ones, or one that all requests share",
    )
    per_client: int = Field(32, ge=1, le=60_000, description="connections of a pool; further requests wait for one")
    keep_alive: Time = written("75s", description="how long an idle connection stays open")
    tls: bool = Field(
        False,
        description="whether a new connection begins with a handshake of TLS 1.3\n"
        "One round trip of a ClientHello of 517 B and an answer of 3.6 KiB, and what both threads compute, as the\n"
        "cost profile has it. Resumption is not modelled, nor the cipher of the requests.",
    )


class Manner(Section):
    """How requests are made."""

    connections: ConnectionUse = Field(default_factory=ConnectionUse, description="use of connections")
    protocol: Literal["TCP", "UDP"] = Field(
        "TCP",
        description="what carries request and response\n"
        "UDP: a datagram each way, from a socket per request, of a pool, or one for all, as connections.mode says;\n"
        "a Service's endpoint is chosen once for each socket.",
    )
    timeout: SomeTime | None = Field(
        None,
        description="longest wait for an answer to one attempt; for ever if left out, over UDP 5s\n"
        "Then the client closes the connection, unless other requests share it, and drops what comes too late.",
    )
    retries: int = Field(
        0,
        ge=0,
        le=10,
        description="further attempts after one that failed\n"
        "Each at once, over another connection; after a timeout, a refusal, a reset or without an endpoint, but not\n"
        "after an answer that reports a failure.",
    )
    balancing: Strategy | None = Field(
        None,
        description="how the client itself picks a pod of the Service for each request (L7)\n"
        "Left out, kube-proxy picks one for each connection.",
    )
    dns: DnsSection | None = Field(None, description="look-ups of the target's name; none if left out")

    @model_validator(mode="after")
    def _datagrams_are_plain(self) -> "Manner":
        if self.protocol == UDP and self.connections.tls:
            raise UnitError("TLS needs TCP", "Leave out connections.tls, or protocol.")
        return self


class CallSection(Manner):
    """One request to somebody else."""

    to: Reference = Field(description="svc/ns/name, pod/ns/name, external/name, or localhost")
    port: Port | None = Field(None, description="port to call; the target's first port if left out")
    request: SizeLaw = written("1KiB", description="request size")
    response: SizeLaw = written("1KiB", description="response size")
    probability: Probability = written("100%", description="share of requests that make this call")


class Parallel(Section):
    """Calls that are made at the same time."""

    parallel: list[CallSection] = Field(min_length=1, max_length=100, description="the calls")


def _step_kind(value: Any) -> str:
    is_group = "parallel" in value if isinstance(value, dict) else isinstance(value, Parallel)
    return "~group" if is_group else "~call"


Step = Annotated[Annotated[CallSection, Tag("~call")] | Annotated[Parallel, Tag("~group")], Discriminator(_step_kind)]
