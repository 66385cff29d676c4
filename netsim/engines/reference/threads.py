"""Threads: the application lane of a core, whose job in progress looks whether softirqs have stolen time from it."""

from collections import deque
from typing import TYPE_CHECKING, Any

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.clock import Place, Traveller
from netsim.engines.reference.interrupts import INTERRUPT_COOLING, cooled
from netsim.engines.reference.lanes import Begin, Softirq
from netsim.engines.reference.order import END, as_kind
from netsim.engines.reference.station import Totals
from netsim.program import REASON

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network
    from netsim.engines.reference.node import Node


class Threads(Place):
    """One core as its threads see it: a job at a time, pre-empted by the softirq lane."""

    def __init__(self, network: "Network", node: "Node", number: int) -> None:
        self.network = network
        self.node = node
        self.softirq = Softirq()
        self.soft_totals = Totals(number, network.program.duration, network.log)
        self.app_totals = Totals(number + 1, network.program.duration, network.log)
        self.running: Begin | None = None
        self.threads_free = -1
        self.waiting: deque[Begin] = deque()
        super().__init__(network.clock)

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
        elif begin.wakeup:
            begin.ready = now + self.leaves_idle(now)
        begin.stolen_before = self.softirq.elapsed(now)
        self.running = begin
        self.clock.send(begin.job, self, begin.ready + begin.wakeup + begin.work, as_kind(END, begin.job.key))

    def check(self, begin: Begin) -> None:
        """End the running job, or look again later by as much as softirqs have stolen."""
        now = self.clock._now
        stolen = self.softirq.elapsed(now) - begin.stolen_before
        left = begin.ready + begin.wakeup + begin.work + stolen - now
        if left > 0:
            self.clock.send(begin.job, self, now + left, as_kind(END, begin.job.key))
            return
        self.app_totals.job(begin, now)
        self.running = None
        if self.node.down:
            self.vanish(begin.job)
            return
        self.threads_free = now
        if begin.thread is not None:
            begin.thread.jobs -= 1
            begin.thread.ran_until = now
        if self.waiting:
            self.start(self.waiting.popleft(), found_idle=False)
        begin.job.finished(self, begin)

    def length(self) -> int:
        """Jobs in the application lane."""
        return len(self.waiting) + (self.running is not None)

    def is_free(self) -> bool:
        """Whether a thread that wakes up now would have the core to itself."""
        return self.running is None and self.softirq.free <= self.clock._now

    def leaves_idle(self, now: int) -> int:
        """ps until a core that was idle is there; one that has just become so has not gone far."""
        if self.running is not None:
            return 0
        idle = now - max(self.threads_free, self.softirq.free)
        return cooled(self.node.idle_exit, idle, INTERRUPT_COOLING) if idle > 0 else 0

    def fail(self) -> None:
        """The machine is down: the jobs of its threads are no more. The one in progress is seen at its own event."""
        for begin in self.waiting:
            self.app_totals.cut_short(begin.arrive, -1, 0, self.clock._now)
            self.vanish(begin.job)
        self.waiting.clear()

    def vanish(self, item: Any) -> None:
        """Something is here, or comes here, while the machine is down."""
        if isinstance(item, Burst):
            self.network.transport.lose(item, item.frames, self.soft_totals, REASON["down"])

    def close(self) -> None:
        """At the end of the run, count what is still here."""
        end = self.clock._now
        if self.running is not None:
            begin = self.running
            done = end - begin.ready - (self.softirq.elapsed(end) - begin.stolen_before)
            done = max(0, min(done, begin.wakeup + begin.work))
            self.app_totals.cut_short(begin.arrive, begin.start, done, end)
            if begin.job.system:
                self.app_totals.system += done
        for begin in self.waiting:
            self.app_totals.cut_short(begin.arrive, -1, 0, end)
