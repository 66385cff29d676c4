"""HAProxy: an event loop in each thread, one thread for each CPU."""

from typing import Literal

from pydantic import Field

from netsim.entry.proxies._controller import Controller, Proxy, upstream
from netsim.units import us

WORK = us(8)  # assumed: a fifth less than nginx
STRATEGIES = {"roundrobin": "round_robin", "leastconn": "least_connections", "source": "source_hash"}

# IngressClass spec.controller
CLASSES = ("haproxy.org/ingress-controller/haproxy", "haproxy-ingress.github.io/controller")


class Config(Controller):
    """HAProxy as an ingress controller."""

    controller: Literal["haproxy"] = Field("haproxy", description="the ingress controller")
    balance: Literal["roundrobin", "leastconn", "source"] = Field(
        "roundrobin", description="HAProxy's balance: roundrobin, leastconn, or source, here a hash of each request"
    )


def proxy(config: Config) -> Proxy:
    """Idle server connections are reused (http-reuse safe) and purged after 5 s; ``retries`` is 3."""
    return Proxy(
        title="HAProxy",
        strategy=STRATEGIES[config.balance],
        work=config.work or WORK,
        upstream=upstream(60_000, 5),
        concurrency=10_000,
        retries=3,
        sources=(
            "docs.haproxy.org configuration manual: balance, http-reuse safe, pool-purge-delay 5s, pool-max-conn -1, "
            "retries 3",
        ),
    )
