"""Links against recursions that know nothing of events: departures equal to the picosecond."""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

import numpy as np
import pytest

from netsim.chance import LAW_SIZE
from netsim.engines import run
from tests.programs import SECOND, SHARED, Chain, constant_law

GBIT = 10**9
HEADERS, SMALLEST, ETHERNET, MSS, GSO = 52, 46, 38, 1448, 65_535
RETRANSMISSION = SECOND // 5


def luck(seed: int) -> np.random.Generator:
    """The test's own numbers."""
    return np.random.Generator(np.random.Philox(seed))


def times_with_ties(seed: int, count: int, step: int) -> np.ndarray:
    """Arrivals on a coarse grid: about half of them share their instant with another."""
    return np.cumsum(luck(seed).integers(0, 4, count) * step)


def sizes(seed: int, most: int) -> np.ndarray:
    """A law table of payloads between 0 and ``most`` bytes."""
    return np.sort(luck(seed).integers(0, most + 1, LAW_SIZE))


def frames(payload: int) -> list[int]:
    """Bytes on the wire of each frame of a message; a message of none is one frame."""
    full, rest = divmod(payload, MSS)
    parts = [MSS] * full + ([rest] if rest or not full else [])
    return [max(SMALLEST, part + HEADERS) + ETHERNET for part in parts]


def serialisation(wire: int, rate: int) -> int:
    """Whole ps, rounded up."""
    return -(-8 * wire * SECOND // rate)


def lindley(arrivals: Sequence[int], works: Sequence[int]) -> list[int]:
    """Departures of a single server, first come first served."""
    found, free = [], 0
    for arrival, work in zip(arrivals, works, strict=True):
        free = max(free, arrival) + work
        found.append(free)
    return found


def through(arrivals: Sequence[int], payloads: Sequence[int], rates: Sequence[int], travel: int) -> list[int]:
    """When the last frame of each message has crossed all links: max-plus recursion over single frames."""
    wires = [frames(payload) for payload in payloads]
    flat = [wire for message in wires for wire in message]
    clock = np.repeat(arrivals, [len(message) for message in wires]).tolist()
    for rate in rates:
        clock = [out + travel for out in lindley(clock, [serialisation(wire, rate) for wire in flat])]
    last = np.cumsum([len(message) for message in wires]) - 1
    return [clock[row] for row in last.tolist()]


def test_a_link_is_lindleys_recursion() -> None:
    arrivals = times_with_ties(1, 100_000, 440_000)
    chain = Chain(arrivals, rates=[10 * GBIT], payload=sizes(2, MSS), quantum=1, travel=300_000, mode=SHARED)
    records = run(chain.program())
    assert len(np.unique(arrivals)) < 80_000
    expected = through(arrivals, records.requests.request_bytes.tolist(), [10 * GBIT], 300_000)
    assert np.array_equal(records.requests.completed, expected)
    assert (np.array(expected) - arrivals).max() > 8 * serialisation(1538, 10 * GBIT), "nothing ever queued"


RATES = [10 * GBIT, 8 * GBIT, 9 * GBIT, 25 * GBIT, 7 * GBIT + 1, 40 * GBIT] * 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twelve_hops_are_the_max_plus_recursion(seed: int) -> None:
    arrivals = times_with_ties(seed, 4_000, 600_000)
    rates = luck(seed + 10).permutation(RATES).tolist()
    records = run(
        Chain(arrivals, rates=rates, payload=sizes(seed, MSS), quantum=1, travel=123_457, seed=seed).program()
    )
    expected = through(arrivals, records.requests.request_bytes.tolist(), rates, 123_457)
    assert np.array_equal(records.requests.completed, expected)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_messages_of_many_frames_are_their_frames(seed: int) -> None:
    """Up to 200 kB, so up to four super-packets and 139 frames each, over three links."""
    arrivals = times_with_ties(seed, 250, 40_000_000)
    rates = [10 * GBIT, 8 * GBIT, 25 * GBIT]
    records = run(Chain(arrivals, rates=rates, payload=sizes(seed, 200_000), quantum=1, travel=1, seed=seed).program())
    expected = through(arrivals, records.requests.request_bytes.tolist(), rates, 1)
    assert np.array_equal(records.requests.completed, expected)


@pytest.mark.parametrize("payload", [0, 1, 1448, 1449, 10 * MSS, 65_160, 300_000])
@pytest.mark.parametrize("quantum", [1, 8, 64])
def test_one_message_alone_is_store_and_forward(payload: int, quantum: int) -> None:
    """Frame by frame, in trains or whole: nothing overtakes, nothing waits, so the answer is one."""
    rates = [25 * GBIT, 10 * GBIT, 40 * GBIT, 3 * GBIT]
    program = Chain([5], rates=rates, payload=constant_law(payload), travel=999, quantum=quantum).program()
    expected = through([5], [payload], rates, 999)
    assert run(program).requests.completed.tolist() == expected
    if payload <= MSS:
        assert expected == [5 + sum(serialisation(frames(payload)[0], rate) for rate in rates) + 4 * 999]


def with_losses(
    arrivals: Sequence[int], works: Sequence[int], wires: Sequence[int], room: int
) -> tuple[list[int], int]:
    """Departures (-1 for what is lost until the end) and frames lost at a link whose buffer holds ``room`` bytes.

    A lost frame is sent again after 200 ms, 400 ms, ...; at one instant timers fire before new requests come.
    """
    events = [(at, 1, number, 0) for number, at in enumerate(arrivals)]
    heapify(events)
    waiting: list[tuple[int, int]] = []
    departed, lost, free, first = [-1] * len(works), 0, 0, 0
    present = 0
    while events:
        now, _, number, attempt = heappop(events)
        while first < len(waiting) and waiting[first][0] <= now:
            present -= waiting[first][1]
            first += 1
        if present + wires[number] > room:
            lost += 1
            heappush(events, (now + (RETRANSMISSION << attempt), 0, number, attempt + 1))
            continue
        free = max(free, now) + works[number]
        departed[number] = free
        waiting.append((free, wires[number]))
        present += wires[number]
    return departed, lost


@pytest.mark.parametrize(("room", "seed"), [(1538, 1), (4_000, 2), (20_000, 3)])
def test_a_finite_buffer_is_the_recursion_with_losses(room: int, seed: int) -> None:
    arrivals = times_with_ties(seed, 10_000, 500_000)
    rate = 7 * GBIT
    records = run(Chain(arrivals, rates=[rate], payload=sizes(seed, MSS), quantum=1, room=room, seed=seed).program())
    wires = [frames(payload)[0] for payload in records.requests.request_bytes.tolist()]
    departed, lost = with_losses(arrivals.tolist(), [serialisation(wire, rate) for wire in wires], wires, room)
    assert lost > 100
    assert records.drops.frames.tolist() == [lost]
    assert records.ledger.frames_dropped == lost
    assert np.array_equal(records.requests.completed, departed)
    assert records.stations.most[0] <= room


def test_a_buffer_loses_all_that_it_has_no_room_for() -> None:
    """Within the first 200 ms nothing is sent again: the plain G/D/1/K with constant frames."""
    arrivals = times_with_ties(4, 20_000, 500_000)
    assert arrivals[-1] < RETRANSMISSION
    wire = 1538
    program = Chain(
        arrivals, rates=[8 * GBIT], payload=constant_law(MSS), quantum=1, room=5 * wire, duration=RETRANSMISSION
    ).program()
    records = run(program)
    queue: list[int] = []
    admitted, work = [], serialisation(wire, 8 * GBIT)
    for at in arrivals.tolist():
        queue = [out for out in queue if out > at]
        admitted.append(len(queue) < 5)
        if admitted[-1]:
            queue.append(max(at, queue[-1] if queue else 0) + work)
    assert records.drops.frames.sum() == admitted.count(False) > 1000
    assert np.array_equal(records.requests.completed >= 0, admitted)
