"""The kinds of things in a Program: enumerations, and the reasons for which packets are lost."""

from enum import IntEnum


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
    STEER = 8  # work in the softirq lane of the core that RPS picks, through its backlog


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
    EGRESS_GATEWAY = 4  # outside the cluster, by way of a node that gives the packets its own address
    HOST_PORT = 5  # at a port of the node that the pod is on, translated there
    BALANCED_POD = 6  # at a pod's own address, which a load balancer picks


class Relation(IntEnum):
    """Where the server is, seen from the machine that forwards to it (client's, or entry node); behind an egress
    gateway, where that node is, seen from the client's."""

    SAME_POD = 0
    SAME_NODE = 1
    SAME_SUBNET = 2
    OTHER_SUBNET = 3
    OUTSIDE = 4  # out of the cluster: the server is not one of its nodes
    FROM_OUTSIDE = 5  # into the cluster: who forwards is not one of its nodes


class Phase(IntEnum):
    """What travels over a connection. Even numbers go towards the server, odd ones back to the client."""

    SYN = 0
    SYNACK = 1
    REQUEST = 2
    RESPONSE = 3
    ACK = 4  # of responses
    ACK_BACK = 5  # of requests
    FIN = 6
    FIN_BACK = 7
    DATAGRAM = 8
    DATAGRAM_BACK = 9
    FIRST_DATAGRAM = 10  # which opens the flow
    TLS = 12  # of a handshake of TLS, on the paths of requests and responses
    TLS_BACK = 13


class Protocol(IntEnum):
    """What carries a request and its response."""

    TCP = 0
    UDP = 1  # a datagram each way; the client's timeout is all that notices a loss


class Screen(IntEnum):
    """Where network policies are enforced."""

    NONE = 0
    EGRESS = 1  # of the client, on its node
    INGRESS = 2  # of the server, on its node


class Verdict(IntEnum):
    """What a policy makes of a packet."""

    ALLOW = 0
    DROP = 1
    REJECT = 2  # the client is told at once


class State(IntEnum):
    """How an endpoint answers; control changes it while a program runs."""

    LISTENING = 0
    DRAINING = 1  # told to end: accepts nothing new, finishes what it has, closes idle connections
    DEAD = 2  # no process: whatever comes is answered by RST
    GONE = 3  # no such address: what is sent there is lost without an answer
    UNSCREENED = 4  # its policies are not in place yet: everything is dropped


class TrafficKind(IntEnum):
    """What a stream of traffic does."""

    REQUESTS = 0
    BULK = 1  # each stream sends one long transfer; nothing is answered
    DATAGRAMS = 2  # UDP: no connection, no window
    TRANSACTIONS = 3  # requests of processes that have one outstanding each


REASONS = (
    "buffer",
    "ring",
    "backlog",
    "conntrack",
    "no-endpoint",
    "connect-timeout",
    "transfer-timeout",
    "tunnel",
    "loss",  # on the wire, by chance
    "mtu",  # larger than what a link takes, and not to be fragmented
    "socket-buffer",  # of a datagram's receiver
    "ports",  # no ephemeral port is free at the client
    "nat-ports",  # no port is free for source translation
    "refused",  # answered by RST or ICMP: nothing listens, or there is no endpoint
    "reset",  # an open connection was answered by RST
    "policy",  # denied by a network policy
    "hairpin",  # a pod's own packet came back to it where its bridge port does not allow that
    "down",  # a machine or link is down
    "gone",  # the pod is no longer at this address
    "timeout",  # the caller would not wait any longer
    "insert-failed",  # two first packets of one flow raced for their conntrack entry
)
REASON = {name: number for number, name in enumerate(REASONS)}
BILLION = 10**9  # shares of Stations.loss
