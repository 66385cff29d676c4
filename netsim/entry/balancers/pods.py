"""Pods: a cloud load balancer that knows the pods' own addresses and passes the nodes' ports by.

AWS Load Balancer Controller, target-type ip (kubernetes-sigs/aws-load-balancer-controller docs/guide/service/nlb.md);
Google Cloud network endpoint groups (cloud.google.com/kubernetes-engine/docs/concepts/container-native-load-balancing).
It needs pod addresses that the network routes. externalTrafficPolicy has nothing to decide: no node is asked.
"""

from typing import Literal

from pydantic import Field

from netsim.entry._fields import KIND, STRATEGY, Cores, LinkRate, Strategy, Work, written
from netsim.model.balancer import LoadBalancer
from netsim.model.config import Strict


class Config(Strict):
    """A machine that passes packets on to pods."""

    kind: Literal["pods"] = Field("pods", description=KIND)
    strategy: Strategy = Field("source_hash", description=STRATEGY)
    work: Work | None = written(None, "its work per packet; the cost profile's lb-forward if left out")
    servers: Cores = Field(8, description="cores that forward")
    bandwidth: LinkRate = written("100Gbit", "rate of its interface")


def balancer(config: Config) -> LoadBalancer:
    """A machine on the way in that chooses the pod."""
    return LoadBalancer(config.strategy, config.work, config.servers, config.bandwidth, config.kind, to_pods=True)


def entry_nodes(address: str, nodes: tuple[str, ...]) -> tuple[str, ...] | None:
    """No node is an entry node."""
    return None
