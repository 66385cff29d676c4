"""Pass-through: a machine that forwards packets to nodes by the flow, as cloud network load balancers do.

The client's address is kept, and nodes answer past it (direct server return, as seen from it): Google Cloud's
passthrough Network Load Balancer (cloud.google.com/load-balancing/docs/network), Azure Load Balancer, Katran.
"""

from typing import Literal

from pydantic import Field

from netsim.entry._fields import KIND, STRATEGY, Cores, LinkRate, Strategy, Work, written
from netsim.model.balancer import LoadBalancer
from netsim.model.config import Strict


class Config(Strict):
    """A machine that passes packets on to healthy nodes."""

    kind: Literal["passthrough"] = Field("passthrough", description=KIND)
    strategy: Strategy = Field("source_hash", description=STRATEGY)
    work: Work | None = written(None, "its work per packet; the cost profile's lb-forward if left out")
    servers: Cores = Field(8, description="cores that forward")
    bandwidth: LinkRate = written("100Gbit", "rate of its interface")


def balancer(config: Config) -> LoadBalancer:
    """A machine on the way in."""
    return LoadBalancer(config.strategy, config.work, config.servers, config.bandwidth, config.kind)


def entry_nodes(address: str, nodes: tuple[str, ...]) -> tuple[str, ...] | None:
    """All that health checks find ready."""
    return None
