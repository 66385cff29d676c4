"""Calico: every pod is a routed /32 behind a veth pair, with BGP, IPIP, VXLAN or WireGuard between nodes."""

from dataclasses import replace
from functools import partial
from typing import Literal

from pydantic import Field, field_validator, model_validator

from netsim.errors import quote
from netsim.ipam import Allocator, calico_blocks
from netsim.model.config import Strict
from netsim.model.datapath import DataPath, Detour, Encapsulation, Stage
from netsim.model.stages import (
    BPF_FIB,
    BPF_NAT,
    BPF_SERVICE,
    IPIP,
    IPIP_POP,
    IPIP_PUSH,
    MASQUERADE,
    OUTER_ROUTE,
    PAIR_CONNTRACK,
    REDIRECT_PEER,
    ROUTE,
    ROUTED,
    TC_BPF,
    VETH,
    VETH_OUT,
    VXLAN,
    VXLAN_POP,
    VXLAN_PUSH,
    WIREGUARD,
    WIREGUARD_DECRYPT,
    WIREGUARD_ENCRYPT,
    WIREGUARD_POP,
    WIREGUARD_PUSH,
)
from netsim.policy import felix_ebpf, felix_iptables
from netsim.units import UnitError, seconds

# encapsulation, stages on the way out and in. Felix sets NOTRACK on VXLAN's port: no tracking of outer
# packets.
Tunnel = tuple[Encapsulation | None, tuple[Stage, ...], tuple[Stage, ...]]
NO_TUNNEL: Tunnel = (None, (), ())
BY_VXLAN: Tunnel = (VXLAN, (VXLAN_PUSH, OUTER_ROUTE), (VXLAN_POP,))
BY_IPIP: Tunnel = (IPIP, (IPIP_PUSH, PAIR_CONNTRACK, OUTER_ROUTE), (PAIR_CONNTRACK, IPIP_POP))
BY_WIREGUARD: Tunnel = (
    WIREGUARD,
    (WIREGUARD_ENCRYPT, WIREGUARD_PUSH, PAIR_CONNTRACK, OUTER_ROUTE),
    (PAIR_CONNTRACK, WIREGUARD_DECRYPT, WIREGUARD_POP),
)
# The eBPF programs mark their packets, so that netfilter lets them pass untracked; a layer 3 device cannot be
# redirected to, the kernel's route leads into it.
BY_IPIP_BPF: Tunnel = (IPIP, (ROUTE, IPIP_PUSH, OUTER_ROUTE), (IPIP_POP,))
BY_WIREGUARD_BPF: Tunnel = (
    WIREGUARD,
    (ROUTE, WIREGUARD_ENCRYPT, WIREGUARD_PUSH, OUTER_ROUTE),
    (WIREGUARD_DECRYPT, WIREGUARD_POP),
)

BY_DSR = Detour((BPF_SERVICE, VXLAN_PUSH, OUTER_ROUTE), (VXLAN_POP, BPF_NAT, TC_BPF, VETH), VXLAN)

MTU_OVERHEAD = {"None": 0, "IPIP": 20, "VXLAN": 50}
WIREGUARD_OVERHEAD = 60

SOURCES = (
    "projectcalico/calico manifests/calico.yaml: CALICO_IPV4POOL_IPIP Always is the default",
    "projectcalico/calico felix/rules/static.go: NOTRACK for VXLAN, whose directions differ in source port",
    "projectcalico/calico felix/dataplane/linux/int_dataplane.go: overheads 20, 50, 60",
    "docs.tigera.io networking/configuring/mtu: the smallest MTU of all encapsulations; eBPF uses VXLAN's",
)


class Config(Strict):
    """Encapsulation and block size of the IPPool; data plane and WireGuard switch of FelixConfiguration."""

    plugin: Literal["calico"] = Field("calico", description="name of the CNI plugin")
    encapsulation: Literal["None", "IPIP", "IPIPCrossSubnet", "VXLAN", "VXLANCrossSubnet"] = Field(
        "IPIP",
        description="Calico's IPPool: None is plain BGP routes, IPIP adds 20 bytes to a packet, VXLAN 50; "
        "CrossSubnet only between subnets",
    )
    dataplane: Literal["iptables", "eBPF"] = Field(
        "iptables", description="Calico's data plane: iptables, or eBPF programs that also replace kube-proxy"
    )
    bpfExternalServiceMode: Literal["Tunnel", "DSR"] = Field(  # noqa: N815 - Calico's own key
        "Tunnel",
        description="Calico's eBPF data plane, for what comes from outside: Tunnel, answers return through the entry "
        "node; DSR, the node of the pod answers the client itself. Between the nodes it is VXLAN",
    )
    wireguard: bool = Field(False, description="Calico's encryption between nodes: true takes 60 bytes of the pod MTU")
    mtu: int | None = Field(
        None,
        ge=576,
        le=9216,
        description="Calico's veth_mtu: MTU of pods in bytes; without it the NIC's less the largest overhead in use",
    )
    blockSize: int = Field(  # noqa: N815 - Calico's own key
        26,
        ge=20,
        le=32,
        description="Calico's IPPool: prefix length of the blocks that nodes take; 26 is 64 addresses",
    )
    natPortRange: str | None = Field(  # noqa: N815 - Calico's own key
        None,
        description="Calico's FelixConfiguration: first and last source port of masqueraded connections, such as "
        "32768:65535; without it they keep the port that they have, or get one of 1024 to 65535",
    )

    @field_validator("natPortRange")
    @classmethod
    def _range(cls, value: str | None) -> str | None:
        if value is not None:
            port_range(value)
        return value

    @model_validator(mode="after")
    def _direct_return_is_for_ebpf(self) -> "Config":
        if self.bpfExternalServiceMode == "DSR" and self.dataplane != "eBPF":
            raise ValueError("bpfExternalServiceMode DSR needs dataplane: eBPF")
        return self
    iptablesFilterDenyAction: Literal["Drop", "Reject"] = Field(  # noqa: N815
        "Drop",
        description="Calico's FelixConfiguration: Drop lets packets that policies deny vanish, Reject answers by ICMP "
        "(iptables data plane)",
    )


def variants() -> tuple[Config, ...]:
    """Every mode."""
    kinds: tuple[Literal["None", "IPIP", "IPIPCrossSubnet", "VXLAN", "VXLANCrossSubnet"], ...]
    kinds = ("None", "IPIP", "IPIPCrossSubnet", "VXLAN", "VXLANCrossSubnet")
    planes: tuple[Literal["iptables", "eBPF"], ...] = ("iptables", "eBPF")
    plain = tuple(Config(encapsulation=kind, dataplane=plane) for plane in planes for kind in kinds)
    encrypted = (Config(encapsulation="None", dataplane=plane, wireguard=True) for plane in planes)
    return (*plain, *encrypted, Config(encapsulation="None", dataplane="eBPF", bpfExternalServiceMode="DSR"))


def mode(config: Config) -> str:
    """Such as ``bgp``, ``ipip CrossSubnet``, ``vxlan eBPF``, ``wireguard``."""
    kind, cross = _kind(config)
    words = ["wireguard" if config.wireguard else "bgp" if kind == "None" else kind.lower()]
    words += ["CrossSubnet"] if cross and not config.wireguard else []
    words += ["eBPF"] if config.dataplane == "eBPF" else []
    words += ["DSR"] if config.bpfExternalServiceMode == "DSR" else []
    return " ".join(words)


def ipam(config: Config) -> str:
    """Blocks of the pool, affine to nodes."""
    return "calico-blocks"


def allocator(config: Config) -> Allocator:
    """Blocks of ``blockSize``; a tunnel's device takes an address on every node."""
    tunnelled = config.wireguard or config.encapsulation != "None"
    return partial(calico_blocks.allocate, prefix=config.blockSize, per_node=int(tunnelled))


def route_hold(config: Config) -> int | None:
    """How long BIRD on the other nodes keeps the routes to a node that fell silent, in ps; None where Felix programs
    them from the API. Source: projectcalico/bird proto/bgp/config.Y (hold time 240 s)."""
    return None if config.encapsulation.startswith("VXLAN") else seconds(240)


def replaces_proxy(config: Config) -> bool:
    """The eBPF data plane translates Service addresses at connect() and in tc."""
    return config.dataplane == "eBPF"


def port_range(written: str) -> range:
    """The ports of ``first:last``; raises UnitError where they are none."""
    first, _, last = written.partition(":")
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= 65535):
        raise UnitError(f"{quote(written)} is no range of ports", "Write first:last, such as 32768:65535.")
    return range(int(first), int(last) + 1)


def data_path(config: Config) -> DataPath:
    """Routed by the host on the iptables data plane, redirected by tc programs on the eBPF data plane."""
    path = _ebpf(config) if config.dataplane == "eBPF" else _iptables(config)
    return replace(path, nat_ports=len(port_range(config.natPortRange))) if config.natPortRange else path


def _kind(config: Config) -> tuple[str, bool]:
    kind = config.encapsulation.removesuffix("CrossSubnet")
    return kind, kind != config.encapsulation


def _mtu_overhead(config: Config) -> int:
    kind = "VXLAN" if config.dataplane == "eBPF" else _kind(config)[0]
    return max(MTU_OVERHEAD[kind], WIREGUARD_OVERHEAD if config.wireguard else 0)


def _tunnel(config: Config) -> Tunnel:
    bpf = config.dataplane == "eBPF"
    if config.wireguard:
        return BY_WIREGUARD_BPF if bpf else BY_WIREGUARD
    by_ipip = BY_IPIP_BPF if bpf else BY_IPIP
    return {"None": NO_TUNNEL, "IPIP": by_ipip, "VXLAN": BY_VXLAN}[_kind(config)[0]]


def _is_direct_in_subnet(config: Config) -> bool:
    return _kind(config)[1] and not config.wireguard


def _iptables(config: Config) -> DataPath:
    encapsulation, out, back = _tunnel(config)
    direct = ROUTED if _is_direct_in_subnet(config) else None
    return DataPath(
        title=f"Calico {mode(config)}",
        pod_out=(VETH_OUT,),
        pod_in=(VETH,),
        local=ROUTED,
        egress=(*ROUTED, *out),
        ingress=(*back, *ROUTED),
        direct_egress=direct,
        direct_ingress=direct,
        external_egress=(*ROUTED, MASQUERADE),
        external_ingress=ROUTED,
        entry_local=ROUTED,
        entry_remote=(*ROUTED, *out),
        entry_return=(*back, *ROUTED),
        encapsulation=encapsulation,
        mtu_overhead=_mtu_overhead(config),
        fixed_mtu=config.mtu,
        policing=felix_iptables.policing(config.iptablesFilterDenyAction == "Reject"),
        sources=SOURCES,
    )


def _ebpf(config: Config) -> DataPath:
    # Hand-overs differ: a pod of the same node is reached by bpf_redirect_peer, from the NIC through its veth
    # pair. NodePort traffic to another node takes the pool's own encapsulation here, where Calico always uses
    # VXLAN.
    encapsulation, out, back = _tunnel(config)
    direct = _is_direct_in_subnet(config)
    return DataPath(
        title=f"Calico {mode(config)}",
        pod_out=(VETH_OUT,),
        pod_in=(),
        local=(TC_BPF, REDIRECT_PEER),
        egress=(TC_BPF, *out),
        ingress=(*back, TC_BPF, VETH),
        direct_egress=(TC_BPF,) if direct else None,
        direct_ingress=(TC_BPF, VETH) if direct else None,
        external_egress=(TC_BPF, *ROUTED, MASQUERADE),
        external_ingress=(*ROUTED, TC_BPF, VETH),
        entry_local=(BPF_SERVICE, VETH),
        entry_remote=(BPF_SERVICE, *out),
        entry_return=(*back, BPF_NAT),
        direct_return=BY_DSR if config.bpfExternalServiceMode == "DSR" else None,
        answer=(TC_BPF, BPF_NAT, BPF_FIB) if config.bpfExternalServiceMode == "DSR" else (),
        encapsulation=encapsulation,
        mtu_overhead=_mtu_overhead(config),
        fixed_mtu=config.mtu,
        policing=felix_ebpf.POLICING,
        sources=(*SOURCES, "projectcalico/calico felix/bpf-gpl: tc programs, connect-time load balancing"),
    )
