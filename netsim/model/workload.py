"""Workloads, what changes their number, and the events of a scenario: what the control plane acts on."""

from dataclasses import dataclass, field

from netsim.model.policy import NetworkPolicy

Labels = tuple[tuple[str, str], ...]
SECOND = 10**12
MS = 10**9


@dataclass(frozen=True, slots=True)
class Container:
    """A container and the TCP ports that it listens on, in the address and port space of its pod. ``named`` are those
    with a name; ``host_ports`` pairs of a port of the node and one of its own; ``udp`` the UDP ports with their names
    ("" where there is none)."""

    name: str
    ports: tuple[int, ...] = ()
    named: tuple[tuple[str, int], ...] = ()
    host_ports: tuple[tuple[int, int], ...] = ()
    udp: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How a pod comes and goes, in ps: ``startup`` from its container's start until its process listens, the
    readinessProbe's delay and period (0: it has none and is ready when its container runs), the preStop sleep,
    terminationGracePeriodSeconds. ``cpu_request`` is in thousandths of a core, 0 where unknown."""

    startup: int = SECOND
    probe_delay: int = 0
    probe_period: int = 0
    pre_stop: int = 0
    grace: int = 30 * SECOND
    cpu_request: int = 0


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment, StatefulSet or DaemonSet: ``deployment/ns/name``. ``max_surge`` and ``max_unavailable`` are numbers
    of pods, or shares in ppm where negative (-250_000 is 25 %)."""

    path: str
    replicas: int
    labels: Labels = ()
    containers: tuple[Container, ...] = ()
    host_network: bool = False
    selector: Labels = ()  # nodeSelector
    node: str | None = None  # nodeName: where all its pods must run
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    max_surge: int = -250_000
    max_unavailable: int = -250_000


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """A HorizontalPodAutoscaler on CPU utilisation: ``target`` in ppm of the request."""

    workload: str
    least: int
    most: int
    target: int
    up_window: int = 0
    down_window: int = 300 * SECOND


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at the time ``at`` (ps). ``action`` is rollout, scale, nodeDown, linkDown, linkDegrade or
    applyManifests; ``subject`` its object; ``lasts`` ps until it is undone, None for ever. The other fields belong to
    single actions: ``silent`` is a link that loses everything while its ends see it up; ``scales`` are workloads and
    the replicas that manifests give them; ``max_surge`` and ``max_unavailable`` as in Workload."""

    at: int
    action: str
    subject: str = ""
    lasts: int | None = None
    replicas: int | None = None
    rate: int | None = None  # bit/s
    travel: int = 0  # ps more
    loss: int = 0  # 10^-9
    silent: bool = False
    policies: tuple[NetworkPolicy, ...] = ()
    scales: tuple[tuple[str, int], ...] = ()
    max_surge: int | None = None
    max_unavailable: int | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """The clocks of the control plane, in ps.

    Defaults are Kubernetes's own (flags of kubelet and kube-controller-manager) but for those marked as assumed.
    ``hold`` is how long a router of the fabric believes in a peer that fell silent, ``route_hold`` how long nodes keep
    their routes to one that is dead, None: as long as the CNI has it. ``bfd`` is the time in which BFD notices both
    instead (FRR: 300 ms three times, 900 ms), None without it.
    """

    watch: int = 20 * MS  # mean time from a change at the API server to a watcher (assumed)
    write: int = 5 * MS  # a write to the API server (assumed)
    lease: int = 10 * SECOND  # kubelet nodeLeaseDurationSeconds / 4
    monitor: int = 5 * SECOND  # node-monitor-period
    grace: int = 50 * SECOND  # node-monitor-grace-period: 50 s from Kubernetes 1.32 on, 40 s before
    eviction: int = 300 * SECOND  # tolerationSeconds of not-ready and unreachable
    schedule: int = 10 * MS  # one pod of the scheduler's queue: 100 a second (KEP-5142: 100 to 150)
    batch: int = 0  # endpointslice-updates-batch-period
    sandbox: int = 250 * MS  # a pod's sandbox but for its network (assumed)
    container: int = 200 * MS  # a container's start, its image present (assumed)
    retry: int = 10 * SECOND  # kubelet's backOffPeriod
    relist: int = SECOND  # kubelet's PLEG
    program: int = 100 * MS  # a CNI agent programs policies: Felix's token bucket refills every 100 ms
    hpa_sync: int = 15 * SECOND  # horizontal-pod-autoscaler-sync-period
    check: int = 10 * SECOND  # a load balancer's health check
    threshold: int = 2  # failed checks in a row before a node is left out (assumed; clouds have 2 or 3)
    memberlist: int = 3 * SECOND  # MetalLB in L2 mode: until another node answers ARP ("a few seconds")
    hold: int = 9 * SECOND  # BGP hold time with FRR's datacenter profile, 180 s with its traditional one
    route_hold: int | None = None
    bfd: int | None = None
    advertise: int = 10 * MS  # a routing update from one router to the next (assumed)
