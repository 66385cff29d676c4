"""The receiving half of a TCP socket: puts bytes in order, acknowledges them, and tells how much more it can hold."""

from typing import TYPE_CHECKING

from netsim.engines.reference import spans
from netsim.engines.reference.alarm import Alarm
from netsim.engines.reference.sender import Note
from netsim.program import Phase
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.burst import Burst
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.core import Core

QUICK = 16  # frames acknowledged at once at the start and after a gap (TCP_MAX_QUICKACKS)
AT_ONCE = 2  # frames that an acknowledgement never waits for (RFC 5681, 4.2)


class Receiver:
    """One direction of a connection, seen from the socket that receives."""

    def __init__(self, connection: "Connection", phase: int) -> None:
        self.connection = connection
        self.network = connection.network
        self.phase = phase
        self.room = connection.call.transport.receive_window
        self.next = 0  # first byte that is missing
        self.beyond: list[spans.Span] = []  # received behind a gap
        self.held: list[tuple[Burst, int]] = []  # bursts with bytes behind a gap, and since when
        self.unread = 0  # bytes in order that the thread has not read yet
        self.edge = self.room
        self.marked = 0
        self.owed = 0  # frames not acknowledged yet
        self.quick = QUICK
        self.interactive = False  # data goes back soon after data came: acknowledgements wait for it
        self.core: Core | None = None  # where the last burst was processed
        self.alarm = Alarm(connection, Phase.ACK + 1 - phase % 2, self.overdue)

    # -- data ------------------------------------------------------------------------------------------------------

    def accept(self, burst: "Burst") -> bool:
        """Take a burst in from the network; True when its thread may have it now."""
        burst.accepted = True
        self.marked += burst.marked
        if burst.start == self.next and not burst.holes and not self.held:
            size = burst.end - burst.start
            burst.fresh = size
            self.next = burst.end
            self.unread += size
            self.answer(burst)
            return True
        return self.sort(burst)

    def sort(self, burst: "Burst") -> bool:
        """Take in a burst that is not simply the next."""
        for start, end in spans.without(burst.start, burst.end, burst.holes):
            start = max(start, self.next)
            if start < end:
                burst.fresh += spans.add(self.beyond, start, end)
        before = self.next
        if self.beyond and self.beyond[0][0] <= self.next:
            self.unread += self.beyond[0][1] - self.next
            self.next = self.beyond.pop(0)[1]
        self.quick = QUICK
        passes = burst.end <= self.next
        if not passes:
            now = self.network.clock._now
            self.held.append((burst, now))
            self.network.transport.held[burst] = None
        self.answer(burst, at_once=True)
        if passes and burst.fresh:
            self.release()
            return True
        if passes:  # nothing new in it
            self.network.transport.over(burst)
        elif self.next > before:
            self.release()
        return False

    def release(self) -> None:
        """Let the bursts go that waited for a gap to be filled, in the order of the stream."""
        now = self.network.clock._now
        ready = sorted((pair for pair in self.held if pair[0].end <= self.next), key=lambda pair: pair[0].end)
        self.held = [pair for pair in self.held if pair[0].end > self.next]
        for burst, since in ready:
            del self.network.transport.held[burst]
            burst.trail.extend((Mark.GAP, -1, since, now - since, 0, 0, 0, 0, 0, 0, -1))
            if burst.fresh:
                self.network.transport.released(burst)
            else:
                self.network.transport.over(burst)

    def read(self, burst: "Burst") -> None:
        """The thread has read a burst: tell the sender if that has opened a window that was small."""
        self.unread -= burst.fresh
        left = self.edge - self.next
        if 2 * left <= self.room:
            opened = self.room - self.unread
            if opened >= max(2 * left, burst.mss):
                self.send()

    # -- acknowledgements ------------------------------------------------------------------------------------------

    def answer(self, burst: "Burst", at_once: bool = False) -> None:
        """Acknowledge now, or wait for more, for data to go back, or for the timer."""
        self.owed += burst.frames
        if at_once or self.owed >= AT_ONCE or (self.quick > 0 and not self.interactive):
            self.quick -= 1
            self.send()
            return
        if not self.alarm.armed:
            self.alarm.set(self.network.clock._now + self.connection.call.transport.delayed_ack)

    def overdue(self) -> None:
        """An acknowledgement has waited long enough."""
        self.interactive = False
        self.send()

    def send(self) -> None:
        """A packet with nothing but the acknowledgement."""
        self.connection.acknowledge(self.phase)

    def note(self, with_data: bool) -> Note:
        """What the next packet back says; ``with_data``: it would go anyhow."""
        if with_data and self.owed:
            self.interactive = True
        self.owed = 0
        self.alarm.clear()
        self.edge = max(self.edge, self.next + self.room - self.unread)
        return Note(self.next, tuple(self.beyond), self.edge, self.marked)
