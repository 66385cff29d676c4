"""A burst: what a socket hands to the kernel at once, and the trains it is cut into on the wire."""

from typing import TYPE_CHECKING, Any

from netsim.chance import UNITY, draw, remix
from netsim.engines.reference.clock import Traveller
from netsim.engines.reference.order import train_key
from netsim.engines.reference.plan import Visit, Work
from netsim.engines.reference.spans import Span, frames, without
from netsim.program import Op

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.flight import Flight
    from netsim.engines.reference.lanes import Begin
    from netsim.engines.reference.scoreboard import Piece
    from netsim.engines.reference.sender import Note


class Burst(Traveller):
    """Up to 64 KiB of one flight; on the wire it may be represented by trains, whose ``whole`` it is.

    It is the bytes ``start`` to ``end`` of its stream but for the ``holes``. ``trail`` are rows of records.Steps, cell
    after cell: a flat list of numbers costs the garbage collector nothing. ``tail`` is when its last frame reaches the
    place that its head has reached. ``frames`` and ``payload`` are what is left of it, ``pending`` the frames still on
    the wire, ``lost`` those lost, ``reason`` why first, ``fresh`` the bytes that its receiver did not have yet.
    ``last_only``: all frames but the last are off the ring; ``flushed``: its last trains were lost.
    """

    # More attributes than CPython keeps in an object's inline values: slots make each access on the wire twice as fast.
    __slots__ = (
        "accepted",
        "connection",
        "core",
        "crossing",
        "end",
        "flight",
        "flushed",
        "frames",
        "fresh",
        "full_wire",
        "here",
        "holes",
        "key",
        "last_only",
        "last_wire",
        "lost",
        "luck",
        "marked",
        "merged",
        "mss",
        "note",
        "payload",
        "pending",
        "piece",
        "position",
        "reason",
        "ring",
        "sent",
        "start",
        "tail",
        "target",
        "trail",
        "uncut",
        "upstream",
        "visits",
        "wrapping",
    )  # fmt: skip

    system = True  # its work in a thread is the kernel's

    def __init__(self, flight: "Flight", stretch: tuple[int, int], frames: int) -> None:
        clock = flight.network.clock
        super().__init__(clock)
        self.flight = flight
        self.connection = flight.connection
        self.visits = flight.path.visits
        self.mss = flight.mss
        self.start, self.end = stretch
        self.frames = self.pending = frames
        self.payload = 0 if flight.empty else self.end - self.start
        number = flight.bursts
        self.key = flight.next_key()
        self.luck = remix(flight.luck, number)
        self.position = -1
        self.trail: list[int] = []
        self.core: Core | None = None
        self.ring: Any = None  # the receive queue it came in by
        self.uncut: Burst | None = None
        self.piece: Piece | None = None
        self.note: Note | None = None
        self.holes: list[Span] = []
        self.sent = clock._now
        self.lost = self.fresh = self.marked = 0
        self.reason = -1
        self.accepted = self.flushed = self.last_only = False
        self.merged = -1  # when the last train that is part of it came to its receiver
        self.tail = self.here = self.target = 0
        self.upstream = -1
        self.full_wire = self.last_wire = self.wrapping = 0
        self.crossing = -1  # the number of the WIRE visit it is on

    @property
    def whole(self) -> "Burst":
        """The burst that a train is part of, or the burst itself."""
        return self.uncut or self

    def finished(self, core: "Core", begin: "Begin") -> None:
        """Its socket work is done: it leaves the application lane."""
        now = core.clock.now
        wakeup = begin.ready - begin.start + begin.wakeup
        stolen = now - begin.start - wakeup - begin.work
        number = self.visits[self.position].number
        self.trail.extend(
            (number, core.app_totals.number, begin.arrive, begin.start - begin.arrive, stolen, wakeup, begin.work, 0,
             self.frames, self.payload, begin.walk)
        )  # fmt: skip
        self.core = core
        if self.visits[self.position].op == Op.WORKER:
            core.node.workers.end(self)
            return
        first = self.position == 0
        core.network.journeys.advance(self, now)
        if first:
            self.flight.pushed(self)

    def train(self, index: int, frames: int, stretch: tuple[int, int]) -> "Burst":
        """Cut a train off: the same journey, with its own place in the order of events; losses are the whole's too."""
        train = Burst.__new__(Burst)
        Traveller.__init__(train, self.flight.network.clock)
        train.flight, train.connection, train.visits = self.flight, self.connection, self.visits
        train.mss, train.luck = self.mss, self.luck
        train.position, train.here, train.target = self.position, self.here, self.target
        train.crossing, train.upstream, train.wrapping = self.crossing, self.upstream, self.wrapping
        train.full_wire = train.last_wire = self.full_wire
        train.start, train.end = stretch
        train.frames, train.payload = frames, 0 if self.flight.empty else train.end - train.start
        train.holes, train.marked = [], 0
        train.key = train_key(self.key, index)
        train.trail = self.trail.copy()
        train.uncut = self
        train.flushed = train.last_only = False
        return train

    def parts(self) -> list[Span]:
        """The frames that are left of it."""
        return frames(without(self.start, self.end, self.holes), self.mss)

    def work(self, works: tuple[Work, ...], frames: int, payload: int, visit: Visit) -> int:
        """The work in ps of ``works`` for so many frames and bytes, with this burst's luck at this visit."""
        total, luck = 0, -1
        for jitter, per_burst, per_frame, per_byte in works:
            base = per_burst + per_frame * frames + per_byte * payload // 1000
            if jitter is not None:
                if luck < 0:
                    luck = remix(self.luck, visit.purpose)
                base = base * draw(jitter, luck) // UNITY
            total += base
        return total
