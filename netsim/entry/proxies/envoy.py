"""Envoy: an event loop in each worker thread, each with connection pools of its own; Contour, Envoy Gateway, Istio."""

from typing import Literal

from pydantic import Field

from netsim.entry.proxies._controller import Controller, Proxy, upstream
from netsim.units import us

WORK = us(25)  # assumed: filter chains and statistics beyond nginx's work
STRATEGIES = {
    "LEAST_REQUEST": "two_choices",
    "ROUND_ROBIN": "round_robin",
    "RANDOM": "random",
    "RING_HASH": "ring_hash",
    "MAGLEV": "maglev",
}

CLASSES = ("projectcontour.io/ingress-controller", "istio.io/ingress-controller")  # IngressClass spec.controller


class Config(Controller):
    """Envoy as an ingress controller or gateway."""

    controller: Literal["envoy"] = Field("envoy", description="the ingress controller")
    balance: Literal["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "RING_HASH", "MAGLEV"] = Field(
        "LEAST_REQUEST",
        description="Envoy's lb_policy: LEAST_REQUEST is the better of two random pods; the hashes are of each "
        "request here, not of its client",
    )


def proxy(config: Config) -> Proxy:
    """At most 1,024 connections and retries by the default circuit breakers; idle ones close after an hour."""
    return Proxy(
        title="Envoy",
        strategy=STRATEGIES[config.balance],
        work=config.work or WORK,
        upstream=upstream(1024, 3600),
        concurrency=1024,
        retries=1,
        sources=(
            "envoyproxy/envoy api/envoy/config/cluster/v3/circuit_breaker.proto: max_connections, max_requests 1024",
            "envoyproxy/envoy api/envoy/config/core/v3/protocol.proto: idle_timeout 1 hour",
            "Envoy documentation, supported load balancers: least request, "
            "choice_count 2; num_retries 1",
        ),
    )
