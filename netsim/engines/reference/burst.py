"""A burst: what a socket hands to the kernel at once, and the trains it is cut into on the wire."""

from typing import TYPE_CHECKING, Any

from netsim.chance import UNITY, draw, remix
from netsim.engines.reference.clock import Traveller
from netsim.engines.reference.order import train_key
from netsim.engines.reference.plan import Visit, Work

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.lanes import Begin
    from netsim.engines.reference.transfer import Transfer


class Burst(Traveller):
    """Up to 64 KiB of one transfer; on the wire it may be represented by trains, whose ``whole`` it is.

    ``trail`` are rows of records.Steps, cell after cell: a flat list of numbers costs the garbage collector nothing.
    ``tail`` is when its last frame reaches the place that its head has reached. ``frames`` and ``payload`` are what is
    left of it, ``pending`` the frames still on the wire, ``lost`` those lost since it was sent, ``reason`` why first.
    """

    # More attributes than CPython keeps in an object's inline values: slots make each access on the wire twice as fast.
    __slots__ = (
        "attempt",
        "connection",
        "core",
        "crossing",
        "frames",
        "full_wire",
        "here",
        "key",
        "last_wire",
        "lost",
        "lost_payload",
        "luck",
        "mss",
        "number",
        "over",
        "payload",
        "pending",
        "position",
        "reason",
        "ring",
        "sent",
        "tail",
        "target",
        "trail",
        "transfer",
        "uncut",
        "upstream",
        "visits",
        "wrapping",
    )  # fmt: skip

    def __init__(self, transfer: "Transfer", number: int, attempt: int, frames: int, payload: int) -> None:
        clock = transfer.exchange.network.clock
        super().__init__(clock)
        self.transfer = transfer
        self.connection = transfer.connection
        self.visits = transfer.path.visits
        self.mss = transfer.mss
        self.number = number
        self.attempt = attempt
        self.frames = self.pending = frames
        self.payload = payload
        self.key = transfer.burst_key(number, attempt)
        self.luck = -1  # drawn when first needed
        self.position = -1
        self.trail: list[int] = []
        self.core: Core | None = None
        self.ring: Any = None  # the receive queue it came in by
        self.uncut: Burst | None = None
        self.sent = clock.now
        self.lost = self.lost_payload = 0
        self.reason = -1
        self.over = False
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
        core.network.journeys.advance(self, now)

    def train(self, index: int, frames: int, payload: int) -> "Burst":
        """Cut a train off: the same journey, with its own place in the order of events; losses are the whole's."""
        train = Burst.__new__(Burst)
        Traveller.__init__(train, self.transfer.exchange.network.clock)
        train.transfer, train.connection, train.visits = self.transfer, self.connection, self.visits
        train.number, train.attempt, train.mss, train.luck = self.number, self.attempt, self.mss, self.luck
        train.position, train.here, train.target = self.position, self.here, self.target
        train.crossing, train.upstream, train.wrapping = self.crossing, self.upstream, self.wrapping
        train.full_wire = train.last_wire = self.full_wire
        train.frames, train.payload = frames, payload
        train.key = train_key(self.key, index)
        train.trail = self.trail.copy()
        train.uncut = self
        return train

    def own_luck(self) -> int:
        """The bits from which all its draws come."""
        if self.luck < 0:
            self.luck = remix(self.transfer.luck, self.number + (self.attempt << 20))
        return self.luck

    def work(self, works: tuple[Work, ...], frames: int, payload: int, visit: Visit) -> int:
        """The work in ps of ``works`` for so many frames and bytes, with this burst's luck at this visit."""
        total, luck = 0, -1
        for jitter, per_burst, per_frame, per_byte in works:
            base = per_burst + per_frame * frames + per_byte * payload // 1000
            if jitter is not None:
                if luck < 0:
                    luck = remix(self.own_luck(), visit.purpose)
                base = base * draw(jitter, luck) // UNITY
            total += base
        return total
