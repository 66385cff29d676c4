"""The two lanes of a core: busy periods of the softirq lane, jobs of the application lane."""

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core


class Thread:
    """One side of a connection: the thread that owns its socket works on one core at a time, in order. While it has
    something to do it stays there; when it wakes up it may go to another."""

    __slots__ = ("core", "jobs", "ran_until")

    def __init__(self) -> None:
        self.core: Core | None = None
        self.jobs = 0  # of this thread, in the core's application lane
        self.ran_until = -1


class Begin:
    """One job of an application lane, from its arrival to its end."""

    __slots__ = ("arrive", "job", "ready", "start", "stolen_before", "thread", "wakeup", "walk", "work")

    def __init__(self, job: Any, arrive: int, work: int, wakeup: int) -> None:
        self.job = job
        self.walk = -1
        self.thread: Thread | None = None
        self.arrive = arrive
        self.work = work  # wake-up work not included
        self.wakeup = wakeup
        self.start = self.ready = -1
        self.stolen_before = 0

    def remaining(self, at: int, stolen: int) -> int:
        """ps of it that will be left at ``at``, when softirqs have run for ``stolen`` ps since the core began."""
        return max(0, self.wakeup + self.work - (at - self.ready - (stolen - self.stolen_before)))


class Ring:
    """The descriptors of one receive queue of a NIC, and the core that serves it."""

    __slots__ = ("core", "frames", "held")

    def __init__(self, core: "Core") -> None:
        self.core = core
        self.held: deque[tuple[int, int]] = deque()  # (processed at, frames)
        self.frames = 0

    def present(self, now: int) -> int:
        """Frames that wait or are being processed."""
        held = self.held
        while held and held[0][0] <= now:
            self.frames -= held.popleft()[1]
        return self.frames

    def hold(self, until: int, frames: int) -> None:
        """Keep ``frames`` descriptors until their work is done."""
        self.held.append((until, frames))
        self.frames += frames


class Softirq:
    """The busy periods of a core's softirq lane, known as soon as work arrives."""

    def __init__(self) -> None:
        self.free = -1
        self.stack_free = -(1 << 40)  # when more than the NIC's part of the kernel last ran
        self.done = 0  # ps of work in periods that are over
        self.periods: deque[list[int]] = deque()  # [from, to], ascending, apart from each other
        self.run_start = self.run_frames = 0

    def elapsed(self, now: int) -> int:
        """ps of softirq work that this core has done up to ``now``."""
        periods = self.periods
        while periods and periods[0][1] <= now:
            first = periods.popleft()
            self.done += first[1] - first[0]
        return self.done + (now - periods[0][0] if periods and periods[0][0] < now else 0)

    def booked(self) -> int:
        """ps of all work booked so far."""
        return self.done + sum(end - start for start, end in self.periods)

    def add(self, start: int, work: int) -> int:
        """Book ``work`` from ``start`` on; returns when it ends."""
        end = start + work
        if self.periods and self.periods[-1][1] == start:
            self.periods[-1][1] = end
        else:
            self.periods.append([start, end])
        self.free = end
        return end
