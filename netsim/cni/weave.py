"""Weave Net: one layer 2 network over all nodes, carried by Open vSwitch or by a user-space router."""

from typing import Literal

from pydantic import Field

from netsim.ipam import Allocator, weave_ring
from netsim.model.config import Strict
from netsim.model.datapath import DataPath, Encapsulation, Lane, Stage
from netsim.model.stages import (
    BRIDGE,
    BRIDGED,
    DAEMON_READ,
    DAEMON_WRITE,
    ESP_DECRYPT,
    ESP_ENCRYPT,
    MASQUERADE,
    NACL_OPEN,
    NACL_SEAL,
    OUTER_ROUTE,
    OUTER_TRACKED,
    OVS,
    PACKET_INJECT,
    PACKET_TAP,
    PAIR_CONNTRACK,
    ROUTED,
    SLEEVE,
    SLEEVE_NACL,
    UDP_DELIVER,
    VETH,
    VETH_OUT,
    VXLAN,
    VXLAN_ESP,
    VXLAN_POP,
    VXLAN_PUSH,
    VXLAN_UNWRAP,
    VXLAN_WRAP,
    popping,
    pushing,
)
from netsim.policy.weave_npc import POLICING

SENT_BY_DAEMON = (PAIR_CONNTRACK.on(Lane.DAEMON), OUTER_ROUTE.on(Lane.DAEMON))
TO_DAEMON = (PAIR_CONNTRACK, UDP_DELIVER)

# (mode, encrypted): encapsulation, stages between the bridge and the NIC on the way out and in
TUNNELS: dict[tuple[str, bool], tuple[Encapsulation, tuple[Stage, ...], tuple[Stage, ...]]] = {
    ("fastdp", False): (
        VXLAN,
        (VETH, OVS, VXLAN_PUSH, *OUTER_TRACKED, OUTER_ROUTE),
        (*OUTER_TRACKED, VXLAN_POP, OVS, VETH),
    ),
    ("fastdp", True): (
        VXLAN_ESP,
        (VETH, OVS, VXLAN_WRAP, *OUTER_TRACKED, OUTER_ROUTE, ESP_ENCRYPT),
        (PAIR_CONNTRACK, ESP_DECRYPT, *OUTER_TRACKED, VXLAN_UNWRAP, OVS, VETH),
    ),
    ("sleeve", False): (
        SLEEVE,
        (PACKET_TAP, DAEMON_READ, pushing(DAEMON_WRITE, SLEEVE), *SENT_BY_DAEMON),
        (*TO_DAEMON, popping(DAEMON_READ, SLEEVE), DAEMON_WRITE, PACKET_INJECT),
    ),
    ("sleeve", True): (
        SLEEVE_NACL,
        (PACKET_TAP, DAEMON_READ, NACL_SEAL, pushing(DAEMON_WRITE, SLEEVE_NACL), *SENT_BY_DAEMON),
        (*TO_DAEMON, popping(DAEMON_READ, SLEEVE_NACL), NACL_OPEN, DAEMON_WRITE, PACKET_INJECT),
    ),
}

SOURCES = (
    "weaveworks/weave router/fastdp.go, docs/fastdp.md: VXLAN vport, UDP 6784",
    "weaveworks/weave docs/fastdp-crypto.md: ESP in the kernel, AES-GCM, 34 to 37 bytes",
    "weaveworks/weave router/sleeve.go, router/crypto.go: user-space router, UDP 6783",
    "weaveworks/weave site/tasks/manage/fastdp.md: MTU 1376 unless WEAVE_MTU says otherwise",
)


class Config(Strict):
    """A password switches ``encrypted`` on; ``mtu`` is ``WEAVE_MTU`` in bytes (8916 for jumbo frames)."""

    plugin: Literal["weave"] = Field("weave", description="name of the CNI plugin")
    mode: Literal["fastdp", "sleeve"] = Field(
        "fastdp", description="Weave Net's way: fastdp is Open vSwitch in the kernel, sleeve a user-space router"
    )
    encrypted: bool = Field(False, description="Weave Net with a password: fastdp is encrypted by ESP, sleeve by NaCl")
    mtu: int = Field(
        1376, ge=576, le=8916, description="Weave Net's WEAVE_MTU: MTU of pods in bytes; 8916 for jumbo frames"
    )
    hairpinMode: bool = Field(  # noqa: N815 - the key in 10-weave.conflist
        True,
        description="Weave Net's hairpinMode: whether a pod's own packet comes back to it, when it calls a Service and "
        "is chosen itself",
    )


def variants() -> tuple[Config, ...]:
    """Every mode."""
    modes: tuple[Literal["fastdp", "sleeve"], ...] = ("fastdp", "sleeve")
    return tuple(Config(mode=word, encrypted=encrypted) for word in modes for encrypted in (False, True))


def mode(config: Config) -> str:
    """``fastdp`` or ``sleeve``, and whether it is encrypted."""
    return f"{config.mode} encrypted" if config.encrypted else config.mode


def ipam(config: Config) -> str:
    """The ring of ranges that the peers share."""
    return "weave-ring"


def allocator(config: Config) -> Allocator:
    """The whole range as one ring."""
    return weave_ring.allocate


def replaces_proxy(config: Config) -> bool:
    """kube-proxy translates Service addresses."""
    return False


def data_path(config: Config) -> DataPath:
    """Switched from end to end; the bridge's frames cross netfilter because kube-proxy needs bridge-nf.

    A miss in the kernel's flow table goes to the router once for a pair of MAC addresses, not for a
    connection, and is left out. Traffic to Services and to the outside is routed by the host from the
    bridge's own address.
    """
    encapsulation, out, back = TUNNELS[config.mode, config.encrypted]
    return DataPath(
        title=f"Weave Net {mode(config)}",
        pod_out=(VETH_OUT,),
        pod_in=(VETH,),
        local=BRIDGED,
        local_service=(BRIDGE, *ROUTED, BRIDGE),
        egress=(*BRIDGED, *out),
        ingress=(*back, *BRIDGED),
        external_egress=(BRIDGE, *ROUTED, MASQUERADE),
        external_ingress=(*ROUTED, BRIDGE),
        entry_local=(*ROUTED, BRIDGE),
        entry_remote=(*ROUTED, BRIDGE, *out),
        entry_return=(*back, BRIDGE, *ROUTED),
        encapsulation=encapsulation,
        fixed_mtu=config.mtu,
        hairpin=config.hairpinMode,
        policing=POLICING,
        sources=SOURCES,
    )
