"""The clock: SimPy's environment in integer picoseconds, where ties are settled by a canonical key."""

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import Any

from simpy import Environment, Event


class Inbox(Event):
    """What a process yields to wait for the next arrival; it never fires itself."""


class Place:
    """Something that events arrive at: a SimPy process that handles one arrival after the other.

    An arriving event is sent straight into the process's generator. SimPy's own way, an event per wait to which the
    process subscribes anew, would cost a second event per hop.
    """

    def __init__(self, clock: "Clock") -> None:
        self.clock = clock
        self.arrivals = Inbox(clock)
        self.wakes: list[Callable[[Any], Any]] = [lambda _: None]
        self.restart()

    def restart(self) -> None:
        """Begin its process anew, with what has changed; nothing that is on its way here is lost."""
        self.process = self.clock.process(self.run())
        self.wakes[0] = self.process._generator.send

    def run(self) -> Generator[Event, Any, None]:
        """Handle arrivals for ever: ``item = yield self.arrivals``."""
        raise TypeError(f"{type(self).__name__} does not say how it runs")


class Traveller(Event):
    """An event that arrives at one place after the other; it has one pending arrival at a time."""

    def __init__(self, clock: "Clock") -> None:
        self.env = clock
        self.callbacks: Any = None
        self._ok = True
        self._value = None


class DuplicateKeyError(RuntimeError):
    """Two events with the same time and key: the order of the run would be an accident."""


class Clock(Environment):
    """Pops the least (time, key) among all pending events; a key may be pending once at any instant."""

    _now: int

    @property
    def now(self) -> int:
        """The current time in ps."""
        return self._now

    def send(self, event: Traveller, place: Place, at: int, key: int) -> None:
        """Let ``event`` arrive at ``place`` at the time ``at``; ``key`` (> 1, below which SimPy starts processes)
        settles ties, so the counter that SimPy puts behind it decides nothing."""
        event.callbacks = place.wakes
        heappush(self._queue, (at, key, next(self._eid), event))  # type: ignore[misc]  # any integer is a priority

    def advance(self, until: int) -> None:
        """Process every event earlier than ``until``, then set the clock to it."""
        queue = self._queue
        moment, latest = -1, -1
        now: Any
        while queue and queue[0][0] < until:
            now, key, _, event = heappop(queue)
            if key == latest and now == moment and key > 1:
                raise DuplicateKeyError(f"two events at {now} ps with the key {key:#x}")
            self._now = moment = now
            latest = key
            event.callbacks[0](event)  # one process waits for each event
            if not event._ok:
                raise event._value
        self._now = until

    def pending(self) -> list[Event]:
        """The events that have not fired yet, in no order."""
        return [entry[3] for entry in self._queue]
