"""What a cluster is made of: machines, pods, Services and the machines outside."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from netsim.model.law import Law

DEFAULT_POD_CIDR = IPv4Network("10.244.0.0/16")  # flannel's manifest
DEFAULT_SERVICE_CIDR = IPv4Network("10.96.0.0/12")  # kubeadm's default


@dataclass(frozen=True, slots=True)
class Nic:
    """A network interface: bandwidth in bit/s, MTU in bytes, receive queues, ring in frames per queue."""

    bandwidth: int
    mtu: int = 1500
    queues: int = 8
    ring: int = 1024
    tunnel_offload: bool = True


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that runs pods. ``speed`` is its core speed in ppm of the cost profile's hardware."""

    name: str
    cores: int
    nic: Nic
    zone: str = ""
    subnet: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    max_pods: int = 110
    pod_cidr: IPv4Network | None = None
    conntrack_max: int | None = None
    speed: int = 1_000_000


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
class Connections:
    """How a client uses connections.

    ``mode``: ``perRequest`` opens one for each request; ``pooled`` opens up to ``limit`` per client and
    target and gives each request one to itself; ``persistent`` multiplexes all requests of a client on one.
    """

    mode: str = "pooled"
    limit: int = 32
    keep_alive: int = 75_000_000_000_000  # ps


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
class Traffic:
    """A named stream of requests.

    ``source``: a workload (``deployment/ns/name``), ``pod/ns/name``, ``node/name`` (the host itself),
    ``external/name`` or ``internet``. ``via``: None, ``loadBalancer`` or ``nodePort`` for sources outside.
    ``clients`` is the number of distinct client machines of an ``internet`` source; ``travel`` its one-way travel
    time law in ps.
    """

    name: str
    source: str
    call: Call
    load: OpenLoop | ClosedLoop
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
