"""MetalLB in BGP mode: nodes announce a Service's address to their router, which spreads flows over them (ECMP).

Sources: metallb/metallb website/content/concepts/bgp.md; speaker/bgp_controller.go (ShouldAnnounce: under
externalTrafficPolicy Local only nodes with an endpoint announce). Calico and Cilium announce Services in the same way.
"""

from typing import Literal

from pydantic import Field

from netsim.entry._fields import KIND
from netsim.model.balancer import Balancing, LoadBalancer
from netsim.model.config import Strict


class Config(Strict):
    """No machine: routers that hash flows."""

    kind: Literal["metallb-bgp"] = Field("metallb-bgp", description=KIND)


def balancer(config: Config) -> LoadBalancer:
    """Nothing on the way in."""
    return LoadBalancer(kind=config.kind, balancing=Balancing.ANNOUNCES)


def entry_nodes(address: str, nodes: tuple[str, ...]) -> tuple[str, ...] | None:
    """All of them."""
    return nodes
