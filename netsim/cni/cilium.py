"""Cilium: tc eBPF programs at every pod, over VXLAN or the network's own routes."""

from typing import Literal

from pydantic import Field, model_validator

from netsim.ipam import Allocator, host_local
from netsim.model.config import Strict
from netsim.model.datapath import DataPath
from netsim.model.stages import (
    BPF_FIB,
    BPF_NAT,
    BPF_SERVICE,
    MASQUERADE,
    OUTER_ROUTE,
    OUTER_TRACKED,
    REDIRECT_PEER,
    ROUTED,
    TC_BPF,
    VETH,
    VETH_OUT,
    VXLAN,
    VXLAN_POP,
    VXLAN_PUSH,
)

SOURCES = (
    "cilium/cilium Documentation/network/concepts/routing.rst: tunnel and native routing",
    "cilium/cilium Documentation/operations/performance/tuning.rst: eBPF host routing, bpf_redirect_peer",
    "cilium/cilium Documentation/network/kubernetes/kubeproxy-free.rst: connect-time and tc load balancing",
    "torvalds/linux 9aa1206e8f48: bpf_redirect_peer",
)


class Config(Strict):
    """``routing-mode``, host routing and ``kube-proxy-replacement``; VXLAN is the tunnel."""

    plugin: Literal["cilium"] = Field("cilium", description="name of the CNI plugin")
    routing: Literal["tunnel", "native"] = Field(
        "tunnel", description="Cilium's routing-mode: tunnel is VXLAN, 50 bytes a packet; native is plain routes"
    )
    hostRouting: Literal["eBPF", "legacy"] = Field(  # noqa: N815 - as Cilium's documentation calls it
        "eBPF", description="Cilium's host routing: eBPF passes the host's netfilter by, legacy crosses it"
    )
    kubeProxyReplacement: bool = Field(  # noqa: N815
        True, description="Cilium's Services: true translates them at connect() and in tc, without kube-proxy"
    )

    @model_validator(mode="after")
    def _host_routing_needs_the_replacement(self) -> "Config":
        if self.hostRouting == "eBPF" and not self.kubeProxyReplacement:
            raise ValueError("eBPF host routing needs kubeProxyReplacement: true; write hostRouting: legacy")
        return self


def variants() -> tuple[Config, ...]:
    """Every mode."""
    routings: tuple[Literal["tunnel", "native"], ...] = ("tunnel", "native")
    return tuple(
        config
        for routing in routings
        for config in (
            Config(routing=routing),
            Config(routing=routing, hostRouting="legacy"),
            Config(routing=routing, hostRouting="legacy", kubeProxyReplacement=False),
        )
    )


def mode(config: Config) -> str:
    """Such as ``vxlan``, ``native``, ``native legacy``, ``vxlan legacy kube-proxy``."""
    words = ["vxlan" if config.routing == "tunnel" else "native"]
    words += ["legacy"] if config.hostRouting == "legacy" else []
    words += [] if config.kubeProxyReplacement else ["kube-proxy"]
    return " ".join(words)


def ipam(config: Config) -> str:
    """Cluster scope: a podCIDR for each node."""
    return "host-local"


def allocator(config: Config) -> Allocator:
    """A slice of the podCIDR for each node."""
    return host_local.allocate


def replaces_proxy(config: Config) -> bool:
    """With the replacement, Service addresses are translated at connect() and in tc, and kube-proxy is gone.

    Without it, tc translates those of pods packet by packet, and kube-proxy those that come to a NodePort.
    """
    return config.kubeProxyReplacement


def data_path(config: Config) -> DataPath:
    """From tc straight to the device with eBPF host routing; through the host's netfilter without it."""
    return _ebpf(config) if config.hostRouting == "eBPF" else _legacy(config)


def _ebpf(config: Config) -> DataPath:
    tunnelled = config.routing == "tunnel"
    out = (VXLAN_PUSH, OUTER_ROUTE) if tunnelled else (BPF_FIB,)
    back = (VXLAN_POP,) if tunnelled else ()
    return DataPath(
        title=f"Cilium {mode(config)}",
        pod_out=(VETH_OUT,),
        pod_in=(REDIRECT_PEER,),
        local=(TC_BPF,),
        egress=(TC_BPF, *out),
        ingress=(*back, TC_BPF),
        external_egress=(TC_BPF, BPF_FIB, BPF_NAT),
        external_ingress=(BPF_NAT, TC_BPF),
        entry_local=(BPF_SERVICE, TC_BPF),
        entry_remote=(BPF_SERVICE, *out),
        entry_return=(*back, BPF_NAT, BPF_FIB),
        encapsulation=VXLAN if tunnelled else None,
        mtu_overhead=50 if tunnelled else 0,
        sources=SOURCES,
    )


def _legacy(config: Config) -> DataPath:
    tunnelled = config.routing == "tunnel"
    # Into a tunnel tc still redirects; the outer packet is what crosses the host's netfilter.
    out = (VXLAN_PUSH, *OUTER_TRACKED, OUTER_ROUTE) if tunnelled else ROUTED
    back = (*OUTER_TRACKED, VXLAN_POP) if tunnelled else ()
    replaced = config.kubeProxyReplacement
    from_pod = (TC_BPF,) if replaced else (BPF_SERVICE, TC_BPF)
    return DataPath(
        title=f"Cilium {mode(config)}",
        pod_out=(VETH_OUT,),
        pod_in=(VETH,),
        local=from_pod,
        egress=(*from_pod, *out),
        ingress=(*back, TC_BPF, *ROUTED),
        external_egress=(*from_pod, *ROUTED, MASQUERADE),
        external_ingress=(*ROUTED, TC_BPF),
        entry_local=(BPF_SERVICE, TC_BPF, *ROUTED) if replaced else (*ROUTED, TC_BPF),
        entry_remote=(BPF_SERVICE, *out) if replaced else (*ROUTED, *(out if tunnelled else ())),
        entry_return=(*back, BPF_NAT, *ROUTED) if replaced else (*back, *ROUTED),
        encapsulation=VXLAN if tunnelled else None,
        mtu_overhead=50 if tunnelled else 0,
        sources=SOURCES,
    )
