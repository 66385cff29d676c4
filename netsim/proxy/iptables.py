"""kube-proxy's iptables mode: a flow's first packet walks the Services one by one, conntrack does the rest.

Sources: kubernetes/kubernetes pkg/proxy/iptables/proxier.go (order and contents of the chains), KEP-3866, KEP-3453.
"""

from dataclasses import replace
from typing import Literal

from pydantic import Field

from netsim.model.datapath import Translation
from netsim.model.stages import KUBE_SERVICES, MASQUERADE
from netsim.model.sync import Sync, Work
from netsim.proxy._periods import MASQUERADE_ALL, MIN_SYNC, SYNC, Period, Periodic

JUMP = 1  # PREROUTING or OUTPUT to KUBE-SERVICES
SERVICE = 1  # KUBE-SVC-...: mark what does not come from a pod
ENDPOINT = 2  # KUBE-SEP-...: mark a pod that calls itself, DNAT
NODE_PORTS = 1  # the last rule of KUBE-SERVICES, to KUBE-NODEPORTS
EXTERNAL = 2  # KUBE-EXT-...: mark for masquerading, on to KUBE-SVC-...
DECLARED = 1  # a chain's own line in the input of iptables-restore


class Config(Periodic):
    """``iptables`` of KubeProxyConfiguration."""

    mode: Literal["iptables"] = Field("iptables", description="how Service addresses become pod addresses")
    syncPeriod: Period = Field("30s", description=SYNC, validate_default=True)  # noqa: N815
    minSyncPeriod: Period = Field("1s", description=MIN_SYNC, validate_default=True)  # noqa: N815
    masqueradeAll: bool = Field(False, description=MASQUERADE_ALL)  # noqa: N815


def translation(config: Config) -> Translation:
    """DNAT in PREROUTING or OUTPUT, endpoints chosen at random with equal probability."""
    return Translation(
        title="kube-proxy iptables",
        stage=KUBE_SERVICES,
        strategy="random",
        masquerade=MASQUERADE,
        rule="iptables-rule",
        sources=("kubernetes/kubernetes pkg/proxy/iptables/proxier.go", "kubernetes/enhancements KEP-3866, KEP-3453"),
        miss=replace(KUBE_SERVICES, translates=False),
        masquerade_all=config.masqueradeAll,
    )


def rules_walked(position: int, services: int, endpoints: int) -> int:
    """Rules that the first packet of a flow to a ClusterIP crosses; one rule stands for each Service port.

    ``position`` is the Service's place in KUBE-SERVICES, from 0; of its ``endpoints`` rules (n + 1) / 2 are
    crossed on average, rounded up. A packet to any other address crosses all: position ``services``, the rule
    for node ports, and no endpoints.
    """
    if not 0 <= position <= services:
        raise ValueError(f"position {position} is not within the chain of {services}")
    return JUMP + position + 1 + _choice(endpoints)


def entry_rules(position: int, services: int, endpoints: int) -> int:
    """Rules that the first packet of a flow to a NodePort crosses: all ``services``, then the node ports.

    ``position`` is the port's place in KUBE-NODEPORTS, from 0.
    """
    return JUMP + services + NODE_PORTS + position + 1 + EXTERNAL + _choice(endpoints)


def _choice(endpoints: int) -> int:
    return SERVICE + endpoints // 2 + 1 + ENDPOINT if endpoints else 0


def sync(work: Sync) -> Work:
    """Lines of iptables-restore: KUBE-SERVICES is written whole, as is KUBE-NODEPORTS; of the chains of Services and
    endpoints only those of changed Services, since a chain can only be written whole (KEP-3453)."""
    services, endpoints = work.changed_services, work.touched_endpoints
    if work.full:
        services, endpoints = work.services, work.endpoints
    # KUBE-SVC: its own line, the mark, a rule for each endpoint; KUBE-SEP: its own line and two rules.
    lines = work.services + services * (DECLARED + SERVICE) + endpoints * (1 + DECLARED + ENDPOINT)
    return (("iptables-restore-line", lines),)
