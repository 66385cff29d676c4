"""MetalLB in layer 2 mode: one node, the leader, answers ARP for a Service's address and takes all its traffic.

Sources: metallb/metallb website/content/concepts/layer2.md; speaker/layer2_controller.go (ShouldAnnounce: nodes sorted
by SHA-256 of ``node#address``; under externalTrafficPolicy Local those with an endpoint).
"""

from hashlib import sha256
from typing import Literal

from pydantic import Field

from netsim.entry._fields import KIND
from netsim.model.balancer import Balancing, LoadBalancer
from netsim.model.config import Strict


class Config(Strict):
    """No machine: a leader for each Service."""

    kind: Literal["metallb-l2"] = Field("metallb-l2", description=KIND)


def balancer(config: Config) -> LoadBalancer:
    """Nothing on the way in."""
    return LoadBalancer(kind=config.kind, balancing=Balancing.ANNOUNCES)


def entry_nodes(address: str, nodes: tuple[str, ...]) -> tuple[str, ...] | None:
    """The leader of an address (text), () where there is no node."""
    return tuple(sorted(nodes, key=lambda node: sha256(f"{node}#{address}".encode()).digest())[:1])
