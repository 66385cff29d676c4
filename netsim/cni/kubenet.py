"""kubenet: a bridge on every node, and routes between nodes that the cloud programs; gone since 1.24."""

from typing import Literal

from pydantic import Field

from netsim.ipam import Allocator, host_local
from netsim.model.config import Strict
from netsim.model.datapath import DataPath
from netsim.model.stages import BRIDGE, BRIDGED, MASQUERADE, ROUTED, VETH, VETH_OUT

SOURCES = (
    "kubernetes/kubernetes v1.23 pkg/kubelet/dockershim/network/kubenet/kubenet_linux.go",
    "kubernetes.io/docs: Network Plugins (bridge-nf-call-iptables is set by kubenet)",
)


class Config(Strict):
    """The cloud's route table carries each node's podCIDR; only hairpins are a matter of choice."""

    plugin: Literal["kubenet"] = Field("kubenet", description="name of the CNI plugin")
    hairpinMode: Literal["promiscuous-bridge", "hairpin-veth", "none"] = Field(  # noqa: N815 - kubelet's own key
        "promiscuous-bridge",
        description="kubelet's hairpinMode: with none, a pod that calls a Service and is chosen itself gets no answer",
    )


def variants() -> tuple[Config, ...]:
    """The only mode."""
    return (Config(),)


def mode(config: Config) -> str:
    """The mode's short name."""
    return "cloud routes"


def ipam(config: Config) -> str:
    """The bridge plugin's own allocator over the node's podCIDR."""
    return "host-local"


def allocator(config: Config) -> Allocator:
    """A slice of the podCIDR for each node."""
    return host_local.allocate


def replaces_proxy(config: Config) -> bool:
    """kube-proxy translates Service addresses."""
    return False


def data_path(config: Config) -> DataPath:
    """Switched by cbr0 on one node, plainly routed between nodes.

    kubenet masquerades only what leaves 10.0.0.0/8; machines outside the cluster are taken to be out of it.
    """
    return DataPath(
        title="kubenet",
        pod_out=(VETH_OUT,),
        pod_in=(VETH,),
        local=BRIDGED,
        local_service=(BRIDGE, *ROUTED, BRIDGE),
        egress=(BRIDGE, *ROUTED),
        ingress=(*ROUTED, BRIDGE),
        external_egress=(BRIDGE, *ROUTED, MASQUERADE),
        external_ingress=(*ROUTED, BRIDGE),
        entry_local=(*ROUTED, BRIDGE),
        entry_remote=ROUTED,
        entry_return=ROUTED,
        hairpin=config.hairpinMode != "none",
        sources=SOURCES,
    )
