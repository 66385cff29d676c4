"""Congestion controls as plain functions: windows and integers in, windows out."""

import pytest

from netsim import congestion
from netsim.congestion import MEMORY, cubic, dctcp, reno
from tests.theory import cubic_window

ROUND_TRIP = 10_000  # us


def rounds(control: object, cwnd: int, memory: list[int], count: int, trip: int = ROUND_TRIP) -> list[int]:
    """The window after each of so many round trips, in each of which all of it is acknowledged, two at a time."""
    found, now = [], 1
    for _ in range(count):
        pairs, odd = divmod(cwnd, 2)
        for acked in [2] * pairs + [1] * odd:
            now += trip * acked // (2 * pairs + odd)
            cwnd = control.grow(cwnd, acked, (now, trip, trip), memory)  # type: ignore[attr-defined]
        found.append(cwnd)
    return found


def test_all_controls_have_the_same_functions() -> None:
    for name in congestion.names():
        module = congestion.load(name)
        for function in ("grow", "shrink", "mark", "window", "reset", "idle"):
            assert callable(getattr(module, function)), f"{name}.{function}"


def test_reno_adds_one_segment_per_round_trip_and_halves() -> None:
    memory = [0] * MEMORY
    assert rounds(reno, 10, memory, 50) == list(range(11, 61))
    assert reno.shrink(61, memory) == 30
    assert reno.shrink(3, memory) == 2
    assert reno.mark(61, memory) == 30


@pytest.mark.parametrize("most", [400, 1000, 4000])
def test_cubic_follows_its_cube(most: int) -> None:
    """Within two segments or 1 % of C (t - K)^3 + W_max, until 1.3 K after the loss; at 50 ms Reno is slower.

    The window aims at where the cube will be a round trip later (RFC 9438, 4.4), and arrives there in time.
    """
    memory, trip = [0] * MEMORY, 50_000
    cwnd = cubic.shrink(most, memory)
    assert cwnd == most * 717 // 1024
    reach = (most * (1 - 717 / 1024) / 0.4) ** (1 / 3)
    count = int(1.3 * reach * 1_000_000 / trip)
    for number, found in enumerate(rounds(cubic, cwnd, memory, count, trip), start=1):
        said = cubic_window(number * trip / 1e6, most, beta=717 / 1024)
        assert found == pytest.approx(said, abs=2, rel=0.01), f"{number} round trips after the loss"


def test_cubic_is_no_slower_than_reno_with_its_beta() -> None:
    """Small windows and short round trips: 3 (1 - beta) / (1 + beta) segments per round trip (RFC 9438, 4.3)."""
    memory = [0] * MEMORY
    cwnd = cubic.shrink(40, memory)
    found = rounds(cubic, cwnd, memory, 40, trip=1_000)
    assert found[-1] - cwnd == pytest.approx(40 * 3 * 0.3 / 1.7, abs=2)


def test_cubic_leaves_room_when_it_loses_before_it_is_back() -> None:
    memory = [0] * MEMORY
    cubic.shrink(1000, memory)
    assert memory[cubic.LAST_MOST] == 1000
    cubic.shrink(800, memory)
    assert memory[cubic.LAST_MOST] == 800 * (1024 + 717) // 2048
    cubic.reset(memory)
    assert memory == [0] * MEMORY


def test_the_cube_waits_while_nothing_is_sent() -> None:
    busy, rested = [0] * MEMORY, [0] * MEMORY
    for memory in (busy, rested):
        cubic.shrink(1000, memory)
        cubic.grow(700, 2, (1_000, 1_000, 1_000), memory)
    cubic.idle(5_000_000, rested)
    clock = (101_000, 1_000, 1_000)
    later = (5_101_000, 1_000, 1_000)
    assert cubic.grow(700, 700, clock, busy) == cubic.grow(700, 700, later, rested)


@pytest.mark.parametrize("value", [0, 1, 7, 8, 26, 27, 10**6 - 1, 10**6, 10**18, 2**62])
def test_cube_roots_are_the_largest_below(value: int) -> None:
    root = cubic.cube_root(value)
    assert root**3 <= value < (root + 1) ** 3


def test_dctcp_begins_with_a_share_of_one_and_follows_the_marks() -> None:
    """alpha <- alpha + (F - alpha) / 16, in 1024ths (RFC 8257, 3.3)."""
    memory = [0] * MEMORY
    assert dctcp.mark(100, memory) == 50, "with alpha 1 as a loss"
    alpha = 1024
    for acked, marked in [(100, 0)] * 30 + [(100, 25)] * 100:
        dctcp.window(acked, marked, memory)
        alpha += (marked * 1024 // acked >> 4) - (alpha >> 4)
        assert 1024 - memory[dctcp.ALPHA] == alpha
    assert alpha == pytest.approx(256, abs=16)
    assert dctcp.mark(100, memory) == 100 - 100 * alpha // 2048
    assert rounds(dctcp, 10, [0] * MEMORY, 5) == [11, 12, 13, 14, 15]
