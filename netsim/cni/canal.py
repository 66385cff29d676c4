"""Canal: Calico's routed pods on every node, Flannel's VXLAN device between nodes; no bridge, no BGP."""

from typing import Literal

from pydantic import Field

from netsim.ipam import Allocator, host_local
from netsim.model.config import Strict
from netsim.model.datapath import DataPath
from netsim.model.stages import (
    MASQUERADE,
    OUTER_ROUTE,
    OUTER_TRACKED,
    ROUTED,
    VETH,
    VETH_OUT,
    VXLAN,
    VXLAN_POP,
    VXLAN_PUSH,
)
from netsim.policy import felix_iptables

OUT = (VXLAN_PUSH, *OUTER_TRACKED, OUTER_ROUTE)  # flannel sets no NOTRACK
BACK = (*OUTER_TRACKED, VXLAN_POP)
SOURCES = (
    "projectcalico/calico manifests/canal.yaml: calico plugin, host-local usePodCidr, no BIRD",
    "flannel-io/flannel pkg/backend/vxlan: 50 bytes",
    "projectcalico/calico issue 2588, rancher/rancher issue 13984: pods at 1500 over a tunnel of 1450",
)


class Config(Strict):
    """``mtu`` is the manifest's ``veth_mtu``; without it, what the tunnel leaves."""

    plugin: Literal["canal"] = Field("canal", description="name of the CNI plugin")
    mtu: int | None = Field(
        None,
        ge=576,
        le=9216,
        description="Canal's veth_mtu: MTU of pods in bytes; without it the NIC's less 50 for VXLAN. Early manifests "
        "left pods at 1500, too large for the tunnel",
    )


def variants() -> tuple[Config, ...]:
    """The only mode."""
    return (Config(),)


def mode(config: Config) -> str:
    """The mode's short name."""
    return "vxlan"


def ipam(config: Config) -> str:
    """The node's podCIDR, as flannel leases it."""
    return "host-local"


def allocator(config: Config) -> Allocator:
    """A slice of the podCIDR for each node."""
    return host_local.allocate


def replaces_proxy(config: Config) -> bool:
    """kube-proxy translates Service addresses."""
    return False


def data_path(config: Config) -> DataPath:
    """Routed on one node like Calico; tunnelled between nodes and masqueraded like Flannel."""
    return DataPath(
        title="Canal",
        pod_out=(VETH_OUT,),
        pod_in=(VETH,),
        local=ROUTED,
        egress=(*ROUTED, *OUT),
        ingress=(*BACK, *ROUTED),
        external_egress=(*ROUTED, MASQUERADE),
        external_ingress=ROUTED,
        entry_local=ROUTED,
        entry_remote=(*ROUTED, *OUT),
        entry_return=(*BACK, *ROUTED),
        encapsulation=VXLAN,
        mtu_overhead=50,
        fixed_mtu=config.mtu,
        policing=felix_iptables.policing(),
        sources=SOURCES,
    )
