"""ingress-nginx: event loops, one worker process for each CPU; Lua picks the pod."""

from typing import Literal

from pydantic import Field

from netsim.entry.proxies._controller import Controller, Proxy, upstream
from netsim.units import us

WORK = us(10)  # assumed: beyond system calls and TCP; 35 us in all, some 28,000 proxied requests a second per core
CONNECTIONS = 8192  # half of a worker's 16,384: one towards the client, one towards the pod
STRATEGIES = {"round_robin": "round_robin", "ewma": "two_choices", "chash": "ring_hash"}


CLASSES = ("k8s.io/ingress-nginx", "nginx.org/ingress-controller")  # IngressClass spec.controller


class Config(Controller):
    """The controller of kubernetes/ingress-nginx."""

    controller: Literal["nginx"] = Field("nginx", description="the ingress controller")
    balance: Literal["round_robin", "ewma", "chash"] = Field(
        "round_robin",
        description="ingress-nginx's load-balance: round_robin; ewma, the better of two random pods, here by open "
        "requests for want of a latency average; chash is upstream-hash-by, here of each request",
    )


def proxy(config: Config) -> Proxy:
    """Upstream connections are kept for 60 s (how many, 320, is not limited here); three tries in all."""
    return Proxy(
        title="ingress-nginx",
        strategy=STRATEGIES[config.balance],
        work=config.work or WORK,
        upstream=upstream(CONNECTIONS, 60),
        concurrency=CONNECTIONS,
        retries=2,
        sources=(
            "kubernetes/ingress-nginx docs/user-guide/nginx-configuration/configmap.md: upstream-keepalive-connections "
            "320, upstream-keepalive-timeout 60, upstream-keepalive-requests 10000, proxy-next-upstream-tries 3, "
            "max-worker-connections 16384, load-balance round_robin",
            "kubernetes/ingress-nginx rootfs/etc/nginx/lua/balancer/ewma.lua: PICK_SET_SIZE 2",
        ),
    )
