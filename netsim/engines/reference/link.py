"""A link: serialises the frames of trains one after the other, then they travel to its far end."""

from collections import deque
from collections.abc import Generator
from heapq import heappush
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.chance import remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place
from netsim.engines.reference.station import Totals
from netsim.headers import AROUND_FRAME
from netsim.program import BILLION, REASON
from netsim.program_edits import SetLink

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network

PICOSECONDS = 10**12
LARGEST_FRAME = 10_016  # bytes of link time of the largest packet that a scenario may have


class Link(Place):
    """One direction of a wire with the buffer in front of it.

    A train's event fires when its head arrives. FIFO holds exactly per upstream, and across upstreams when every
    frame travels on its own (quantum 1).
    """

    def __init__(self, network: "Network", number: int) -> None:
        stations = network.program.stations
        self.network = network
        self.number = number
        self.up = True
        self.free = 0  # when all that has come is serialised
        self.rate = int(stations.rate[number])
        self.travel = int(stations.travel[number])
        self.room = int(stations.room[number])
        self.far_end = int(stations.place[number])
        self.totals = Totals(number, network.program.duration, network.log)
        self.mtu = max(0, int(stations.mtu[number]))
        self.reports = bool(stations.reports[number])
        self.loss = int(stations.loss[number])
        self.mark = int(stations.mark[number])
        self.key = int(stations.key[number])
        self.small = 0 <= self.room < network.program.quantum * LARGEST_FRAME
        self.frame_times: dict[int, int] = {}
        self.last_out: dict[int, int] = {}  # by upstream: tails that came out behind the end of their work
        self.waiting: deque[tuple[int, int]] = deque()  # (time it is out of the buffer, bytes)
        self.present = 0
        self.onward: dict[int, Link] = {}  # by target place, where there is one way only
        super().__init__(network.clock)

    def run(self) -> Generator[Event, Any, None]:
        """Pass every arriving train on: to the next link, or into the machine at the far end."""
        clock, last_out, totals, times = self.clock, self.last_out, self.totals, self.frame_times
        number, travel, far_end, bounded = self.number, self.travel, self.far_end, self.room >= 0 or self.mark >= 0
        watchful = self.watchful
        journeys, onward, queue, counter = self.network.journeys, self.onward, clock._queue, clock._eid
        free, plain_end = self.free, -1 if totals.log is not None else totals.end
        while True:
            train: Burst = yield self.arrivals
            head, tail = clock._now, train.tail
            if (watchful or (bounded and free > head)) and not self.passes(train, head):
                continue
            first = work = last = times.get(train.last_wire) or self.frame_time(train.last_wire)
            frames, before = train.frames, 0
            if frames > 1:
                first = self.frame_time(train.full_wire)
                work = first * (frames - 1) + last
            start = free if free > head else head
            tail_out = free = self.free = start + work
            if frames > 1 or last_out or tail > head:  # else nothing stretches the train behind the end of its work
                before = last_out.get(train.upstream, 0)
                tail_out = max(free, tail + last, before + work)
                if tail_out > free:
                    last_out[train.upstream] = tail_out
            if bounded:
                self.hold(train, start, free)
            if tail_out < plain_end:  # Totals.stay, where nothing is to be clipped or logged
                totals.visits += 1
                totals.busy += work
                totals.queued += start - head
                totals.sojourn += tail_out - head
            else:
                totals.stay(head, start, tail_out, work)
            shown = work if work < tail_out - tail else tail_out - tail
            train.trail.extend(
                (train.crossing, number, tail, tail_out - tail - shown, 0, 0, shown, travel, frames, train.payload, -1)
            )
            train.upstream, train.tail = number, tail_out + travel
            leaves = (start if start > before else before) + first + travel
            if far_end == train.target:
                journeys.land(train, far_end, leaves)
                continue
            following = onward.get(train.target) or self.next_link(train)
            train.key += 1
            train.callbacks = following.wakes
            heappush(queue, (leaves, train.key, next(counter), train))  # type: ignore[misc]  # as Clock.send

    @property
    def watchful(self) -> bool:
        """Whether it may lose or mark frames even when it is idle."""
        return self.small or not self.up or self.loss > 0 or self.mtu > 0 or self.mark >= 0

    def change(self, edit: SetLink) -> None:
        """Another rate, propagation or loss, or none at all, for what arrives from now on."""
        self.up = edit.up
        self.rate = edit.rate if edit.rate >= 0 else self.rate
        self.travel = edit.travel if edit.travel >= 0 else self.travel
        self.loss = edit.loss if edit.loss >= 0 else self.loss
        self.frame_times.clear()
        self.restart()

    def next_link(self, train: Burst) -> "Link":
        """The link that leads on from the far end; remembered where ECMP leaves no choice."""
        following, only = self.network.journeys.leading_on(train, self.far_end)
        if only:
            self.onward[train.target] = following
        return following

    def frame_time(self, wire_bytes: int) -> int:
        """ps that a frame of ``wire_bytes`` (preamble and gap included) occupies the link."""
        time = self.frame_times.get(wire_bytes)
        if time is None:
            time = self.frame_times[wire_bytes] = -(-8 * wire_bytes * PICOSECONDS // self.rate)
        return time

    def hold(self, train: Burst, since: int, until: int) -> None:
        """Keep the train's bytes in the buffer until they are serialised."""
        if since == self.clock._now and self.waiting:  # all before it are gone
            self.waiting.clear()
            self.present = 0
        size = train.full_wire * (train.frames - 1) + train.last_wire
        self.waiting.append((until, size))
        self.present += size
        if self.present > self.totals.most:
            self.totals.most = self.present

    def passes(self, train: Burst, now: int) -> bool:
        """Lose frames that are too large, have bad luck or find no room, and mark those that find a queue; False if
        none is left."""
        if not self.up:
            self.network.transport.lose(train, train.frames, self.totals, REASON["down"])
            return False
        if self.mtu and not self.fits(train):
            return False
        if self.loss:
            self.spoil(train)
            if not train.frames:
                return False
        if self.mark >= 0:
            self.leave(now)
            if self.present >= self.mark and train.payload and train.connection.call.transport.ecn:
                train.marked = train.frames
                self.totals.marked += train.frames
        return self.room < 0 or self.admit(train, now)

    def fits(self, train: Burst) -> bool:
        """Lose the frames that are larger than the link's MTU; False when none is left."""
        limit = self.mtu + AROUND_FRAME
        full, last = train.full_wire > limit, train.last_wire > limit
        if not (last or (full and train.frames > 1)):
            return True
        parts = train.parts()
        large = (parts[:-1] if full else []) + (parts[-1:] if last else [])
        left = len(large) < train.frames
        self.network.transport.lose_parts(train, large, len(large), (self.totals, REASON["mtu"]))
        self.network.transport.too_large(train, self)
        return left

    def spoil(self, train: Burst) -> None:
        """Lose each frame with the link's probability."""
        luck = remix(train.luck, self.key)
        parts = train.parts()
        first = (parts[0][0] - train.whole.start) // train.mss
        lost = [
            part for number, part in enumerate(parts, first) if remix(luck, number) * BILLION >> 64 < self.loss
        ]
        if lost:
            self.network.transport.lose_parts(train, lost, len(lost), (self.totals, REASON["loss"]))

    def leave(self, now: int) -> None:
        """Forget the trains that have left the buffer."""
        while self.waiting and self.waiting[0][0] <= now:
            self.present -= self.waiting.popleft()[1]

    def admit(self, train: Burst, now: int) -> bool:
        """Lose the frames for which there is no room; False when none is left."""
        self.leave(now)
        space = self.room - self.present
        if train.full_wire * (train.frames - 1) + train.last_wire <= space:
            return True
        fit = max(0, min(space // train.full_wire, train.frames - 1))
        self.network.transport.lose(train, train.frames - fit, self.totals, REASON["buffer"])
        return fit > 0
