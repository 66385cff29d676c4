"""kube-proxy's nftables mode: maps lead a flow's first packet straight to its Service, however many there are.

Sources: kubernetes/kubernetes pkg/proxy/nftables/proxier.go (service-ips, service-nodeports, numgen random); KEP-3866.
"""

from typing import Literal

from pydantic import Field

from netsim.model.datapath import Translation
from netsim.model.stages import MASQUERADE, NFT_MISS, NFT_SERVICES
from netsim.model.sync import Sync, Work
from netsim.proxy._maps import entry_rules, rules_walked
from netsim.proxy._periods import MASQUERADE_ALL, MIN_SYNC, SYNC, Period, Periodic

__all__ = ["Config", "entry_rules", "rules_walked", "sync", "translation"]


class Config(Periodic):
    """``nftables`` of KubeProxyConfiguration."""

    mode: Literal["nftables"] = Field("nftables", description="how Service addresses become pod addresses")
    syncPeriod: Period = Field("30s", description=SYNC, validate_default=True)  # noqa: N815
    minSyncPeriod: Period = Field("1s", description=MIN_SYNC, validate_default=True)  # noqa: N815
    masqueradeAll: bool = Field(False, description=MASQUERADE_ALL)  # noqa: N815


def translation(config: Config) -> Translation:
    """DNAT in PREROUTING or OUTPUT, endpoints chosen by ``numgen random mod n vmap``."""
    return Translation(
        title="kube-proxy nftables",
        stage=NFT_SERVICES,
        strategy="random",
        masquerade=MASQUERADE,
        sources=("kubernetes/kubernetes pkg/proxy/nftables/proxier.go", "kubernetes/enhancements KEP-3866"),
        miss=NFT_MISS,
        masquerade_all=config.masqueradeAll,
    )


def sync(work: Sync) -> Work:
    """One transaction with what has changed, after all chains were listed (as of 1.33)."""
    return (("nft-list", work.services + work.endpoints), ("nft-change", work.written))
