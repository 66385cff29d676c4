"""What ingress controllers have in common: where they run, how clients reach them, what a handshake costs."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from netsim.entry._fields import Work, written
from netsim.model.config import Strict
from netsim.model.transport import Connections, Tls
from netsim.units import seconds, us

Name = Annotated[str, Field(max_length=400)]

# RFC 8446: one round trip. The client's first flight 517 bytes, padded as browsers do (RFC 7685); the server's a chain
# of two certificates, 2.2 KiB with ECDSA keys, 3.6 KiB with RSA keys of 2,048 bits (assumed). Work: `openssl speed` of
# 3.0 on one core of an AMD EPYC, taken for the reference core: X25519 32 us, twice; ECDSA P-256 signature 20 us,
# verification 59 us; RSA 2048 signature 246 us, verification 16 us; and 50 us for the rest of a handshake (assumed).
ECDSA = Tls(rounds=1, request=517, response=2253, client=us(32 * 2 + 59 * 2 + 50), server=us(32 * 2 + 20 + 50))
RSA = Tls(rounds=1, request=517, response=3686, client=us(32 * 2 + 16 * 2 + 50), server=us(32 * 2 + 246 + 50))
HANDSHAKES = {"none": None, "ecdsa": ECDSA, "rsa": RSA}


@dataclass(frozen=True, slots=True)
class Proxy:
    """How a proxy works. ``strategy`` names a file of balancing/; ``work`` is ps of CPU time per request on the
    reference hardware; ``upstream`` is the use of connections towards each pod; ``concurrency`` the requests that one
    replica works on at once; ``retries`` further attempts after one that failed."""

    title: str
    strategy: str
    work: int
    upstream: Connections
    concurrency: int
    retries: int
    sources: tuple[str, ...]


class Controller(Strict):
    """Where a controller runs and how clients come to it."""

    workload: Name | None = Field(
        None,
        description="its workload, deployment/ns/name; if left out, a Deployment ingress/controller is made",
    )
    replicas: int = Field(2, ge=1, le=1000, description="pods, where no workload is named")
    service: Name | None = Field(
        None,
        description="the Service that clients come to it by, svc/ns/name; if left out, the one of type LoadBalancer "
        "or NodePort that selects its pods, or where no workload is named one of type LoadBalancer that is made",
    )
    hostNetwork: bool = Field(  # noqa: N815 - Kubernetes' own key
        False,
        description="whether clients come to the nodes' own addresses, as its pods use them; for a controller that "
        "is made here",
    )
    tls: Literal["none", "ecdsa", "rsa"] = Field(
        "none",
        description="handshake on a client's new connection, TLS 1.3 with keys of this kind; Ingress objects with tls "
        "have ecdsa",
    )
    http2: bool = Field(
        False, description="whether each client keeps one connection to it that all its requests share (HTTP/2)"
    )
    work: Work | None = written(None, "its CPU time per request, beyond sockets; the controller's own if left out")


def upstream(limit: int, idle: int) -> Connections:
    """Connections that are kept towards a pod: so many idle ones, for so many seconds; HTTP/1.1."""
    return Connections("pooled", limit, seconds(idle))
