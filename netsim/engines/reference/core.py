"""A core: a softirq lane that pre-empts an application lane, with the NIC's ring and the backlog before it."""

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place, Traveller
from netsim.engines.reference.connection import Thread
from netsim.engines.reference.interrupts import CACHE_COOLING, INTERRUPT_COOLING, Interrupts, cooled
from netsim.engines.reference.lanes import Begin, Softirq
from netsim.engines.reference.opening import opening
from netsim.engines.reference.order import END, WITHOUT_TRAIN, as_kind
from netsim.engines.reference.plan import Visit
from netsim.engines.reference.station import Totals
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


class Core(Place):
    """One core: bursts arrive at either lane, and the job in progress looks whether it is done."""

    def __init__(self, network: "Network", node: "Node", number: int) -> None:
        self.network = network
        self.node = node
        self.softirq = Softirq()
        self.soft_totals = Totals(number, network.program.duration, network.log)
        self.app_totals = Totals(number + 1, network.program.duration, network.log)
        self.backlog: deque[int] = deque()  # processed at
        self.present: deque[int] = deque()  # all that is in the softirq lane: processed at
        self.room = int(network.program.stations.room[number])
        self.running: Begin | None = None
        self.threads_free = -1
        self.waiting: deque[Begin] = deque()
        self.interrupts = Interrupts()
        super().__init__(network.clock)

    def run(self) -> Generator[Event, Any, None]:
        """Handle what arrives: bursts for either lane, and the running job's own check."""
        while True:
            item: Any = yield self.arrivals
            running = self.running
            if running is not None and item is running.job:
                self.check(running)
                continue
            burst: Burst = item
            visit = burst.visits[burst.position]
            if visit.op == Op.APPLICATION:
                if burst.position and not burst.accepted and not self.network.transport.arrived(burst, self):
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
        """Serve a burst or train behind all that this lane has before it."""
        now = self.clock._now
        received = visit.op == Op.RECEIVE
        if received:
            if not burst.flushed and not self.ring_admits(burst, now):
                return
        elif not self.backlog_admits(burst, now):
            return
        whole = burst.whole
        if received and not burst.flushed:
            self.network.journeys.unwrap(burst)
            whole.pending -= burst.frames
            whole.marked += burst.marked if whole is not burst else 0
            if whole.pending:
                self.receive_part(burst, visit, now)
                return
        walk = opening(self, burst, visit)
        if walk is None:
            return
        visit = burst.visits[burst.position]
        work = self.node.scaled(self.softirq_work(burst, visit, walk))
        wakeup = self.node.scaled(visit.wakeup)
        start, woken, depart = self.occupy(now, work, wakeup, burst.frames, received)
        self.leave_softirq(burst, received and not burst.flushed, depart)
        self.soft_totals.stay(now, start, depart, depart - start)
        since = burst.merged if burst.flushed else now
        queue = depart - since - work - woken
        burst.trail.extend(
            (visit.number, self.soft_totals.number, since, queue, 0, woken, work, 0, whole.frames, whole.payload, walk)
        )
        burst.flushed = False
        whole.trail = burst.trail
        whole.core = self
        whole.position = burst.position
        whole.key = burst.key & WITHOUT_TRAIN
        self.network.journeys.advance(whole, depart)

    def softirq_work(self, burst: Burst, visit: Visit, walk: int) -> int:
        """Work of a visit: its first group of a RECEIVE is the NIC's, paid for the train, the rest for the whole."""
        whole = burst.whole
        works = visit.works[1:] if burst.flushed else visit.works
        total = whole.work(works, whole.frames, whole.payload, visit)
        if whole is not burst:  # the trains before it have paid for their own frames at the NIC
            nic = visit.works[:1]
            total += burst.work(nic, burst.frames, burst.payload, visit)
            total -= whole.work(nic, whole.frames, whole.payload, visit)
        if walk >= 0:
            total += whole.work((self.network.plan.works[walk][0],), whole.frames, whole.payload, visit)
        return total

    def receive_part(self, train: Burst, visit: Visit, now: int) -> None:
        """Take a train off the ring whose burst has more to come: the driver and GRO only."""
        work = self.node.scaled(train.work(visit.works[:1], train.frames, train.payload, visit))
        start, _, depart = self.occupy(now, work, self.node.scaled(visit.wakeup), train.frames, True)
        self.leave_softirq(train, True, depart)
        self.soft_totals.stay(now, start, depart, depart - start)
        whole = train.whole
        whole.merged, whole.trail = now, train.trail

    def occupy(self, now: int, work: int, wakeup: int, frames: int, interrupts: bool) -> tuple[int, int, int]:
        """Book the lane; returns (start, ps of waking up, end).

        An idle lane pays its wake-up first, behind the time that a sleeping core takes to leave its idle state; a NIC
        may hold its interrupt back before.
        """
        lane = self.softirq
        if lane.free > now:
            start = self.take_turns(lane, work, frames)
            return start, 0, lane.add(start, work)
        start = now + (self.node.idle_exit if wakeup and self.asleep(now) else 0)
        if len(lane.periods) > LONG_MEMORY:  # what is over needs no record of its own
            lane.elapsed(now)
        wakeup = cooled(wakeup, now - lane.free, INTERRUPT_COOLING if interrupts else CACHE_COOLING)
        if interrupts and self.node.moderation:
            start += self.interrupts.held_back(self.node.moderation, now)
        lane.run_start, lane.run_frames = start, frames
        return start, start - now + wakeup, lane.add(start, wakeup + work)

    def is_free(self) -> bool:
        """Whether a thread that wakes up now would have the core to itself."""
        return self.running is None and self.softirq.free <= self.clock._now

    def length(self) -> int:
        """Jobs in the application lane."""
        return len(self.waiting) + (self.running is not None)

    def asleep(self, now: int) -> bool:
        """Whether the whole core was idle; work that ends at this instant has kept it awake."""
        return self.running is None and self.threads_free < now and self.softirq.free < now

    def take_turns(self, lane: Softirq, work: int, frames: int) -> int:
        """When the lane may start; a run that is too long gives a waiting thread one slice (ksoftirqd)."""
        lane.run_frames += frames
        too_long = lane.free + work - lane.run_start > SOFTIRQ_TIME or lane.run_frames > SOFTIRQ_FRAMES
        if not too_long or self.running is None:
            return lane.free
        yielded = min(SLICE, self.remaining(self.running, lane.free))
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

    def leave_softirq(self, burst: Burst, received: bool, depart: int) -> None:
        """Hold the ring's descriptors or the backlog's place until the work is done."""
        if received:
            burst.ring.hold(depart, burst.frames)
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

    def submit(self, job: Traveller, work: int, wakeup: int) -> Begin:
        """Give a thread ``work`` ps to do; ``wakeup`` more when the lane is found idle."""
        begin = Begin(job, self.clock._now, work, wakeup)
        present = 1 + self.length()
        if present > self.app_totals.most:
            self.app_totals.most = present
        if self.running is None:
            self.start(begin, found_idle=True)
        else:
            self.waiting.append(begin)
        return begin

    def start(self, begin: Begin, found_idle: bool) -> None:
        """Put a job on the core, which it shares with the softirq lane from now on."""
        now = self.clock._now
        begin.start = begin.ready = now
        if not found_idle:
            begin.wakeup = 0
        elif begin.wakeup and self.asleep(now):
            begin.ready = now + self.node.idle_exit
        begin.stolen_before = self.softirq.elapsed(now)
        self.running = begin
        self.clock.send(begin.job, self, begin.ready + begin.wakeup + begin.work, as_kind(END, begin.job.key))

    def remaining(self, begin: Begin, at: int) -> int:
        """ps of the running job that will be left at ``at``, which is no later than the softirq lane's end."""
        stolen = self.softirq.booked() - begin.stolen_before
        return max(0, begin.wakeup + begin.work - (at - begin.ready - stolen))

    def check(self, begin: Begin) -> None:
        """End the running job, or look again later by as much as softirqs have stolen."""
        now = self.clock._now
        stolen = self.softirq.elapsed(now) - begin.stolen_before
        left = begin.ready + begin.wakeup + begin.work + stolen - now
        if left > 0:
            self.clock.send(begin.job, self, now + left, as_kind(END, begin.job.key))
            return
        self.count(begin, now)
        self.running = None
        self.threads_free = now
        if begin.thread is not None:
            begin.thread.jobs -= 1
            begin.thread.ran_until = now
        if self.waiting:
            self.start(self.waiting.popleft(), found_idle=False)
        begin.job.finished(self, begin)

    def count(self, begin: Begin, now: int) -> None:
        """Book a finished job in the lane's totals."""
        totals = self.app_totals
        totals.visits += 1
        totals.queued += begin.start - begin.arrive
        totals.sojourn += now - begin.arrive
        totals.busy += begin.wakeup + begin.work
        if begin.job.system:
            totals.system += begin.wakeup + begin.work
        if totals.log is not None:
            totals.log.append((totals.number, begin.arrive, begin.start, now, begin.wakeup + begin.work))

    def close(self) -> None:
        """At the end of the run, count what is still here."""
        end = self.clock._now
        if self.running is not None:
            begin = self.running
            done = end - begin.ready - (self.softirq.elapsed(end) - begin.stolen_before)
            done = max(0, min(done, begin.wakeup + begin.work))
            self.app_totals.cut_short(begin.arrive, begin.start, done)
            if begin.job.system:
                self.app_totals.system += done
        for begin in self.waiting:
            self.app_totals.cut_short(begin.arrive, -1, 0)
