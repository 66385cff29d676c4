"""kube-proxy's userspace mode, gone since 1.26: the process itself takes every connection and makes another to a pod.

Source: kubernetes/kubernetes v1.25 pkg/proxy/userspace (proxier.go, proxysocket.go, roundrobin.go). Not modelled: when
an endpoint does not answer, it tries up to three others with longer and longer waits (0.25 to 2 s), because a
connection here has one endpoint; and the client is answered before there is one.
"""

from dataclasses import replace
from typing import Literal

from pydantic import Field

from netsim.model.datapath import Translation
from netsim.model.stages import CONNTRACK, CONNTRACK_NEW, FILTER, MASQUERADE, REDIRECT
from netsim.model.sync import Sync, Work
from netsim.proxy._periods import MIN_SYNC, SYNC, Period, Periodic

JUMP = 1  # PREROUTING or OUTPUT to KUBE-PORTALS-CONTAINER or -HOST
NODE_PORTS = 1  # the rule behind it, to KUBE-NODEPORT-CONTAINER or -HOST
RULES = 2  # of a Service port: for pods and for the host


class Config(Periodic):
    """``iptables`` of KubeProxyConfiguration, whose periods this mode took too."""

    mode: Literal["userspace"] = Field("userspace", description="how Service addresses become pod addresses")
    syncPeriod: Period = Field("30s", description=SYNC, validate_default=True)  # noqa: N815
    minSyncPeriod: Period = Field("1s", description=MIN_SYNC, validate_default=True)  # noqa: N815


def translation(config: Config) -> Translation:
    """REDIRECT to a port of kube-proxy; endpoints in turn. Pods see the node as their client."""
    return Translation(
        title="kube-proxy userspace",
        stage=REDIRECT,
        strategy="round_robin",
        masquerade=MASQUERADE,
        rule="iptables-rule",
        sources=("kubernetes/kubernetes v1.25 pkg/proxy/userspace",),
        miss=replace(REDIRECT, translates=False),
        forward=(CONNTRACK, CONNTRACK_NEW, FILTER),
        reply=(CONNTRACK, FILTER),
        relays=True,
        masquerade_all=True,
    )


def rules_walked(position: int, services: int, endpoints: int) -> int:
    """Rules that the first packets of a flow to a ClusterIP cross: up to the Service's, and all of them once more by
    the connection that kube-proxy makes. A packet to any other address crosses all: position ``services``."""
    own = JUMP + services + NODE_PORTS if endpoints else 0
    return JUMP + position + 1 + own


def entry_rules(position: int, services: int, endpoints: int) -> int:
    """The same for a NodePort, whose rules come behind all Services; ``position`` is the port's place among them."""
    own = JUMP + services + NODE_PORTS if endpoints else 0
    return JUMP + services + NODE_PORTS + position + 1 + own


def sync(work: Sync) -> Work:
    """Each rule of a changed Service is an iptables command; endpoints are a list of the process itself. Every sync
    makes sure of all rules, by a command each."""
    return (("iptables-command", RULES * work.services),)
