"""kube-proxy's nftables mode: maps lead a flow's first packet straight to its Service, however many there are.

Sources: kubernetes/kubernetes pkg/proxy/nftables/proxier.go (service-ips, service-nodeports, numgen random); KEP-3866.
"""

from typing import Literal

from pydantic import Field

from netsim.model.datapath import Translation
from netsim.model.stages import MASQUERADE, NFT_MISS, NFT_SERVICES
from netsim.model.sync import Sync, Work
from netsim.proxy._periods import MASQUERADE_ALL, MIN_SYNC, SYNC, Period, Periodic


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


def rules_walked(position: int, services: int, endpoints: int) -> int:
    """None one by one: the Service and its endpoint are found in maps."""
    return 0


def entry_rules(position: int, services: int, endpoints: int) -> int:
    """None, as ``rules_walked``."""
    return 0


def sync(work: Sync) -> Work:
    """One transaction with what has changed, after all chains were listed (as of 1.33)."""
    changed = work.changed_services + work.changed_endpoints
    if work.full:
        changed = work.services + work.endpoints
    return (("nft-list", work.services + work.endpoints), ("nft-change", changed))
