"""The tables of a Program: enumerations and frozen dataclasses of int64 columns of equal length.

A row number is an id, and -1 means "none". Times are picoseconds, sizes bytes, rates bit/s.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]


class Kind(IntEnum):
    """What a station is."""

    SOFTIRQ = 0  # a core's receive and forwarding lane
    APPLICATION = 1  # the same core's thread lane, pre-empted by the former
    LINK = 2  # serialises frames, then they travel
    DAEMON = 3  # a user-space tunnel process
    BALANCER = 4  # forwards a connection's packets to an entry node
    POD = 5  # a pool of workers


class Op(IntEnum):
    """What a burst does at one visit of its path."""

    APPLICATION = 0  # work in the application lane of the role's core
    SOFTIRQ = 1  # work in the softirq lane of the core that the burst is on, through its backlog
    RECEIVE = 2  # the NIC's ring, then work in the softirq lane of the core that RSS picks
    DAEMON = 3  # work in the user-space tunnel of the role's node
    WIRE = 4  # cross the fabric from the role's place to the peer's
    TRAVEL = 5  # the client's own distance to the cluster, drawn from its law
    BALANCE = 6  # the external load balancer
    WORKER = 7  # work of a kernel thread, in the application lane of whichever core is idle


class Role(IntEnum):
    """The parties of a connection; a visit names its place by one of them."""

    CLIENT = 0
    ENTRY = 1  # the node whose NodePort the packet came to
    SERVER = 2
    BALANCER = 3


class Endpoint(IntEnum):
    """Who can open or accept a connection."""

    POD = 0
    HOST = 1  # a socket in a machine's own namespace: node, hostNetwork pod, external machine
    INTERNET = 2  # a client whose own machine is not modelled


class Entry(IntEnum):
    """How a connection comes to its target."""

    DIRECT = 0  # at the server's own address
    CLUSTER_IP = 1  # at a Service's address, translated on the client's machine
    NODE_PORT = 2  # at a node's address, translated there
    LOAD_BALANCER = 3  # likewise, behind a load balancer that picks the node


class Relation(IntEnum):
    """Where the server is, seen from the machine that forwards to it (client's, or entry node)."""

    SAME_POD = 0
    SAME_NODE = 1
    SAME_SUBNET = 2
    OTHER_SUBNET = 3
    OUTSIDE = 4  # one end is not a node of the cluster


class Phase(IntEnum):
    """The transfers of one request over one connection, in order."""

    SYN = 0
    SYNACK = 1
    REQUEST = 2
    RESPONSE = 3


REASONS = ("buffer", "ring", "backlog", "conntrack", "no-endpoint", "connect-timeout", "transfer-timeout", "tunnel")
REASON = {name: number for number, name in enumerate(REASONS)}


@dataclass(frozen=True)
class Stations:
    """Every place where work queues. ``room`` is bytes for a link, bursts for a softirq lane, -1 without end."""

    kind: Column
    servers: Column
    room: Column
    rate: Column  # LINK: bit/s
    travel: Column  # LINK: ps of propagation and switch pipeline behind it
    place: Column  # LINK: the place at its far end; BALANCER: its own
    key: Column  # of its name, for draws


@dataclass(frozen=True)
class Nodes:
    """Machines with cores. Core ``c`` has the stations ``first_core + 2 c`` (softirq) and ``+ 1`` (application)."""

    first_core: Column
    cores: Column
    queues: Column  # RSS queues; queue q is served by core q % cores
    ring: Column  # frames per queue
    conntrack_max: Column
    place: Column
    subnet: Column
    daemon: Column  # its user-space tunnel's station, or -1
    slowness: Column  # 1/65536: work is multiplied by it
    idle_exit: Column  # ps between an interrupt and its handler on an idle core
    key: Column


@dataclass(frozen=True)
class Fabric:
    """Which links lead from a place towards another: ECMP groups. ``next_hop`` has the shape (places, places)."""

    next_hop: Column
    group_first: Column
    group_size: Column
    members: Column  # station ids


@dataclass(frozen=True)
class Stages:
    """The cost of one stage within one visit: ps per burst, per frame, fs per byte, ps when found idle."""

    name: Column  # into Names.stages
    per_burst: Column
    per_frame: Column
    per_byte: Column
    per_wakeup: Column


@dataclass(frozen=True)
class Works:
    """Stages of one visit that share a jitter law, summed; ``first_stage``, ``stages`` say which."""

    jitter: Column  # law id, or -1
    per_burst: Column
    per_frame: Column
    per_byte: Column
    per_wakeup: Column
    first_stage: Column
    stages: Column


@dataclass(frozen=True)
class Visits:
    """The steps of the paths. ``outer`` + ``align`` give the encapsulation on a WIRE visit."""

    op: Column  # Op
    role: Column  # Role
    peer: Column  # WIRE: the role at its far end
    first_work: Column
    works: Column
    purpose: Column  # key of the visit's place in its path, common to all CNIs, for draws
    outer: Column  # WIRE: header bytes added to the inner IP packet
    align: Column  # WIRE: the inner packet is padded to a multiple of this
    pair: Column  # 1: RSS and ECMP see only the node pair
    translates: Column  # 1: an unresolved Service address becomes a pod's here
    tracks: Column  # conntrack entries that the opening packet adds at the role's node


@dataclass(frozen=True)
class Paths:
    """A path: ``visits`` rows of Visits from ``first``; ``mss`` is the TCP payload of a full frame, 0 where the
    smaller of the two endpoints' holds."""

    first: Column
    visits: Column
    mss: Column


@dataclass(frozen=True)
class Routes:
    """The four paths between two kinds of party. ``index`` has the shape (Entry, Endpoint, Endpoint, Relation)."""

    index: Column
    syn: Column
    synack: Column
    request: Column
    response: Column


@dataclass(frozen=True)
class Endpoints:
    """Who opens and accepts connections. ``station`` is its pool of workers, -1 for a pure client.

    ``neighbour`` is the endpoint that stands for the other containers of its pod, reached over localhost.
    """

    kind: Column
    node: Column  # -1 for INTERNET
    place: Column
    station: Column
    travel: Column  # INTERNET: law id of the one-way travel time
    mss: Column  # TCP payload of a full frame of its interface
    neighbour: Column
    key: Column


@dataclass(frozen=True)
class Services:
    """What calls are addressed to. ``walk`` is the Works row of kube-proxy's rules for it, -1 for a plain address.

    ``local`` is 1 where an entry node may choose only its own pods.
    """

    first: Column
    members: Column
    strategy: Column  # into Names.strategies
    walk: Column
    local: Column
    key: Column


@dataclass(frozen=True)
class Calls:
    """The call trees of all traffic, expanded: a row per place in a tree; a child's row is larger than its parent's.

    ``mode`` is 0 perRequest, 1 pooled, 2 persistent. ``service`` is -1 for the caller's own pod.
    """

    service: Column
    entry: Column
    request: Column  # law ids, bytes
    response: Column
    probability: Column  # ppm
    mode: Column
    limit: Column
    keep_alive: Column
    service_time: Column  # law ids of the called workload, -1 for none
    cpu_time: Column
    first_group: Column
    groups: Column
    key: Column  # of the place in the tree, for draws


@dataclass(frozen=True)
class Groups:
    """Calls that are made at the same time, in rows ``first`` .. ``first + calls - 1`` of Calls."""

    first: Column
    calls: Column


@dataclass(frozen=True)
class Traffic:
    """Streams of requests; open loop where ``users`` is 0, with ``arrivals`` of Program.arrivals from ``first``."""

    call: Column
    first_client: Column
    clients: Column
    first: Column
    arrivals: Column
    users: Column
    think: Column  # law id
    start: Column
    key: Column


@dataclass(frozen=True)
class Names:
    """What the numbers were called; engines do not read this, except ``strategies``."""

    stations: tuple[str, ...]
    roles: tuple[str, ...]  # per station: "softirq", "application", "link", ...
    groups: tuple[str, ...]  # per station: the place it is reported under ("web-1", "leaf1")
    stages: tuple[str, ...]
    sources: tuple[str, ...]  # per stage name
    confidence: tuple[str, ...]
    visits: tuple[str, ...]
    endpoints: tuple[str, ...]
    nodes: tuple[str, ...]
    services: tuple[str, ...]
    traffic: tuple[str, ...]
    strategies: tuple[str, ...]  # of balancing/; the first is the load balancer's
    addresses: tuple[str, ...]  # per endpoint, "" where it has none
