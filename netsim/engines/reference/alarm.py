"""Alarms: one timer of a socket, moved far more often than it fires."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from netsim.engines.reference.clock import Clock, Traveller
from netsim.engines.reference.order import timer_key

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection


class Timer(Traveller):
    """The pending event of an alarm."""

    def __init__(self, alarm: "Alarm", at: int) -> None:
        super().__init__(alarm.clock)
        self.alarm = alarm
        self.at = at

    def fire(self) -> None:
        """Its time has come."""
        self.alarm.fired(self)


class Alarm:
    """Calls ``ring`` at its deadline. A deadline that moves on leaves the pending event alone, which then looks again:
    a socket that sends all the time costs few events."""

    __slots__ = ("clock", "connection", "count", "deadline", "pending", "phase", "ring")

    def __init__(self, connection: "Connection", phase: int, ring: Callable[[], None]) -> None:
        self.clock: Clock = connection.network.clock
        self.connection = connection
        self.phase = phase
        self.ring = ring
        self.deadline = -1
        self.pending: Timer | None = None
        self.count = 0

    @property
    def armed(self) -> bool:
        """Whether it will ring."""
        return self.deadline >= 0

    def set(self, at: int) -> None:
        """Ring at a time in ps, and at no other."""
        self.deadline = at
        if self.pending is None or self.pending.at > at:
            self.start()

    def clear(self) -> None:
        """Do not ring."""
        self.deadline = -1

    def start(self) -> None:
        """Have an event at the deadline."""
        self.pending = timer = Timer(self, self.deadline)
        self.count += 1
        key = timer_key(self.connection.key, self.phase, self.count)
        self.clock.send(timer, self.connection.network.transport, self.deadline, key)

    def fired(self, timer: Timer) -> None:
        """An event fires: ring, look again later, or do nothing where it is out of date."""
        if timer is not self.pending:
            return
        self.pending = None
        if self.connection.reset or not self.armed:
            return
        if self.deadline > timer.at:
            self.start()
            return
        self.clear()
        self.ring()
