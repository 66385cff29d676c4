"""A CNI's data path: the ordered stages that a packet crosses from socket to socket, without any number."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from netsim.model.policy import Judgement, NetworkPolicy

Walk = tuple[tuple[str, int], ...]
"""Cost entries, and how often each is paid."""


class Lane(Enum):
    """Where the work of a stage is done."""

    APPLICATION = "application"  # the sending or receiving thread's own time on a core
    SOFTIRQ = "softirq"  # the kernel's receive and forwarding path on a core; pre-empts applications
    WORKER = "worker"  # a kernel thread that takes its turn among the threads, on whichever core is idle
    DAEMON = "daemon"  # a user-space tunnel process of the node, a server of its own


class Entropy(Enum):
    """What RSS, RPS and ECMP can see of a flow through an encapsulation's outer header."""

    INNER_FLOW = "inner flow"  # a UDP source port derived from the inner flow (VXLAN, Geneve)
    NODE_PAIR = "node pair"  # only the two node addresses (IPIP, ESP, WireGuard, user-space tunnels)


class Offload(Enum):
    """Whether a NIC can cut an encapsulated super-packet into frames."""

    NIC = "nic"  # yes, when the NIC has tunnel offload
    NEVER = "never"  # the kernel cuts it before: every later stage is paid per frame


@dataclass(frozen=True, slots=True)
class Encapsulation:
    """How a pod's packet is wrapped between nodes.

    ``header_bytes`` are added to the inner IP packet, which is first padded to a multiple of ``align`` bytes.
    ``dissected`` says whether software that steers packets (RPS) looks behind an outer header without ports.
    ``opening_bytes`` come on top in the packet that opens a flow, and in every datagram.
    """

    name: str
    header_bytes: int
    entropy: Entropy
    offload: Offload
    source: str
    align: int = 1
    dissected: bool = False
    opening_bytes: int = 0

    def with_option(self) -> "Encapsulation":
        """As it is around a packet that opens a flow."""
        return replace(self, header_bytes=self.header_bytes + self.opening_bytes)

    def hides_flows(self, steering: bool) -> bool:
        """Whether RSS and ECMP, or RPS where ``steering``, see the two nodes only."""
        return self.entropy is Entropy.NODE_PAIR and not (steering and self.dissected)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a data path; its cost is the entry of the same name under costs/.

    ``first_packet`` stages run only for the packet that opens a flow. ``tracks`` is the number of conntrack
    entries that packet adds to its node. ``translates`` marks the place where a Service address becomes a pod's.
    ``masquerades`` marks the place where a source address becomes the node's, with a port of the node's own.
    ``screens`` is ``"egress"`` or ``"ingress"`` where a flow's first packet is held against network policies.
    ``splits`` marks a step behind which super-packets exist no more, ``merges`` one behind which they do again.
    """

    name: str
    lane: Lane = Lane.SOFTIRQ
    first_packet: bool = False
    tracks: int = 0
    translates: bool = False
    masquerades: bool = False
    screens: str = ""
    push: Encapsulation | None = None
    pop: Encapsulation | None = None
    splits: bool = False
    merges: bool = False

    def on(self, lane: Lane) -> "Stage":
        """The same step done in another lane (a host socket runs the output path in its own thread)."""
        return replace(self, lane=lane)


@dataclass(frozen=True, slots=True)
class Detour:
    """A way between two nodes of its own: stages up to the NIC of the first, from the NIC of the second on, and what
    packets wear between."""

    sent: tuple[Stage, ...]
    received: tuple[Stage, ...]
    encapsulation: Encapsulation | None = None


@dataclass(frozen=True, slots=True)
class Policing:
    """How a CNI enforces network policies: on a flow's first packet, as it leaves its pod and as it enters another.

    ``walk`` says what is evaluated on the way to a judgement: cost entries and how often each is paid, given the
    judgement, the flow's protocol and all policies of the cluster; nothing where no policy selects the pod.
    ``rejects`` are the directions in which a denied client is told so; elsewhere its packets vanish.
    ``blocks_match_pods`` is False where an ipBlock does not mean addresses of pods and nodes.
    """

    title: str
    entries: tuple[str, ...]
    walk: Callable[[Judgement, str, tuple[NetworkPolicy, ...]], Walk]
    rejects: tuple[str, ...] = ()
    blocks_match_pods: bool = True
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataPath:
    """The pieces from which lowering composes every path of one CNI mode.

    Each is a tuple of stages in the order of travel. ``lowering/paths.py`` adds what is common to all CNIs:
    the socket at both ends, the NIC's queue and driver, and the wire.

    - ``pod_out``: behind the sending socket, in the sender's application lane (the veth pair of a pod)
    - ``pod_in``: the hand-over into the receiving pod's namespace
    - ``local``: between two pods of one node; ``local_service`` the same when the packet was addressed to a Service
    - ``egress``/``ingress``: between the pod and the NIC towards another node, encapsulation included
    - ``direct_egress``/``direct_ingress``: the same for a peer node of the same subnet, where the mode differs there
    - ``external_egress``/``external_ingress``: towards and from machines outside the cluster (masquerade)
    - ``entry_local``: from the NIC of a node to a pod of that node for traffic that came to a NodePort
    - ``entry_remote``/``entry_return``: from NIC to NIC of the entry node when the chosen pod is elsewhere, and back
    - ``direct_return``: from NIC to NIC of the entry node and from the NIC of the chosen pod's node to the pod, where
      that node answers the client itself (direct server return), keeping its address; ``answer`` is its way out
    - ``to_gateway``: from a pod to the node that is its egress gateway, where that differs from ``egress``
    - ``to_host``: from a pod to the node that it is on, where that is not ``entry_local``
    - ``policing``: how network policies are enforced, None where they are not

    ``hairpin`` is False where a pod's own packet does not come back to it by the bridge port that it left.
    """

    title: str
    pod_out: tuple[Stage, ...]
    pod_in: tuple[Stage, ...]
    local: tuple[Stage, ...]
    egress: tuple[Stage, ...]
    ingress: tuple[Stage, ...]
    external_egress: tuple[Stage, ...]
    external_ingress: tuple[Stage, ...]
    entry_local: tuple[Stage, ...]
    entry_remote: tuple[Stage, ...]
    entry_return: tuple[Stage, ...]
    local_service: tuple[Stage, ...] | None = None
    direct_return: Detour | None = None
    answer: tuple[Stage, ...] = ()
    to_gateway: Detour | None = None
    to_host: tuple[Stage, ...] | None = None
    direct_egress: tuple[Stage, ...] | None = None
    direct_ingress: tuple[Stage, ...] | None = None
    encapsulation: Encapsulation | None = None
    mtu_overhead: int = 0
    fixed_mtu: int | None = None
    pods_on_host_network: bool = False
    policing: Policing | None = None
    hairpin: bool = True
    sources: tuple[str, ...] = ()
    nat_ports: int | None = None  # for masqueraded connections towards one destination; None as the kernel has them

    @property
    def outer_bytes(self) -> int:
        """The most that an encapsulation of this mode adds to a packet."""
        detours = [way.encapsulation for way in (self.direct_return, self.to_gateway) if way is not None]
        found = [wrap for wrap in (self.encapsulation, *detours) if wrap is not None]
        return max((wrap.with_option().header_bytes for wrap in found), default=0)

    @property
    def routes_pods(self) -> bool:
        """Whether the network itself has routes to the addresses of pods."""
        return self.encapsulation is None

    def pod_mtu(self, nic_mtu: int) -> int:
        """MTU in bytes of a pod's interface on a node whose NIC has ``nic_mtu``."""
        return nic_mtu - self.mtu_overhead if self.fixed_mtu is None else self.fixed_mtu


@dataclass(frozen=True, slots=True)
class Translation:
    """How Service addresses become pod addresses: one kube-proxy mode.

    ``stage`` is crossed by a flow's first packet: in the softirq lane where netfilter sees it first, or in the
    application lane at connect(). The cost entry ``rule`` is paid for each rule walked there; ``miss`` is crossed
    where no rule matches. ``masquerade`` is the source translation of the first packet that leaves an entry node for
    another node; with ``masquerade_all`` of every connection to a Service.

    ``forward`` and ``reply`` are crossed by every packet to a Service and back, on the node that translates. With
    ``relays`` a process of that node ends the connection and makes one of its own to the pod. ``strategy`` names a
    file of balancing/, ``outside`` that for what comes from outside; with ``by_client`` they hash the client's address
    and not its port.
    """

    title: str
    stage: Stage
    strategy: str
    masquerade: Stage
    rule: str | None = None
    sources: tuple[str, ...] = ()
    miss: Stage | None = None
    forward: tuple[Stage, ...] = ()
    reply: tuple[Stage, ...] = ()
    relays: bool = False
    outside: str | None = None
    by_client: bool = False
    masquerade_all: bool = False
