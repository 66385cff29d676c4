"""Cilium: tc eBPF programs at every pod, over VXLAN or the network's own routes."""

from dataclasses import replace
from typing import Literal

from pydantic import Field, model_validator

from netsim.ipam import Allocator, host_local
from netsim.model.config import Strict
from netsim.model.datapath import DataPath, Detour, Encapsulation, Stage
from netsim.model.stages import (
    BPF_FIB,
    BPF_NAT,
    BPF_OPTION,
    BPF_SERVICE,
    ESP,
    ESP_DECRYPT,
    ESP_ENCRYPT,
    ESP_VXLAN,
    GENEVE,
    GENEVE_POP,
    GENEVE_PUSH,
    IP_OPTION,
    MASQUERADE,
    OUTER_ROUTE,
    OUTER_TRACKED,
    PAIR_CONNTRACK,
    REDIRECT_PEER,
    ROUTED,
    TC_BPF,
    VETH,
    VETH_OUT,
    VXLAN,
    VXLAN_POP,
    VXLAN_PUSH,
    VXLAN_UNWRAP,
    VXLAN_WIREGUARD,
    VXLAN_WRAP,
    WIREGUARD,
    WIREGUARD_DECRYPT,
    WIREGUARD_ENCRYPT,
    WIREGUARD_POP,
    WIREGUARD_PUSH,
    popping,
    pushing,
)
from netsim.policy import cilium_map

# (tunnelled, encryption): encapsulation, its stages on the way out and in. IPsec's ESP is in tunnel mode, inside of
# VXLAN (before 1.18); WireGuard is around it. What ESP's tunnel mode gives back passes GRO (xfrm_input).
Tunnel = tuple[Encapsulation | None, tuple[Stage, ...], tuple[Stage, ...]]
TUNNELS: dict[tuple[bool, str], Tunnel] = {
    (False, "none"): (None, (), ()),
    (True, "none"): (VXLAN, (VXLAN_PUSH,), (VXLAN_POP,)),
    (False, "ipsec"): (ESP, (pushing(ESP_ENCRYPT, ESP),), (replace(popping(ESP_DECRYPT, ESP), merges=True),)),
    (True, "ipsec"): (
        ESP_VXLAN,
        (pushing(ESP_ENCRYPT, ESP_VXLAN), VXLAN_WRAP),
        (replace(VXLAN_UNWRAP, merges=False), replace(popping(ESP_DECRYPT, ESP_VXLAN), merges=True)),
    ),
    (False, "wireguard"): (WIREGUARD, (WIREGUARD_ENCRYPT, WIREGUARD_PUSH), (WIREGUARD_DECRYPT, WIREGUARD_POP)),
    (True, "wireguard"): (
        VXLAN_WIREGUARD,
        (VXLAN_WRAP, WIREGUARD_ENCRYPT, pushing(WIREGUARD_PUSH, VXLAN_WIREGUARD)),
        (WIREGUARD_DECRYPT, popping(WIREGUARD_POP, VXLAN_WIREGUARD), VXLAN_UNWRAP),
    ),
}
RESERVED = {"none": 0, "ipsec": 77, "wireguard": 80}  # bytes of the MTU, beside 50 for VXLAN

SOURCES = (
    "cilium/cilium Documentation/network/concepts/routing.rst: tunnel and native routing",
    "cilium/cilium Documentation/operations/performance/tuning.rst: eBPF host routing, bpf_redirect_peer",
    "cilium/cilium Documentation/network/kubernetes/kubeproxy-free.rst: connect-time and tc load balancing",
    "cilium/cilium pkg/mtu/mtu.go: 50 bytes for VXLAN, 77 for IPsec, 80 for WireGuard",
    "cilium/cilium daemon/cmd/kube_proxy_replacement.go: BPF host routing is incompatible with IPsec",
    "torvalds/linux 9aa1206e8f48: bpf_redirect_peer",
    "cilium/cilium bpf/lib/nodeport.h: DSR by IPv4 option or Geneve; issue 32601: 8 bytes in SYNs and datagrams",
    "cilium/cilium Documentation/network/egress-gateway/egress-gateway.rst: always through the tunnel",
)


class Config(Strict):
    """``routing-mode``, host routing, ``kube-proxy-replacement`` and encryption; VXLAN is the tunnel."""

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
    mtu: int | None = Field(
        None,
        ge=576,
        le=9216,
        description="Cilium's MTU: that of pods in bytes; without it the NIC's, less 50 for VXLAN, 77 for IPsec and 80 "
        "for WireGuard",
    )
    loadBalancerMode: Literal["snat", "dsr"] = Field(  # noqa: N815 - loadBalancer.mode of the Helm chart
        "snat",
        description="Cilium's bpf-lb-mode for what comes from outside: snat, answers return through the entry node; "
        "dsr, the node of the pod answers the client itself and sees its address",
    )
    dsrDispatch: Literal["opt", "geneve"] = Field(  # noqa: N815 - loadBalancer.dsrDispatch of the Helm chart
        "opt",
        description="Cilium's bpf-lb-dsr-dispatch, how the Service's address travels: opt is an IPv4 option of 8 bytes "
        "in SYNs and datagrams, geneve a Geneve tunnel, 50 bytes a packet and 12 more in SYNs and datagrams",
    )
    encryption: Literal["none", "ipsec", "wireguard"] = Field(
        "none", description="Cilium's encryption between nodes: ipsec is AES-GCM, wireguard ChaCha20-Poly1305"
    )

    policyDenyResponse: Literal["none", "icmp"] = Field(  # noqa: N815
        "none",
        description="Cilium's answer to what a pod's own egress policies deny: none drops it, icmp tells the pod",
    )

    @model_validator(mode="after")
    def _host_routing_has_what_it_needs(self) -> "Config":
        if self.hostRouting == "eBPF" and not self.kubeProxyReplacement:
            raise ValueError("eBPF host routing needs kubeProxyReplacement: true; write hostRouting: legacy")
        if self.hostRouting == "eBPF" and self.encryption == "ipsec":
            raise ValueError("eBPF host routing passes IPsec by; write hostRouting: legacy")
        return self

    @model_validator(mode="after")
    def _direct_return_has_what_it_needs(self) -> "Config":
        if self.loadBalancerMode == "dsr" and (self.routing != "native" or self.hostRouting != "eBPF"):
            raise ValueError("loadBalancerMode dsr needs routing: native and hostRouting: eBPF")
        if self.loadBalancerMode == "dsr" and self.encryption != "none":
            raise ValueError("loadBalancerMode dsr goes past encryption; write encryption: none")
        if self.loadBalancerMode != "dsr" and self.dsrDispatch != "opt":
            raise ValueError("dsrDispatch belongs to loadBalancerMode: dsr")
        return self


def variants() -> tuple[Config, ...]:
    """Every mode."""
    routings: tuple[Literal["tunnel", "native"], ...] = ("tunnel", "native")
    plain = (
        config
        for routing in routings
        for config in (
            Config(routing=routing),
            Config(routing=routing, hostRouting="legacy"),
            Config(routing=routing, hostRouting="legacy", kubeProxyReplacement=False),
            Config(routing=routing, encryption="wireguard"),
            Config(routing=routing, hostRouting="legacy", encryption="ipsec"),
        )
    )
    return (
        *plain,
        Config(routing="native", loadBalancerMode="dsr"),
        Config(routing="native", loadBalancerMode="dsr", dsrDispatch="geneve"),
    )


def mode(config: Config) -> str:
    """Such as ``vxlan``, ``native``, ``native ipsec legacy``, ``vxlan legacy kube-proxy``."""
    words = ["vxlan" if config.routing == "tunnel" else "native"]
    words += [] if config.encryption == "none" else [config.encryption]
    words += ["dsr"] if config.loadBalancerMode == "dsr" else []
    words += ["geneve"] if config.dsrDispatch == "geneve" else []
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


def _tunnel(config: Config) -> Tunnel:
    return TUNNELS[config.routing == "tunnel", config.encryption]


def _mtu_overhead(config: Config) -> int:
    tunnelled = config.routing == "tunnel" or config.dsrDispatch == "geneve"
    return (50 if tunnelled else 0) + RESERVED[config.encryption]


def _direct_return(config: Config) -> Detour | None:
    """With an option the packet is routed as it is; Geneve goes from node to node."""
    if config.loadBalancerMode != "dsr":
        return None
    if config.dsrDispatch == "geneve":
        return Detour((BPF_SERVICE, GENEVE_PUSH, OUTER_ROUTE), (GENEVE_POP, BPF_OPTION, TC_BPF), GENEVE)
    return Detour((BPF_SERVICE, BPF_OPTION, BPF_FIB), (BPF_OPTION, TC_BPF), IP_OPTION)


def _to_gateway(config: Config) -> Detour | None:
    """An egress gateway is reached through VXLAN, also where pods are routed without a tunnel."""
    if config.routing == "tunnel" or config.encryption != "none" or config.hostRouting != "eBPF":
        return None
    return Detour((TC_BPF, VXLAN_PUSH, OUTER_ROUTE), (VXLAN_POP, TC_BPF), VXLAN)


def _ebpf(config: Config) -> DataPath:
    encapsulation, wrap, unwrap = _tunnel(config)
    out = (*wrap, OUTER_ROUTE) if encapsulation else (BPF_FIB,)
    return DataPath(
        title=f"Cilium {mode(config)}",
        pod_out=(VETH_OUT,),
        pod_in=(REDIRECT_PEER,),
        local=(TC_BPF,),
        egress=(TC_BPF, *out),
        ingress=(*unwrap, TC_BPF),
        external_egress=(TC_BPF, BPF_FIB, replace(BPF_NAT, masquerades=True)),
        external_ingress=(BPF_NAT, TC_BPF),
        entry_local=(BPF_SERVICE, TC_BPF),
        entry_remote=(BPF_SERVICE, *out),
        entry_return=(*unwrap, BPF_NAT, BPF_FIB),
        direct_return=_direct_return(config),
        answer=(TC_BPF, BPF_NAT, BPF_FIB) if config.loadBalancerMode == "dsr" else (),
        to_gateway=_to_gateway(config),
        encapsulation=encapsulation,
        mtu_overhead=_mtu_overhead(config),
        fixed_mtu=config.mtu,
        policing=cilium_map.policing(config.policyDenyResponse == "icmp"),
        sources=SOURCES,
    )


def _legacy(config: Config) -> DataPath:
    encapsulation, wrap, unwrap = _tunnel(config)
    # Ciphers hide the flows: then the outer packets of two nodes are one flow.
    tracked = OUTER_TRACKED if config.encryption == "none" else (PAIR_CONNTRACK,)
    beyond = (*wrap, *tracked, OUTER_ROUTE) if encapsulation else ()
    back = (*tracked, *unwrap) if encapsulation else ()
    # Into a tunnel tc still redirects; the outer packet is what crosses the host's netfilter. IPsec needs the stack.
    redirected = config.routing == "tunnel" and config.encryption != "ipsec"
    out = beyond if redirected else (*ROUTED, *beyond)
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
        entry_remote=(BPF_SERVICE, *out) if replaced else (*ROUTED, *beyond),
        entry_return=(*back, BPF_NAT, *ROUTED) if replaced else (*back, *ROUTED),
        encapsulation=encapsulation,
        mtu_overhead=_mtu_overhead(config),
        fixed_mtu=config.mtu,
        policing=cilium_map.policing(config.policyDenyResponse == "icmp"),
        sources=SOURCES,
    )
