"""Journeys: where a burst goes next on its path, and when."""

from typing import TYPE_CHECKING

from netsim.chance import draw, mix, name_key, pick, remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place
from netsim.engines.reference.connection import Connection
from netsim.engines.reference.link import Link
from netsim.engines.reference.node import QUEUE_CELL
from netsim.engines.reference.order import WITHOUT_TRAIN
from netsim.engines.reference.plan import Visit
from netsim.engines.reference.spans import without
from netsim.headers import wire_bytes
from netsim.program import Op

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.network import Network

RSS, RSS_BACK, RPS, ECMP, NODE_PAIR, TRAVEL = map(name_key, ("rss", "rss back", "rps", "ecmp", "node pair", "travel"))


class Frames(dict[int, int]):
    """How large frames are on one wire, by their payload; each size is worked out once."""

    def __init__(self, burst: Burst, visit: Visit) -> None:
        self.headers = burst.flight.headers
        self.outer, self.align, self.mtu = visit.outer, visit.align, burst.mss + self.headers

    def __missing__(self, payload: int) -> int:
        """Bytes of link time of a frame with so much payload."""
        size = self[payload] = wire_bytes(payload, self.outer, self.align, self.mtu, self.headers)
        return size


class Journeys:
    """Sends bursts on from place to place; every step costs one event."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        self.clock = network.clock
        self.plan = network.plan
        self.quantum = network.program.quantum
        self.sizes: dict[tuple[int, int, int], Frames] = {}
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
            place = burst.connection.home_core(visit.role)
        elif op == Op.STEER:
            cores = self.network.nodes[burst.connection.node(visit.role)].cores
            place = burst.core = cores[pick(remix(self.entropy(burst), RPS), len(cores))]
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
        time = 0 if law is None else draw(law, remix(burst.flight.luck, TRAVEL))
        burst.trail.extend((visit.number, -1, at, 0, 0, 0, 0, time, burst.frames, burst.payload, -1))
        self.advance(burst, at + time)

    # -- the wire --------------------------------------------------------------------------------------------------

    def depart(self, burst: Burst, visit: Visit, at: int) -> None:
        """Enter the fabric as trains of at most ``quantum`` frames."""
        connection = burst.connection
        burst.here, burst.target = connection.place(visit.role), connection.place(visit.peer)
        burst.upstream = -1
        burst.pending = burst.frames
        sizes = self.frames(burst, visit)
        burst.full_wire = burst.last_wire = sizes[burst.mss]
        burst.wrapping = visit.outer
        burst.crossing = visit.number
        self.network.recorder.wrapped(burst, burst.frames)
        if burst.frames <= self.quantum and not burst.holes:
            burst.last_wire = sizes[burst.payload - burst.mss * (burst.frames - 1)]
            self.enter(burst, at)
            return
        index, step = 1, self.quantum * burst.mss
        for start, end in without(burst.start, burst.end, burst.holes):
            for first in range(start, end, step):
                stretch = first, min(first + step, end)
                frames = -(-(stretch[1] - first) // burst.mss)
                train = burst.train(index, frames, stretch)
                train.last_wire = sizes[train.payload - burst.mss * (frames - 1)]
                self.enter(train, at)
                index += 1

    def frames(self, burst: Burst, visit: Visit) -> Frames:
        """The sizes of a burst's frames on the wire of a visit."""
        key = (visit.number, burst.mss, burst.flight.headers)
        found = self.sizes.get(key)
        if found is None:
            found = self.sizes[key] = Frames(burst, visit)
        return found

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

    def land(self, train: Burst, place: int, head: int) -> None:
        """The wire is crossed; a train goes on to the ring of the receiving NIC, where its head arrives first."""
        train.here = place
        visits, tail = train.visits, train.tail
        if train.position + 1 < len(visits) and visits[train.position + 1].op == Op.RECEIVE:
            self.advance(train, head)
            return
        whole = train.whole  # a machine that is not modelled inside: it has the burst when it has the last train
        whole.pending -= train.frames
        whole.marked += train.marked if whole is not train else 0
        self.unwrap(train)
        if whole.pending:
            whole.merged, whole.trail = tail, train.trail
            return
        whole.trail, whole.key, whole.position = train.trail, train.key & WITHOUT_TRAIN, train.position
        self.advance(whole, tail)

    def unwrap(self, train: Burst) -> None:
        """Count the encapsulation that a machine takes off what it received."""
        self.network.recorder.unwrapped(train)

    def flush(self, whole: Burst) -> None:
        """The last trains of a burst were lost: go on with those that have arrived."""
        now = max(self.clock._now, whole.merged)
        visits, following = whole.visits, whole.position + 1
        if following < len(visits) and visits[following].op == Op.RECEIVE:
            whole.flushed = True
            self.advance(whole, now)
        else:
            whole.trail[QUEUE_CELL] += now - whole.merged
            self.advance(whole, now)

    def receiving_core(self, burst: Burst, visit: Visit) -> "Core":
        """The core of the receive queue that RSS gives the flow at the machine of the visit's role."""
        node = self.network.nodes[burst.connection.node(visit.role)]
        bits = remix(self.entropy(burst), RSS_BACK if burst.flight.phase % 2 else RSS)
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
        return self.pair(connection.place(visit.role), connection.place(visit.peer))

    def ends(self, connection: Connection) -> int:
        """Bits of the two machines at the ends of a connection."""
        return self.pair(connection.client_place, connection.server_place)

    def pair(self, first: int, second: int) -> int:
        """Bits of two places, in either order."""
        keys = self.network.place_key
        return mix(self.network.program.seed, keys.get(first, 0) ^ keys.get(second, 0), NODE_PAIR, 0)
