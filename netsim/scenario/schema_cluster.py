"""What a scenario file says of the cluster: node pools, the external load balancer, machines outside."""

from ipaddress import IPv4Network

from pydantic import ConfigDict, Field

from netsim.entry import balancers
from netsim.scenario.fields import (
    Address,
    Cores,
    Label,
    LinkRate,
    Memory,
    Moderation,
    Mtu,
    Network,
    PortRange,
    Section,
    Speed,
    SuperPacket,
    Time,
    written,
)
from netsim.scenario.schema_entry import ApiServerSection, BalancerChoice, GatewaySection

MOST_NODES = 5_000
Passthrough = balancers.load("passthrough").Config


class Interface(Section):
    """A network interface of every node of a pool."""

    name: Label = Field("eth0", description="its name, for overlays")
    bandwidth: LinkRate = written("10Gbit", description="line rate")
    mtu: Mtu = Field(1500, description="largest IP packet in bytes")
    queues: int = Field(8, ge=1, le=1024, description="receive queues that RSS spreads flows over")
    ring: int = Field(1024, ge=16, le=65536, description="frames that each receive queue holds")
    tso: bool = Field(
        True,
        description="whether the NIC cuts super-packets into frames (TCP segmentation offload)\n"
        "Without gso there are none to cut.",
    )
    gso: bool = Field(True, description="whether sockets make super-packets at all (generic segmentation offload)")
    gro: bool = Field(True, description="whether received frames are merged before the stack (generic receive offload)")
    tunnel_offload: bool = Field(True, description="whether the NIC can cut encapsulated super-packets")
    big_tcp: SuperPacket | None = Field(
        None,
        description="largest super-packet (BIG TCP), such as 192KiB; 65535 bytes if left out\n"
        "It needs gso. Packets in a tunnel or encrypted ones stay within 65535 bytes.",
    )
    interrupt_moderation: Moderation = written(
        "off",
        "how long the NIC holds interrupts back\n"
        "off: not at all. adaptive: longer under load, as drivers do by default. A time: always that long.",
    )
    rps: bool = Field(False, description="whether software spreads received packets over all cores (RPS)")
    virtual_overlay: bool = Field(
        False,
        description="whether the nodes are virtual machines on an overlay network\n"
        "The NIC's tunnel offload is then taken by that network, and lost for pods.",
    )


class Capacity(Section):
    """What a node offers to pods, as in a Node's status."""

    cpu: Cores = written("4", description="cores")
    memory: Memory | None = Field(None, description="memory; read, not modelled")
    pods: int = Field(110, ge=1, le=5000, description="most pods that the scheduler puts on it")


class Sysctls(Section):
    """Kernel settings of a node."""

    model_config = ConfigDict(alias_generator=None)

    conntrack_max: int | None = Field(
        None,
        ge=1,
        le=1 << 31,
        alias="net.netfilter.nf_conntrack_max",
        description="entries that the conntrack table holds; the kernel's default if left out",
    )
    ports: PortRange = Field(
        "32768 60999",
        alias="net.ipv4.ip_local_port_range",
        description="first and last port that clients connect from, to each destination",
        validate_default=True,
    )
    socket_buffer: int = Field(
        212_992,
        ge=2304,
        le=(1 << 31) - 1,
        alias="net.core.rmem_default",
        description="bytes that wait in the socket of a datagram's receiver, with the kernel's overhead",
    )
    backlog: int = Field(
        1000,
        ge=1,
        le=(1 << 31) - 1,
        alias="net.core.netdev_max_backlog",
        description="packets that wait at a core for the protocol stack",
    )


class NodePool(Section):
    """Nodes of one kind, named ``<pool>-0``, ``<pool>-1``, ..."""

    name: Label = Field(description="its name, the stem of its nodes' names")
    count: int | None = Field(
        None,
        ge=1,
        le=MOST_NODES,
        description="how many nodes; if left out, the Nodes of the manifests with these labels are the pool",
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="node labels; topology.kubernetes.io/zone is the zone"
    )
    subnet: str = Field("", max_length=63, description="layer-2 domain; nodes of one subnet are neighbours")
    capacity: Capacity = Field(default_factory=Capacity, description="cores and pods of a node")
    nics: list[Interface] = Field(
        default_factory=lambda: [Interface()], min_length=1, max_length=1, description="its interface"
    )
    sysctls: Sysctls = Field(default_factory=Sysctls, description="kernel settings")
    cpu_speed: Speed = written("100%", description="core speed relative to the cost profile's hardware")
    aes: bool = Field(True, description="whether the cores have instructions for AES (encryption with IPsec)")


class Outside(Section):
    """A machine outside the cluster, on the same fabric."""

    name: Label = Field(description="its name, used as external/<name>")
    bandwidth: LinkRate = written("10Gbit", description="rate of its interface")
    mtu: Mtu = Field(1500, description="largest IP packet in bytes")
    cores: Cores = written("8", description="cores")
    cpu_speed: Speed = written("100%", description="core speed relative to the cost profile's hardware")
    latency: Time = written("0", description="extra one-way travel time to the fabric")
    zone: str = Field("", max_length=63, description="zone that it is in")
    address: Address | None = Field(
        None, description="its address, for ipBlock of policies and loadBalancerSourceRanges; those let it in without"
    )


class ClusterSection(Section):
    """Machines and address space."""

    pod_cidr: Network = Field(IPv4Network("10.244.0.0/16"), alias="podCIDR", description="addresses of pods")
    service_cidr: Network = Field(IPv4Network("10.96.0.0/12"), alias="serviceCIDR", description="addresses of Services")
    node_pools: list[NodePool] = Field(default_factory=list, max_length=MOST_NODES, description="the nodes")
    load_balancer: BalancerChoice = Field(
        default_factory=Passthrough,
        description="what gives Services of type LoadBalancer an address, by kind; passthrough if left out",
    )
    api_server: ApiServerSection | None = Field(
        None, description="the API server, for via: kubectlProxy and via: portForward"
    )
    egress_gateways: list[GatewaySection] = Field(
        default_factory=list, max_length=100, description="nodes through which some pods reach machines outside"
    )
    externals: list[Outside] = Field(default_factory=list, max_length=1000, description="machines outside the cluster")
