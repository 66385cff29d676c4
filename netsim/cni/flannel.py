"""Flannel: a bridge and a subnet for every node, and a choice of ways to carry packets between them."""

from dataclasses import replace
from typing import Literal

from pydantic import Field, model_validator

from netsim.ipam import Allocator, host_local
from netsim.model.config import Strict
from netsim.model.datapath import DataPath, Encapsulation, Lane, Stage
from netsim.model.stages import (
    BRIDGE,
    BRIDGED,
    DAEMON_READ,
    DAEMON_WRITE,
    ESP,
    ESP_DECRYPT,
    ESP_ENCRYPT,
    IPIP,
    IPIP_POP,
    IPIP_PUSH,
    MASQUERADE,
    OUTER_ROUTE,
    OUTER_TRACKED,
    PAIR_CONNTRACK,
    ROUTED,
    TUN_RECEIVE,
    TUN_TRANSMIT,
    UDP_DELIVER,
    UDP_TUNNEL,
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
    popping,
    pushing,
)

Backend = Literal["vxlan", "host-gw", "udp", "wireguard", "ipip", "ipsec"]

SENT_BY_DAEMON = (PAIR_CONNTRACK.on(Lane.DAEMON), OUTER_ROUTE.on(Lane.DAEMON))

# backend: encapsulation, bytes taken off the MTU, the tunnel's stages on the way out and in
TUNNELS: dict[Backend, tuple[Encapsulation | None, int, tuple[Stage, ...], tuple[Stage, ...]]] = {
    "host-gw": (None, 0, (), ()),
    "vxlan": (VXLAN, 50, (VXLAN_PUSH, *OUTER_TRACKED, OUTER_ROUTE), (*OUTER_TRACKED, VXLAN_POP)),
    "ipip": (IPIP, 20, (IPIP_PUSH, PAIR_CONNTRACK, OUTER_ROUTE), (PAIR_CONNTRACK, IPIP_POP)),
    "wireguard": (
        WIREGUARD,
        80,  # room for an IPv6 outer header, whichever is used
        (WIREGUARD_ENCRYPT, WIREGUARD_PUSH, PAIR_CONNTRACK, OUTER_ROUTE),
        (PAIR_CONNTRACK, WIREGUARD_DECRYPT, WIREGUARD_POP),
    ),
    "ipsec": (
        ESP,
        77,  # with room for the padding of any cipher
        (pushing(ESP_ENCRYPT, ESP), PAIR_CONNTRACK, OUTER_ROUTE),
        (PAIR_CONNTRACK, replace(popping(ESP_DECRYPT, ESP), merges=True)),  # xfrm_input gives tunnel mode to GRO
    ),
    "udp": (
        UDP_TUNNEL,
        28,
        (TUN_TRANSMIT, DAEMON_READ, pushing(DAEMON_WRITE, UDP_TUNNEL), *SENT_BY_DAEMON),
        (PAIR_CONNTRACK, UDP_DELIVER, popping(DAEMON_READ, UDP_TUNNEL), DAEMON_WRITE, TUN_RECEIVE),
    ),
}

SOURCES = (
    "flannel-io/flannel Documentation/backends.md",
    "flannel-io/flannel pkg/backend/{vxlan,hostgw,wireguard,udp,ipip,ipsec}: headers and MTU",
    "flannel-io/flannel pkg/trafficmngr/iptables/iptables.go: masquerade cluster to others; no NOTRACK rule",
)


class Config(Strict):
    """``Backend`` of flannel's net-conf.json; ``directRouting`` as there: no tunnel inside a subnet."""

    plugin: Literal["flannel"] = Field("flannel", description="name of the CNI plugin")
    backend: Backend = Field(
        "vxlan",
        description="Flannel's Backend.Type: host-gw is plain routes; vxlan, ipip, wireguard, ipsec are kernel tunnels "
        "that take 50, 20, 80, 77 bytes of the pod MTU; udp is a user-space tunnel, 28 bytes",
    )
    directRouting: bool = Field(  # noqa: N815 - flannel's own key
        False, description="Flannel's DirectRouting: no tunnel inside a subnet; for backends vxlan and ipip"
    )
    hairpinMode: bool = Field(  # noqa: N815
        True,
        description="Flannel's hairpinMode in cni-conf.json: whether a pod's own packet comes back to it, when it "
        "calls a Service and is chosen itself",
    )
    mtu: int | None = Field(
        None,
        ge=626,
        le=9216,
        description="Flannel's MTU of the backend vxlan: largest packet between nodes in bytes, 50 more than pods "
        "have; without it the NIC's",
    )

    @model_validator(mode="after")
    def _options_belong_to_backends(self) -> "Config":
        if self.directRouting and self.backend not in ("vxlan", "ipip"):
            raise ValueError(f"directRouting belongs to the backends vxlan and ipip, not to {self.backend}")
        if self.mtu is not None and self.backend != "vxlan":
            raise ValueError(f"mtu belongs to the backend vxlan, not to {self.backend}")
        return self


def variants() -> tuple[Config, ...]:
    """Every mode."""
    plain = tuple(Config(backend=backend) for backend in TUNNELS)
    return (*plain, Config(directRouting=True), Config(backend="ipip", directRouting=True))


def mode(config: Config) -> str:
    """The backend's name, with its direct routing."""
    return f"{config.backend} DirectRouting" if config.directRouting else config.backend


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
    """Switched by cni0 on one node; routed into the backend's device between nodes."""
    encapsulation, overhead, out, back = TUNNELS[config.backend]
    return DataPath(
        title=f"Flannel {mode(config)}",
        pod_out=(VETH_OUT,),
        pod_in=(VETH,),
        local=BRIDGED,
        local_service=(BRIDGE, *ROUTED, BRIDGE),
        egress=(BRIDGE, *ROUTED, *out),
        ingress=(*back, *ROUTED, BRIDGE),
        direct_egress=(BRIDGE, *ROUTED) if config.directRouting else None,
        direct_ingress=(*ROUTED, BRIDGE) if config.directRouting else None,
        external_egress=(BRIDGE, *ROUTED, MASQUERADE),
        external_ingress=(*ROUTED, BRIDGE),
        entry_local=(*ROUTED, BRIDGE),
        entry_remote=(*ROUTED, *out),
        entry_return=(*back, *ROUTED),
        encapsulation=encapsulation,
        mtu_overhead=overhead,
        fixed_mtu=None if config.mtu is None else config.mtu - overhead,
        hairpin=config.hairpinMode,
        sources=SOURCES,
    )
