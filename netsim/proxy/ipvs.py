"""kube-proxy's IPVS mode: a balancer in the kernel, which every packet to a Service and back goes through.

Sources: kubernetes/kubernetes pkg/proxy/ipvs (README.md, proxier.go); Linux net/netfilter/ipvs (ip_vs_core.c, the
schedulers). All Service addresses are local (kube-ipvs0), so that packets come to LOCAL_IN, where IPVS takes them.
"""

from typing import Literal

from pydantic import Field

from netsim.model.datapath import Translation
from netsim.model.stages import IPVS_FORWARD, IPVS_MISS, IPVS_REPLY, IPVS_SCHEDULE, MASQUERADE
from netsim.model.sync import Sync, Work
from netsim.proxy._maps import entry_rules, rules_walked
from netsim.proxy._periods import MASQUERADE_ALL, MIN_SYNC, SYNC, Period, Periodic

Scheduler = Literal["rr", "wrr", "lc", "wlc", "sh", "dh", "mh", "sed", "nq"]
# All endpoints have weight 1, which makes wrr rr and wlc lc; sed and nq differ by weights alone.
STRATEGIES: dict[Scheduler, str] = {
    "rr": "round_robin",
    "wrr": "round_robin",
    "lc": "least_connections",
    "wlc": "least_connections",
    "sh": "source_hash",
    "dh": "destination_hash",
    "mh": "maglev",
    "sed": "shortest_expected_delay",
    "nq": "shortest_expected_delay",
}

__all__ = ["Config", "entry_rules", "rules_walked", "sync", "translation"]


class Config(Periodic):
    """``ipvs`` of KubeProxyConfiguration."""

    mode: Literal["ipvs"] = Field("ipvs", description="how Service addresses become pod addresses")
    scheduler: Scheduler = Field(
        "rr",
        description="how an endpoint is chosen for a connection, on each node for itself\n"
        "rr and wrr: in turn. lc and wlc: fewest connections. sed and nq: likewise, the first of equals.\n"
        "sh and mh: by the client's address. dh: by the Service's, one endpoint for all.",
    )
    syncPeriod: Period = Field("30s", description=SYNC, validate_default=True)  # noqa: N815
    minSyncPeriod: Period = Field("0s", description=MIN_SYNC, validate_default=True)  # noqa: N815
    masqueradeAll: bool = Field(False, description=MASQUERADE_ALL)  # noqa: N815


def translation(config: Config) -> Translation:
    """A connection is scheduled with its first packet; all its packets pass IPVS. sh and mh hash the address alone,
    since kube-proxy does not set their port flags."""
    return Translation(
        title="kube-proxy IPVS",
        stage=IPVS_SCHEDULE,
        strategy=STRATEGIES[config.scheduler],
        masquerade=MASQUERADE,
        sources=("kubernetes/kubernetes pkg/proxy/ipvs/proxier.go", "torvalds/linux net/netfilter/ipvs"),
        miss=IPVS_MISS,
        forward=(IPVS_FORWARD,),
        reply=(IPVS_REPLY,),
        by_client=config.scheduler in ("sh", "mh"),
        masquerade_all=config.masqueradeAll,
    )


def sync(work: Sync) -> Work:
    """Every sync asks the kernel for all virtual servers and their real servers, and changes what differs."""
    return (("ipvs-list", work.services), ("ipvs-change", work.changed))
