"""The tables of a Program: frozen dataclasses of int64 columns of equal length.

A row number is an id, and -1 means "none". Times are picoseconds, sizes bytes, rates bit/s.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]


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
    mtu: Column  # LINK: bytes of the largest IP packet (outer headers included), -1 where nothing is too large
    reports: Column  # LINK: 1 where its sender answers packets that are too large (ICMP)
    loss: Column  # LINK: frames lost by chance, in 10^-9
    mark: Column  # LINK: bytes in the buffer from which on ECN-capable frames are marked, -1 never


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
    moderation: Column  # ps that a NIC holds an interrupt back; -1 adapts to the load
    ports: Column  # ephemeral ports per destination
    nat_ports: Column  # ports per destination for source translation
    socket_buffer: Column  # bytes that a datagram socket holds, overhead included
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
    masquerades: Column  # 1: the opening packet needs a port of the role's node for source translation
    screens: Column  # Screen: the opening packet is held against the policies of the sending or receiving pod here


@dataclass(frozen=True)
class Paths:
    """A path: ``visits`` rows of Visits from ``first``; ``mss`` is the TCP payload of a full frame, 0 where the
    smaller of the two endpoints' holds. ``burst`` is the largest super-packet that a socket hands down, in bytes of
    IP packet with its headers; 0: one frame at a time."""

    first: Column
    visits: Column
    mss: Column
    burst: Column


@dataclass(frozen=True)
class Routes:
    """The paths between two kinds of party. ``index`` has the shape (Entry, Endpoint, Endpoint, Relation).

    ``ack`` and ``opening`` go towards the server, ``ack_back`` to the client; FINs take the paths of acknowledgements.
    """

    index: Column
    syn: Column
    synack: Column
    request: Column
    response: Column
    ack: Column
    ack_back: Column
    datagram: Column
    opening: Column  # of a flow of datagrams
    datagram_back: Column


@dataclass(frozen=True)
class Endpoints:
    """Who opens and accepts connections. ``station`` is its pool of workers, -1 for a pure client.

    ``neighbour`` is the endpoint that stands for the other containers of its pod, reached over localhost.
    Endpoints with the same ``identity`` are alike to every network policy.
    """

    kind: Column
    node: Column  # -1 for INTERNET
    place: Column
    station: Column
    travel: Column  # INTERNET: law id of the one-way travel time
    mss: Column  # TCP payload of a full frame of its interface
    neighbour: Column
    identity: Column
    key: Column


@dataclass(frozen=True)
class Services:
    """What calls are addressed to: a row per target and way in.

    ``walk`` is the Works row of kube-proxy's rules for it, -1 for a plain address. ``views`` is the first of as many
    rows of Views as there are nodes, or -1 where all nodes choose among the same ``members``. A node that knows no
    endpoint refuses a connection when the Service has none at all, and drops it when another node has some.
    ``by_client`` is 1 where strategies hash the client's address alone, 0 where its flow with the ports.
    ``masquerades`` is 1 where the node that translates also takes a port of its own for the connection. ``entries``
    nodes of Program.entries from ``first_entry`` are those that clients outside may come to; -1: every node of the
    cluster, behind a load balancer those with an endpoint where there are views.
    """

    first: Column
    members: Column
    views: Column
    strategy: Column  # into Names.strategies
    walk: Column
    masquerades: Column
    by_client: Column
    affinity: Column  # ps since its last connection for which a client stays with its endpoint, 0: not at all
    hairpin: Column  # 1: a pod may be chosen for its own connection, 0: its packets are lost then
    announced: Column  # 1: the network itself leads to an entry node, by a hash of the flow; 0: a balancer does
    first_entry: Column
    entries: Column
    denies: Column  # 1: who comes to it is dropped there, since loadBalancerSourceRanges does not name him
    key: Column


@dataclass(frozen=True)
class Views:
    """The endpoints of a Service that one node chooses among: ``members`` rows of Program.backends from ``first``."""

    first: Column
    members: Column


@dataclass(frozen=True)
class Screens:
    """What network policies make of an opening packet, a row per combination that may occur, free ones left out.

    ``direction`` is a Screen. ``walk`` is the Works row of the rules that are evaluated, -1 for none. ``action`` is a
    Verdict; ``rule`` says which policy denies, into Names.rules, -1 where allowed.
    """

    direction: Column
    port: Column  # into Names.ports
    client: Column  # identity
    server: Column  # identity
    walk: Column
    action: Column
    rule: Column


@dataclass(frozen=True)
class Tls:
    """Handshakes of TLS over a connection that was just opened: ``rounds`` times request and response."""

    rounds: Column
    request: Column  # bytes of each, towards the server
    response: Column
    client: Column  # ps of work of the client's thread on the reference hardware, per handshake
    server: Column  # likewise of the server's


@dataclass(frozen=True)
class Transports:
    """How the TCP sockets at both ends of a connection behave."""

    congestion: Column  # into Names.congestion
    ecn: Column  # 1: packets are ECN-capable, marks are echoed
    initial_window: Column  # segments
    receive_window: Column  # bytes
    delayed_ack: Column  # ps
    rack: Column  # 1: loss by RACK-TLP, 0: by three duplicate acknowledgements
    idle_restart: Column  # 1: the window shrinks while nothing is sent
    hystart: Column  # 1: slow start ends when round trips grow
    discovery: Column  # 1: a report of a packet too large makes later ones smaller


@dataclass(frozen=True)
class Calls:
    """The call trees of all traffic, expanded: a row per place in a tree; a child's row is larger than its parent's.

    ``mode`` is 0 perRequest, 1 pooled, 2 persistent, 3 one connection for all calls of a group of look-ups. ``service``
    is -1 for the caller's own pod. ``lookups`` groups from ``first_lookup`` are made one after the other by the caller
    itself (questions to DNS), before each connection that it opens for the call, or with ``resolves`` each request.
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
    transport: Column  # row of Transports
    closer: Column  # 0: the client closes the connection first and keeps TIME_WAIT, 1: the server does
    protocol: Column  # Protocol
    timeout: Column  # ps that an attempt may take, -1 without end
    retries: Column  # further attempts after one that failed
    per_request: Column  # 1: the caller itself chooses an endpoint for each request (L7); 0: once per connection
    tls: Column  # row of Tls, -1 for plain connections
    port: Column  # where the server listens, into Names.ports
    first_lookup: Column
    lookups: Column
    resolves: Column
    race: Column  # ppm of the pairs of first datagrams of which one loses its conntrack entry; -1: not tracked at all
    after: Column  # ppm of the calls of its group before it, of which one is made; -1: each by its own probability
    paired: Column  # 1: each connection of the caller's own clients has connections of its own
    key: Column  # of the place in the tree, for draws


@dataclass(frozen=True)
class Groups:
    """Calls that are made at the same time, in rows ``first`` .. ``first + calls - 1`` of Calls."""

    first: Column
    calls: Column


@dataclass(frozen=True)
class Traffic:
    """What is sent. REQUESTS are an open loop where ``users`` is 0, with ``arrivals`` of Program.arrivals from
    ``first``. For TRANSACTIONS ``users`` are the processes, for BULK and DATAGRAMS the streams, which send what the
    call's request law says: bytes of a stream (0: without end), or of a datagram's payload.
    """

    kind: Column  # TrafficKind
    call: Column
    first_client: Column
    clients: Column
    first: Column
    arrivals: Column
    users: Column
    think: Column  # law id
    start: Column
    stop: Column  # BULK, DATAGRAMS: when sending ends; -1: with the run
    interval: Column  # DATAGRAMS: ps between two of a stream, 0: as fast as the sender's core allows
    key: Column
