"""Traefik: a Go program, a goroutine for each request."""

from typing import Literal

from pydantic import Field

from netsim.entry.proxies._controller import Controller, Proxy, upstream
from netsim.units import us

WORK = us(50)  # assumed: net/http on both sides, allocation and scheduling of goroutines

CLASSES = ("traefik.io/ingress-controller",)  # IngressClass spec.controller


class Config(Controller):
    """Traefik as an ingress controller."""

    controller: Literal["traefik"] = Field("traefik", description="the ingress controller")
    balance: Literal["wrr", "p2c"] = Field(
        "wrr", description="Traefik's strategy: wrr is (weighted) round robin, p2c the better of two random pods"
    )


def proxy(config: Config) -> Proxy:
    """Idle connections are kept for 90 s, at most 200 for each pod; nothing is tried again unless a middleware does."""
    return Proxy(
        title="Traefik",
        strategy={"wrr": "round_robin", "p2c": "two_choices"}[config.balance],
        work=config.work or WORK,
        upstream=upstream(200, 90),
        concurrency=10_000,
        retries=0,
        sources=(
            "doc.traefik.io routing/overview: ServersTransport maxIdleConnsPerHost 200, idleConnTimeout 90s",
            "doc.traefik.io routing/services: load balancing wrr, p2c; middlewares/http/retry",
        ),
    )
