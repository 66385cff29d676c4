"""Proxy: a machine that ends the clients' connections and makes its own to node ports, or to pods.

HAProxy or nginx in front of a cluster, AWS's Classic and Application Load Balancers, Google Cloud's proxy Network Load
Balancer. The source address that the cluster sees is the machine's.
"""

from typing import Literal

from pydantic import Field

from netsim.entry._fields import KIND, STRATEGY, Cores, LinkRate, Strategy, Work, written
from netsim.model.balancer import Balancing, LoadBalancer
from netsim.model.config import Strict
from netsim.model.quantities import Duration

MACHINE = "load-balancer"


class Config(Strict):
    """A machine with a host's stack and cores of its own."""

    kind: Literal["proxy"] = Field("proxy", description=KIND)
    choice: Literal["connection", "request"] = Field(
        "connection",
        description="what is balanced: connection is layer 4, an upstream connection for each of a client; request is "
        "HTTP, each request over any idle upstream connection",
    )
    targets: Literal["nodePorts", "pods"] = Field(
        "nodePorts", description="where it connects to; pods needs pod addresses that the network routes"
    )
    strategy: Strategy = Field("round_robin", description=STRATEGY)
    work: Work = written("10us", "its CPU time per request, beyond sockets (assumed: HAProxy splices in layer 4)")
    cores: Cores = Field(8, description="its cores")
    bandwidth: LinkRate = written("100Gbit", "rate of its interface")
    upstream: int = Field(1000, ge=1, le=60_000, description="most connections that it keeps to the cluster")
    keepAlive: Duration = written("60s", "how long an idle upstream connection stays open")  # noqa: N815


def balancer(config: Config) -> LoadBalancer:
    """A machine that is an end of connections."""
    to_pods = config.targets == "pods"
    return LoadBalancer(
        config.strategy, None, config.cores, config.bandwidth, config.kind, Balancing.TERMINATES, to_pods
    )


def entry_nodes(address: str, nodes: tuple[str, ...]) -> tuple[str, ...] | None:
    """All that health checks find ready."""
    return None
