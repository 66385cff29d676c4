"""What a cluster is made of: machines, pods, Services and the machines outside."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from netsim.model.balancer import EgressGateway, LoadBalancer
from netsim.model.law import Law
from netsim.model.load import Load
from netsim.model.policy import NetworkPolicy
from netsim.model.transport import Connections, Tls, Transport
from netsim.model.workload import Autoscaler, Container, Control, Event, Workload

DEFAULT_POD_CIDR = IPv4Network("10.244.0.0/16")  # flannel's manifest
DEFAULT_SERVICE_CIDR = IPv4Network("10.96.0.0/12")  # kubeadm's default


@dataclass(frozen=True, slots=True)
class Nic:
    """A network interface: bandwidth in bit/s, MTU in bytes, receive queues, ring in frames per queue.

    ``tso``, ``gso``, ``gro`` and ``tunnel_offload`` say who cuts and merges super-packets; ``big_tcp`` is their largest
    size in bytes where it is not 65,535. ``virtual_overlay`` is set where the network between the nodes is an overlay
    itself, as that of virtual machines often is. ``moderation`` is the time in ps that interrupts are held back,
    -1 adapts.
    """

    bandwidth: int
    mtu: int = 1500
    queues: int = 8
    ring: int = 1024
    tunnel_offload: bool = True
    tso: bool = True
    gso: bool = True
    gro: bool = True
    big_tcp: int | None = None
    moderation: int = 0
    rps: bool = False
    virtual_overlay: bool = False


@dataclass(frozen=True, slots=True)
class Kernel:
    """Settings of a machine's kernel, with Linux's defaults.

    ``ports`` are the ephemeral ports per destination (net.ipv4.ip_local_port_range: 32768 to 60999 are 28,232),
    ``nat_ports`` those for source translation (1024 to 65535), ``backlog`` the bursts that wait at a core
    (net.core.netdev_max_backlog), ``socket_buffer`` the bytes of a datagram socket (net.core.rmem_default).
    """

    conntrack_max: int | None = None
    ports: int = 28_232
    nat_ports: int = 64_512
    backlog: int = 1000
    socket_buffer: int = 212_992


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that runs pods. ``speed`` is its core speed in ppm of the cost profile's hardware; ``aes`` says
    whether its cores have instructions for AES."""

    name: str
    cores: int
    nic: Nic
    zone: str = ""
    subnet: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    max_pods: int = 110
    pod_cidr: IPv4Network | None = None
    kernel: Kernel = field(default_factory=Kernel)
    speed: int = 1_000_000
    aes: bool = True
    address: IPv4Address | None = None  # its InternalIP


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod, placed on a node. ``owner`` is its workload, ``deployment/ns/name`` or ``pod/ns/name``."""

    namespace: str
    name: str
    node: str
    owner: str
    labels: tuple[tuple[str, str], ...] = ()
    containers: tuple[Container, ...] = ()
    host_network: bool = False

    @property
    def path(self) -> str:
        """``ns/name``, unique in the cluster."""
        return f"{self.namespace}/{self.name}"


class TrafficPolicy:
    """Which endpoints a node may choose for external traffic (``externalTrafficPolicy``)."""

    CLUSTER = "Cluster"
    LOCAL = "Local"


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of a Service: where it is reached, and where its pods listen (a number)."""

    port: int
    target: int
    protocol: str = "TCP"
    name: str = ""
    node_port: int | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A Service and the pods behind it (paths ``ns/name``, sorted). ``kind`` is the manifest's ``type``.

    ``affinity`` is the timeout of sessionAffinity ClientIP in ps, 0 for None. ``distribution`` is its
    trafficDistribution. ``source_ranges`` limits who may come through a load balancer (loadBalancerSourceRanges).
    ``targets`` says the ports in full; ``ports`` and ``node_ports`` are those of all of them. ``selector`` finds pods
    that come later, in its namespace; ``workload`` names theirs where no labels do.
    """

    namespace: str
    name: str
    kind: str  # ClusterIP | NodePort | LoadBalancer
    endpoints: tuple[str, ...]
    ports: tuple[int, ...] = ()
    node_ports: tuple[int, ...] = ()
    external_policy: str = TrafficPolicy.CLUSTER
    internal_policy: str = TrafficPolicy.CLUSTER
    affinity: int = 0
    distribution: str = ""
    headless: bool = False
    publish_not_ready: bool = False
    external_ips: tuple[str, ...] = ()
    source_ranges: tuple[IPv4Network, ...] = ()
    targets: tuple[ServicePort, ...] = ()
    selector: tuple[tuple[str, str], ...] = ()
    workload: str | None = None

    @property
    def path(self) -> str:
        """``ns/name``."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class External:
    """A machine or VM outside the cluster, on the same fabric, with a host network stack of its own. ``address`` is
    its own, for what depends on sources, None where nobody says."""

    name: str
    nic: Nic
    cores: int = 8
    speed: int = 1_000_000
    latency: int = 0  # extra one-way travel to the fabric, in ps
    zone: str = ""
    address: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything that stands still: machines, pods, Services, and the choice of network.

    ``cni``, ``proxy`` and ``fabric`` are the validated config models of the chosen files; the model does not look
    inside. ``internet`` is the one-way travel time law of clients outside (``from: internet``).
    """

    nodes: tuple[Node, ...]
    pods: tuple[Pod, ...]
    services: tuple[Service, ...]
    cni: object
    proxy: object
    fabric: object
    externals: tuple[External, ...] = ()
    load_balancer: LoadBalancer = field(default_factory=LoadBalancer)
    egress_gateways: tuple[EgressGateway, ...] = ()
    namespaces: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # name and labels
    policies: tuple[NetworkPolicy, ...] = ()
    workloads: tuple[Workload, ...] = ()
    autoscalers: tuple[Autoscaler, ...] = ()
    pod_cidr: IPv4Network = DEFAULT_POD_CIDR
    service_cidr: IPv4Network = DEFAULT_SERVICE_CIDR


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a pod or a traffic source to ``to``: ``svc/ns/name``, ``pod/ns/name``, ``external/name``
    or ``localhost`` (another container of the same pod). ``request`` and ``response`` are laws in bytes.

    An attempt that takes longer than ``timeout`` (ps) has failed; up to ``retries`` more follow. With ``per_request``
    the caller itself chooses an endpoint of the Service for each request, by the ``strategy`` of that name in
    balancing/, and connects to its own address: an L7 proxy. ``behaviour`` says what the called one does with this
    request, where that is not its workload's own: an intermediary passes it on. ``via`` is the way of one who is
    outside the cluster, or goes there: ``loadBalancer``, ``nodePort``, ``hostPort``, ``pods``, ``egressGateway/name``.

    ``to`` may also be ``node``, the host that the caller runs on. ``lookups`` are groups of calls that the caller makes
    itself, one group after the other, before it opens a connection, or with ``resolves`` before each request (DNS).
    ``race`` is the share in ppm of pairs of first datagrams from one socket of which one loses its conntrack entry
    where a Service's address is translated by NAT, -1 where datagrams are not tracked.
    """

    to: str
    request: Law
    response: Law
    probability: int = 1_000_000  # ppm
    port: int | None = None
    connections: Connections = field(default_factory=Connections)
    transport: Transport = field(default_factory=Transport)
    protocol: str = "TCP"
    timeout: int | None = None
    retries: int = 0
    per_request: bool = False
    strategy: str = "round_robin"
    tls: Tls | None = None
    behaviour: "Behaviour | None" = None
    via: str | None = None
    lookups: tuple[tuple["Call", ...], ...] = ()
    resolves: bool = False
    race: int = 0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a manifest cannot say of a workload: how long it works on a request and whom it calls.

    A pod serves up to ``concurrency`` requests at once (workers); a worker is held for ``service_time`` (waiting,
    storage) plus ``cpu_time`` on a core, then makes its calls group after group (a group runs in parallel). With
    ``one_of`` it makes one call of each group, by their probabilities, which sum to one.
    """

    target: str  # deployment/ns/name, statefulset/..., daemonset/..., pod/...
    concurrency: int = 64
    service_time: Law | None = None
    cpu_time: Law | None = None
    calls: tuple[tuple[Call, ...], ...] = ()
    one_of: bool = False


@dataclass(frozen=True, slots=True)
class Traffic:
    """A named stream of requests, or of anything else that ``load`` says.

    ``source``: a workload (``deployment/ns/name``), ``pod/ns/name``, ``node/name`` (the host itself),
    ``external/name`` or ``internet``. ``via``: the way of sources outside, as that of a Call.
    ``clients`` is the number of distinct client machines of an ``internet`` source; ``travel`` its one-way travel
    time law in ps.
    """

    name: str
    source: str
    call: Call
    load: Load
    via: str | None = None
    clients: int = 64
    travel: Law | None = None
    start: int = 0
    cidr: IPv4Network | None = None  # where its clients are, None where nobody says


@dataclass(frozen=True, slots=True)
class Run:
    """How long and how often: ``duration`` and ``warmup`` in ps (None: cut by MSER-5), the seed, replications.

    ``quantum`` is the number of frames per train on the wire; 1 sends every frame on its own.
    """

    duration: int
    warmup: int | None = None
    seed: int = 1
    replications: int = 1
    quantum: int = 8


@dataclass(frozen=True, slots=True)
class Scenario:
    """One variant of one scenario file: a cluster, what runs on it, and for how long."""

    name: str
    variant: str
    cluster: Cluster
    behaviours: tuple[Behaviour, ...]
    traffic: tuple[Traffic, ...]
    run: Run
    events: tuple[Event, ...] = ()
    control: Control = field(default_factory=Control)
