"""A link: serialises the frames of trains one after the other, then they travel to its far end."""

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place
from netsim.engines.reference.station import Totals
from netsim.program import REASON

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network

PICOSECONDS = 10**12


class Link(Place):
    """One direction of a wire with the buffer in front of it.

    A train's event fires when its head arrives. FIFO holds exactly per upstream, and across upstreams when every
    frame travels on its own (quantum 1).
    """

    def __init__(self, network: "Network", number: int) -> None:
        stations = network.program.stations
        self.network = network
        self.number = number
        self.rate = int(stations.rate[number])
        self.travel = int(stations.travel[number])
        self.room = int(stations.room[number])
        self.far_end = int(stations.place[number])
        self.totals = Totals(number, network.program.duration, network.log)
        self.free = 0
        self.frame_times: dict[int, int] = {}
        self.last_out: dict[int, int] = {}
        self.waiting: deque[tuple[int, int]] = deque()  # (time it is out of the buffer, bytes)
        self.present = 0
        super().__init__(network.clock)

    def run(self) -> Generator[Event, Any, None]:
        """Pass every arriving train on to the next place."""
        clock, pass_on = self.clock, self.network.journeys.off_link
        while True:
            train: Burst = yield self.arrivals
            head, tail = clock._now, train.tail
            if self.room >= 0 and not self.admit(train, head):
                continue
            full, last = self.frame_time(train.full_wire), self.frame_time(train.last_wire)
            work = full * (train.frames - 1) + last
            first = full if train.frames > 1 else last
            start = self.free if self.free > head else head
            before = self.last_out.get(train.upstream, 0)
            tail_out = max(start + work, tail + last, before + work)
            self.free = start + work
            self.last_out[train.upstream] = tail_out
            self.hold(train, head, start + work)
            self.totals.stay(head, start, tail_out, work)
            spent = tail_out - tail
            shown = work if work < spent else spent
            train.trail.append(
                (train.visits[train.position].number, self.number, tail, spent - shown, 0, 0, shown, self.travel,
                 train.frames, train.payload, -1)
            )  # fmt: skip
            train.upstream = self.number
            pass_on(train, self, max(start, before) + first + self.travel, tail_out + self.travel)

    def frame_time(self, wire_bytes: int) -> int:
        """ps that a frame of ``wire_bytes`` (preamble and gap included) occupies the link."""
        time = self.frame_times.get(wire_bytes)
        if time is None:
            time = self.frame_times[wire_bytes] = -(-8 * wire_bytes * PICOSECONDS // self.rate)
        return time

    def hold(self, train: Burst, now: int, until: int) -> None:
        """Keep the train's bytes in the buffer until they are serialised."""
        waiting = self.waiting
        while waiting and waiting[0][0] <= now:
            self.present -= waiting.popleft()[1]
        size = train.full_wire * (train.frames - 1) + train.last_wire
        waiting.append((until, size))
        self.present += size
        if self.present > self.totals.most:
            self.totals.most = self.present

    def admit(self, train: Burst, now: int) -> bool:
        """Lose the frames for which there is no room; False when none is left."""
        while self.waiting and self.waiting[0][0] <= now:
            self.present -= self.waiting.popleft()[1]
        space = self.room - self.present
        if train.full_wire * (train.frames - 1) + train.last_wire <= space:
            return True
        fit = max(0, min(space // train.full_wire, train.frames - 1))
        self.network.transport.lose(train, train.frames - fit, self.totals, REASON["buffer"])
        return fit > 0
