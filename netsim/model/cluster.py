"""What a cluster is made of: machines, pods, Services and the machines outside."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from netsim.model.law import Law
from netsim.model.transport import Connections, Transport

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


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod, placed on a node. ``owner`` is its workload, ``deployment/ns/name`` or ``pod/ns/name``."""

    namespace: str
    name: str
    node: str
    owner: str
    labels: tuple[tuple[str, str], ...] = ()
    containers: tuple["Container", ...] = ()
    host_network: bool = False

    @property
    def path(self) -> str:
        """``ns/name``, unique in the cluster."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Container:
    """A container and the TCP ports that it listens on, in the address and port space of its pod."""

    name: str
    ports: tuple[int, ...] = ()


class TrafficPolicy:
    """Which endpoints a node may choose for external traffic (``externalTrafficPolicy``)."""

    CLUSTER = "Cluster"
    LOCAL = "Local"


@dataclass(frozen=True, slots=True)
class Service:
    """A Service and the pods behind it (paths ``ns/name``, sorted). ``kind`` is the manifest's ``type``."""

    namespace: str
    name: str
    kind: str  # ClusterIP | NodePort | LoadBalancer
    endpoints: tuple[str, ...]
    ports: tuple[int, ...] = ()
    node_ports: tuple[int, ...] = ()
    external_policy: str = TrafficPolicy.CLUSTER

    @property
    def path(self) -> str:
        """``ns/name``."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class External:
    """A machine or VM outside the cluster, on the same fabric, with a host network stack of its own."""

    name: str
    nic: Nic
    cores: int = 8
    speed: int = 1_000_000
    latency: int = 0  # extra one-way travel to the fabric, in ps
    zone: str = ""


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """The machine that gives LoadBalancer Services an address: a pass-through L4 balancer.

    ``work`` is ps of forwarding per packet on each of ``servers``, the cost profile's where None; ``strategy`` names
    a file of balancing/.
    """

    strategy: str = "source_hash"
    work: int | None = None
    servers: int = 8
    bandwidth: int = 100_000_000_000


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
    pod_cidr: IPv4Network = DEFAULT_POD_CIDR
    service_cidr: IPv4Network = DEFAULT_SERVICE_CIDR


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a pod or a traffic source to ``to``: ``svc/ns/name``, ``pod/ns/name``, ``external/name``
    or ``localhost`` (another container of the same pod). ``request`` and ``response`` are laws in bytes."""

    to: str
    request: Law
    response: Law
    probability: int = 1_000_000  # ppm
    port: int | None = None
    connections: Connections = field(default_factory=Connections)
    transport: Transport = field(default_factory=Transport)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a manifest cannot say of a workload: how long it works on a request and whom it calls.

    A pod serves up to ``concurrency`` requests at once (workers); a worker is held for ``service_time`` (waiting,
    storage) plus ``cpu_time`` on a core, then makes its calls group after group (a group runs in parallel).
    """

    target: str  # deployment/ns/name, statefulset/..., daemonset/..., pod/...
    concurrency: int = 64
    service_time: Law | None = None
    cpu_time: Law | None = None
    calls: tuple[tuple[Call, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """Requests that come whether or not earlier ones were answered. ``stages`` are (duration ps, rate in
    requests per 1,000 s); ``arrivals`` is ``poisson`` or ``constant``."""

    stages: tuple[tuple[int, int], ...]
    arrivals: str = "poisson"


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """Users who wait for their answer, think, and ask again."""

    users: int
    think: Law


@dataclass(frozen=True, slots=True)
class Bulk:
    """Long TCP transfers, one per stream, each on a connection of its own, as iperf3 makes them: ``size`` bytes each,
    or for ``duration`` ps; with neither until the run ends. The call's request law holds the size, 0 without one."""

    streams: int = 1
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class Datagrams:
    """UDP streams of datagrams whose payload the call's request law gives, ``interval`` ps apart (0: as fast as the
    sender's core allows), for ``duration`` ps, or until the run ends."""

    streams: int = 1
    interval: int = 0
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class Transactions:
    """Processes that ask, wait for the answer and ask again at once, as netperf's RR; with ``connect`` each time over
    a new connection, which the server closes, as its CRR."""

    processes: int = 1
    connect: bool = False


Load = OpenLoop | ClosedLoop | Bulk | Datagrams | Transactions


@dataclass(frozen=True, slots=True)
class Traffic:
    """A named stream of requests, or of anything else that ``load`` says.

    ``source``: a workload (``deployment/ns/name``), ``pod/ns/name``, ``node/name`` (the host itself),
    ``external/name`` or ``internet``. ``via``: None, ``loadBalancer`` or ``nodePort`` for sources outside.
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
