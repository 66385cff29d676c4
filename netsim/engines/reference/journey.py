"""Journeys: where a burst goes next on its path, and when."""

from typing import TYPE_CHECKING

from netsim.chance import draw, mix, name_key, pick, remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place
from netsim.engines.reference.connection import Connection
from netsim.engines.reference.link import Link
from netsim.engines.reference.order import WITHOUT_TRAIN
from netsim.engines.reference.plan import Visit
from netsim.headers import TCP_IP, wire_bytes
from netsim.program import Op, Phase

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.network import Network

RSS, RSS_BACK, ECMP, NODE_PAIR, TRAVEL = map(name_key, ("rss", "rss back", "ecmp", "node pair", "travel"))


class Journeys:
    """Sends bursts on from place to place; every step costs one event."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        self.clock = network.clock
        self.plan = network.plan
        self.quantum = network.program.quantum
        self.station_key: list[int] = network.program.stations.key.tolist()

    def advance(self, burst: Burst, at: int) -> None:
        """Go to the next step of the path, leaving the one before at the time ``at`` (now or later)."""
        burst.position = position = burst.position + 1
        visits = burst.visits
        if position == len(visits):
            self.arrive(burst, at)
            return
        visit = visits[position]
        op = visit.op
        place: Place | None
        if op in (Op.SOFTIRQ, Op.WORKER):
            place = burst.core
        elif op == Op.APPLICATION:
            if burst.lost:  # a socket hands nothing to its reader before the gap is filled
                self.network.transport.incomplete(burst)
                return
            place = burst.connection.home_core(visit.role)
        elif op == Op.WIRE:
            self.depart(burst, visit, at)
            return
        elif op == Op.TRAVEL:
            self.travel(burst, visit, at)
            return
        elif op == Op.RECEIVE:
            place = self.receiving_core(burst, visit)
        else:
            place = self.network.servers_of(burst.connection, visit)
        burst.key += 1
        assert place is not None
        self.clock.send(burst, place, at, burst.key)

    def arrive(self, burst: Burst, at: int) -> None:
        """The path is at its end."""
        if at == self.clock._now:
            self.network.transport.received(burst)
        else:
            burst.key += 1
            self.clock.send(burst, self.network.transport, at, burst.key)

    def travel(self, burst: Burst, visit: Visit, at: int) -> None:
        """The client's own distance, the same for all bursts of a transfer so that they keep their order."""
        law = self.plan.endpoint_travel[burst.connection.client]
        time = 0 if law is None else draw(law, remix(burst.transfer.luck, TRAVEL))
        burst.trail.extend((visit.number, -1, at, 0, 0, 0, 0, time, burst.frames, burst.payload, -1))
        self.advance(burst, at + time)

    # -- the wire --------------------------------------------------------------------------------------------------

    def depart(self, burst: Burst, visit: Visit, at: int) -> None:
        """Enter the fabric as trains of at most ``quantum`` frames."""
        connection = burst.connection
        burst.here, burst.target = connection.place(visit.role), connection.place(visit.peer)
        burst.upstream = -1
        burst.pending = burst.frames
        mss = burst.mss
        last = burst.payload - mss * (burst.frames - 1)
        outer, align, mtu = visit.outer, visit.align, mss + TCP_IP
        full_wire, last_wire = wire_bytes(mss, outer, align, mtu), wire_bytes(last, outer, align, mtu)
        burst.full_wire = burst.last_wire = full_wire
        burst.wrapping = visit.outer
        burst.crossing = visit.number
        self.network.recorder.wrapped(burst, burst.frames)
        if burst.frames <= self.quantum:
            burst.last_wire = last_wire
            self.enter(burst, at)
            return
        left, payload, index = burst.frames, burst.payload, 1
        while left > self.quantum:
            self.enter(burst.train(index, self.quantum, self.quantum * mss), at)
            left, payload, index = left - self.quantum, payload - self.quantum * mss, index + 1
        train = burst.train(index, left, payload)
        train.last_wire = last_wire
        self.enter(train, at)

    def enter(self, train: Burst, at: int) -> None:
        """A train, complete in the sender's memory, comes to its first link."""
        train.tail = at
        link, _ = self.leading_on(train, train.here)
        train.key += 1
        self.clock.send(train, link, at, train.key)

    def leading_on(self, train: Burst, here: int) -> tuple[Link, bool]:
        """The link from a place towards the train's target, and whether it is the only one; among equals ECMP picks
        by the flow's hash, mixed with the first one's name so that switches choose independently."""
        group = self.plan.groups[self.plan.next_hop[here][train.target]]
        if len(group) == 1:
            return self.network.links[group[0]], True
        bits = remix(self.entropy(train), ECMP ^ self.station_key[group[0]])
        return self.network.links[group[pick(bits, len(group))]], False

    def land(self, train: Burst, place: int) -> None:
        """The wire is crossed; a train of a longer burst goes on to the ring of the receiving NIC."""
        train.here = place
        visits, tail = train.visits, train.tail
        if train.position + 1 < len(visits) and visits[train.position + 1].op == Op.RECEIVE:
            self.advance(train, tail)
            return
        whole = train.whole  # a machine that is not modelled inside: it has the burst when it has the last train
        whole.pending -= train.frames
        self.unwrap(train)
        if whole.pending:
            return
        whole.trail, whole.key, whole.position = train.trail, train.key & WITHOUT_TRAIN, train.position
        self.advance(whole, tail)

    def unwrap(self, train: Burst) -> None:
        """Count the encapsulation that a machine takes off what it received."""
        self.network.recorder.unwrapped(train)

    def receiving_core(self, burst: Burst, visit: Visit) -> "Core":
        """The core of the receive queue that RSS gives the flow at the machine of the visit's role."""
        node = self.network.nodes[burst.connection.node(visit.role)]
        towards = burst.transfer.phase in (Phase.SYN, Phase.REQUEST)
        bits = remix(self.entropy(burst), RSS if towards else RSS_BACK)
        ring = burst.ring = node.rings[pick(bits, len(node.rings))]
        return ring.core

    def entropy(self, burst: Burst) -> int:
        """What the network sees of a flow: the flow, or under some tunnels only the two nodes."""
        visits, position = burst.visits, burst.position
        visit = visits[position]
        if not visit.pair:
            return burst.connection.flow
        return self.node_pair(burst.connection, visit)

    def node_pair(self, connection: Connection, visit: Visit) -> int:
        """Bits of the two machines that a tunnel joins: the place before and the place after."""
        keys = self.network.place_key
        first, second = connection.place(visit.role), connection.place(visit.peer)
        return mix(self.network.program.seed, keys[first] ^ keys[second], NODE_PAIR, 0)

