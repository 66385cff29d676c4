"""A core: a softirq lane that pre-empts an application lane, with the NIC's ring and the backlog before it."""

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.interrupts import CACHE_COOLING, INTERRUPT_COOLING, Interrupts, cooled
from netsim.engines.reference.lanes import Softirq, Thread
from netsim.engines.reference.opening import opening
from netsim.engines.reference.order import WITHOUT_TRAIN
from netsim.engines.reference.plan import Visit
from netsim.engines.reference.threads import Threads
from netsim.program import REASON, Op

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network
    from netsim.engines.reference.node import Node

# Linux: a softirq run ends after MAX_SOFTIRQ_TIME (kernel/softirq.c) or one netdev_budget (net.core.netdev_budget),
# then ksoftirqd takes turns with the threads in slices of the scheduler (sched_latency 6 ms over two runnable tasks).
SOFTIRQ_TIME = 2_000_000_000
SOFTIRQ_FRAMES = 300
SLICE = 3_000_000_000
LONG_MEMORY = 16  # periods


class Core(Threads):
    """One core: bursts arrive at either lane, and the job in progress looks whether it is done."""

    def __init__(self, network: "Network", node: "Node", number: int) -> None:
        self.backlog: deque[int] = deque()  # processed at
        self.present: deque[int] = deque()  # all that is in the softirq lane: processed at
        self.room = int(network.program.stations.room[number])
        self.interrupts = Interrupts()
        super().__init__(network, node, number)

    def run(self) -> Generator[Event, Any, None]:
        """Handle what arrives: bursts for either lane, and the running job's own check."""
        while True:
            item: Any = yield self.arrivals
            running = self.running
            if running is not None and item is running.job:
                self.check(running)
                continue
            if self.node.down:
                self.vanish(item)
                continue
            burst: Burst = item
            visit = burst.visits[burst.position]
            if visit.op == Op.APPLICATION:
                reads = 0 < burst.position == len(burst.visits) - 1  # a sender may be back in its lane before the wire
                if reads and not burst.accepted and not self.network.transport.arrived(burst, self):
                    continue
                thread = burst.connection.threads[visit.role]
                stays = thread.core is not None and (thread.jobs or thread.ran_until == self.clock._now)
                core = thread.core if stays and thread.core else self.node.core_for(self)
                thread.core = core
                core.enter_application(burst, visit, thread)
            elif visit.op == Op.WORKER:
                work = self.node.scaled(burst.work(visit.works, burst.frames, burst.payload, visit))
                self.node.workers.begin(burst)
                self.node.core_for(self).submit(burst, work, self.node.scaled(visit.wakeup))
            else:
                self.enter_softirq(burst, visit)

    # -- the softirq lane ------------------------------------------------------------------------------------------

    def enter_softirq(self, burst: Burst, visit: Visit) -> None:
        """Serve a burst or train behind all that this lane has before it. A train's event is its head's arrival."""
        now = self.clock._now
        received, arriving = visit.op == Op.RECEIVE, not burst.flushed and not burst.last_only
        if arriving and not (self.ring_admits(burst, now) if received else self.backlog_admits(burst, now)):
            return
        if received and arriving and self.more_to_come(burst, visit, now):
            return
        walk = opening(self, burst, visit)
        if walk is None:
            return
        whole, visit = burst.whole, burst.visits[burst.position]
        nic, rest = self.softirq_work(burst, visit, walk)
        frames = 1 if burst.last_only else burst.frames
        start, late, cold = self.turn(now, (nic + rest, frames), visit, received and arriving)
        cold += cooled(self.node.scaled(visit.wakeup), start - self.softirq.stack_free, CACHE_COOLING)
        depart = self.softirq.stack_free = self.softirq.add(start, cold + nic + rest)
        self.leave_softirq(burst, depart, frames if received and not burst.flushed else 0)
        self.soft_totals.stay(now, start, depart, depart - start)
        since = burst.merged if burst.flushed else now
        queue = depart - since - late - cold - nic - rest
        burst.trail.extend(
            (visit.number, self.soft_totals.number, since, queue, 0, late + cold, nic + rest, 0,
             whole.frames, whole.payload, walk)
        )  # fmt: skip
        burst.flushed = burst.last_only = False
        whole.trail, whole.core, whole.position = burst.trail, self, burst.position
        whole.key = burst.key & WITHOUT_TRAIN
        self.network.journeys.advance(whole, depart)

    def more_to_come(self, train: Burst, visit: Visit, now: int) -> bool:
        """Take what has arrived off the ring: True while later frames or trains of the same burst are on their way."""
        whole = train.whole
        self.network.journeys.unwrap(train)
        whole.pending -= train.frames
        whole.marked += train.marked if whole is not train else 0
        if whole.pending:
            self.take_in(train, visit, now, train.frames)
            whole.merged, whole.trail = train.tail, train.trail
        elif train.tail > now:
            if train.frames > 1:
                self.take_in(train, visit, now, train.frames - 1)
            train.last_only = True
            train.key += 1
            self.clock.send(train, self, train.tail, train.key)
        else:
            return False
        return True

    def take_in(self, train: Burst, visit: Visit, now: int, frames: int) -> None:
        """The NIC's part for the first ``frames`` frames of a train. A core that is faster than the wire is interrupted
        again for each of them."""
        payload = min(train.payload, frames * train.mss)
        work = self.node.scaled(train.work(visit.works[:1], frames, payload, visit))
        start, _, cold = self.turn(now, (work, frames), visit, True)
        if cold and train.frames > 1:
            apart = (train.tail - now) // (train.frames - 1) - work // frames
            again = cooled(self.node.scaled(visit.interrupt), max(apart, 0), INTERRUPT_COOLING)
            cold += again * (train.frames - 1)
        depart = self.softirq.add(start, cold + work)
        self.leave_softirq(train, depart, frames)
        self.soft_totals.stay(now, start, depart, depart - start)

    def softirq_work(self, burst: Burst, visit: Visit, walk: int) -> tuple[int, int]:
        """Work of a visit: the first group of a RECEIVE is the NIC's, paid frame by frame, the rest for the whole."""
        whole, scaled = burst.whole, self.node.scaled
        works, nic = visit.works, 0
        if visit.op == Op.RECEIVE:
            works = works[1:]
            frames, payload = burst.frames, burst.payload
            if burst.last_only:
                frames, payload = 1, max(0, payload - burst.mss * (frames - 1))
            nic = 0 if burst.flushed else burst.work(visit.works[:1], frames, payload, visit)
        rest = whole.work(works, whole.frames, whole.payload, visit)
        if walk >= 0:
            rest += whole.work((self.network.plan.works[walk][0],), whole.frames, whole.payload, visit)
        return scaled(nic), scaled(rest)

    def turn(self, now: int, load: tuple[int, int], visit: Visit, interrupts: bool) -> tuple[int, int, int]:
        """When the lane may start on a ``load`` of (ps, frames); returns (start, of it ps until an idle core is there,
        ps of interrupt work). A sleeping core takes its time to leave its idle state, and a NIC may hold its interrupt
        back before."""
        lane, node = self.softirq, self.node
        if lane.free > now:
            return self.take_turns(lane, *load), 0, 0
        wakes = (interrupts or visit.op != Op.RECEIVE) and (visit.wakeup or visit.interrupt)
        start = now + (self.leaves_idle(now) if wakes else 0)
        if len(lane.periods) > LONG_MEMORY:  # what is over needs no record of its own
            lane.elapsed(now)
        cold = 0
        if interrupts:
            cold = cooled(node.scaled(visit.interrupt), now - lane.free, INTERRUPT_COOLING)
            start += self.interrupts.held_back(node.moderation, now) if node.moderation else 0
        lane.run_start, lane.run_frames = start, load[1]
        return start, start - now, cold

    def take_turns(self, lane: Softirq, work: int, frames: int) -> int:
        """When the lane may start; a run that is too long gives a waiting thread one slice (ksoftirqd)."""
        lane.run_frames += frames
        too_long = lane.free + work - lane.run_start > SOFTIRQ_TIME or lane.run_frames > SOFTIRQ_FRAMES
        if not too_long or self.running is None:
            return lane.free
        yielded = min(SLICE, self.running.remaining(lane.free, lane.booked()))
        lane.run_start, lane.run_frames = lane.free + yielded, frames
        return lane.free + yielded

    def ring_admits(self, train: Burst, now: int) -> bool:
        """Lose the frames for which the NIC's ring has no descriptor; False when none is left."""
        self.interrupts.arrived += train.payload
        excess: int = train.ring.present(now) + train.frames - self.node.ring
        if excess > 0:
            left = excess < train.frames
            self.network.transport.lose(train, min(excess, train.frames), self.soft_totals, REASON["ring"])
            return left
        return True

    def backlog_admits(self, burst: Burst, now: int) -> bool:
        """False, and the burst lost, when the per-CPU backlog (net.core.netdev_max_backlog) is full."""
        backlog = self.backlog
        while backlog and backlog[0] <= now:
            backlog.popleft()
        if 0 <= self.room <= len(backlog):
            self.network.transport.lose(burst, burst.frames, self.soft_totals, REASON["backlog"])
            return False
        return True

    def leave_softirq(self, burst: Burst, depart: int, frames: int) -> None:
        """Hold ``frames`` of the ring's descriptors, or with none the backlog's place, until the work is done."""
        if frames:
            burst.ring.hold(depart, frames)
        else:
            self.backlog.append(depart)
        present, now = self.present, self.clock._now
        while present and present[0] <= now:
            present.popleft()
        present.append(depart)
        if len(present) > self.soft_totals.most:
            self.soft_totals.most = len(present)

    # -- the application lane --------------------------------------------------------------------------------------

    def enter_application(self, burst: Burst, visit: Visit, thread: Thread) -> None:
        """Queue a burst's socket work behind what the lane's threads have before it."""
        walk = opening(self, burst, visit)
        if walk is None:
            return
        visit = burst.visits[burst.position]
        work = burst.work(visit.works, burst.frames, burst.payload, visit)
        if walk >= 0:
            work += burst.work((self.network.plan.works[walk][0],), burst.frames, burst.payload, visit)
        begin = self.submit(burst, self.node.scaled(work), self.node.scaled(visit.wakeup))
        begin.walk = walk
        begin.thread = thread
        thread.jobs += 1

