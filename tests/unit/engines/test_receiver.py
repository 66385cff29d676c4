"""The receiver by hand: bursts in and out of order, and when it acknowledges."""

from types import SimpleNamespace
from typing import Any

from netsim.engines.reference.receiver import QUICK, Receiver

MSS, DELAY, ROOM = 100, 40, 10_000


class Wire:
    """Connection, transport and clock in one: notes what the receiver asks of them."""

    def __init__(self) -> None:
        self.call = SimpleNamespace(transport=SimpleNamespace(receive_window=ROOM, delayed_ack=DELAY))
        self.network: Any = self
        self.clock: Any = self
        self.transport: Any = self
        self.key = self._now = 0
        self.now = 0
        self.closed = self.reset = False
        self.held: dict[Any, None] = {}
        self.sent: list[tuple[int, int]] = []  # (acknowledged, edge of the window)
        self.read_now: list[Any] = []
        self.idle: list[Any] = []
        self.timers: list[tuple[int, Any]] = []
        self.receiver: Receiver

    def acknowledge(self, _phase: int) -> None:
        """An acknowledgement goes out."""
        note = self.receiver.note(with_data=False)
        self.sent.append((note.ack // MSS, note.edge))

    def send(self, item: Any, _place: Any, at: int, _key: int) -> None:
        """A timer is set."""
        self.timers.append((at, item))

    def released(self, burst: Any) -> None:
        """A burst need not wait any longer."""
        self.read_now.append(burst)

    def over(self, burst: Any) -> None:
        """There is nothing new in a burst."""
        self.idle.append(burst)


def receiver() -> tuple[Receiver, Wire]:
    """A receiver of requests and what it talks to."""
    wire = Wire()
    connection: Any = wire
    wire.receiver = Receiver(connection, 2)
    return wire.receiver, wire


class Arrived(SimpleNamespace):
    """What the receiver knows of a burst; told apart by identity."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


def burst(start: int, end: int, holes: tuple[tuple[int, int], ...] = ()) -> Any:
    """Segments ``start`` to ``end`` but for the holes."""
    lost = sum(there - here for here, there in holes)
    return Arrived(
        start=start * MSS, end=end * MSS, frames=end - start - lost, holes=[(a * MSS, b * MSS) for a, b in holes],
        marked=0, fresh=0, accepted=False, trail=[], mss=MSS,
    )  # fmt: skip


def test_bursts_in_order_are_read_and_acknowledged_at_once() -> None:
    taker, wire = receiver()
    assert taker.accept(burst(0, 3))
    assert taker.accept(burst(3, 4))
    assert [ack for ack, _ in wire.sent] == [3, 4]
    assert taker.unread == 4 * MSS
    assert wire.sent[-1][1] == ROOM, "nothing was read yet: the window's edge stays"


def test_a_burst_behind_a_gap_waits_for_it() -> None:
    taker, wire = receiver()
    late = burst(2, 5)
    assert not taker.accept(late)
    assert taker.beyond == [(2 * MSS, 5 * MSS)]
    assert late in wire.held
    assert taker.accept(burst(0, 2))
    assert wire.read_now == [late]
    assert not wire.held
    assert (taker.next, taker.beyond, taker.unread) == (5 * MSS, [], 5 * MSS)
    assert [ack for ack, _ in wire.sent] == [0, 5]


def test_a_burst_that_lost_its_tail_is_read_when_the_tail_has_come() -> None:
    """Its own hole is the gap; what fills it is the next in order."""
    taker, wire = receiver()
    cut = burst(0, 5, holes=((3, 5),))
    taker.accept(cut)
    assert taker.next == 3 * MSS
    assert taker.accept(burst(3, 5))
    assert taker.next == taker.unread == 5 * MSS
    assert wire.read_now == [cut]
    assert not wire.held


def test_a_burst_with_holes_counts_only_what_it_has() -> None:
    taker, _ = receiver()
    cut = burst(0, 6, holes=((1, 2), (4, 5)))
    assert not taker.accept(cut)
    assert cut.fresh == 4 * MSS
    assert taker.next == MSS
    assert taker.beyond == [(2 * MSS, 4 * MSS), (5 * MSS, 6 * MSS)]
    note = taker.note(with_data=False)
    assert note.ack == MSS
    assert note.spans == tuple(taker.beyond)


def test_a_second_copy_is_acknowledged_and_forgotten() -> None:
    taker, wire = receiver()
    taker.accept(burst(0, 3))
    copy = burst(1, 3)
    assert not taker.accept(copy)
    assert copy.fresh == 0
    assert wire.idle == [copy]
    assert taker.unread == 3 * MSS
    assert [ack for ack, _ in wire.sent] == [3, 3]


def test_single_segments_are_acknowledged_in_pairs_after_the_quick_start() -> None:
    taker, wire = receiver()
    for number in range(QUICK + 5):
        taker.accept(burst(number, number + 1))
    assert [ack for ack, _ in wire.sent] == [*range(1, QUICK + 1), QUICK + 2, QUICK + 4]
    assert [at for at, _ in wire.timers] == [DELAY]
    wire._now = DELAY
    wire.timers[0][1].fire()
    assert wire.sent[-1][0] == QUICK + 5


def test_the_window_opens_as_the_thread_reads() -> None:
    taker, wire = receiver()
    first = burst(0, 60)
    taker.accept(first)
    assert wire.sent == [(60, ROOM)]
    taker.read(first)
    assert wire.sent[-1] == (60, 60 * MSS + ROOM), "less than half was left: the sender is told"
