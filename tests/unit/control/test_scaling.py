"""The autoscaler's formula, as a table, and its windows and policies."""

import pytest

from netsim.control.scaling import Usage, desired, limited, stabilised

S = 10**12
HALF = 500_000


@pytest.mark.parametrize(
    ("current", "usage", "expected"),
    [
        (4, Usage((HALF,) * 4), 4),
        (4, Usage((1_000_000,) * 4), 8),
        (4, Usage((250_000,) * 4), 2),
        (4, Usage((549_999,) * 4), 4),  # within the tolerance of 0.1
        (4, Usage((550_000,) * 4), 4),
        (4, Usage((550_001,) * 4), 5),
        (4, Usage((450_000,) * 4), 4),
        (4, Usage((449_999,) * 4), 4),  # ceil(3.6)
        (3, Usage((HALF, HALF, 800_000)), 4),  # the mean counts: 1.2 * 3, rounded up
        (4, Usage((), unready=4), 4),  # nothing is known
        (6, Usage((1_000_000,) * 2, unready=4), 6),  # idle ones pull it to 2/3: the direction turns round
        (4, Usage((1_000_000,) * 3, unready=1), 6),  # 1.5 * 4
        (4, Usage((250_000,) * 2, unready=2), 1),  # down: those that are not ready do not count
        (4, Usage((1_000_000,) * 3, missing=1), 6),  # up: a missing one is idle
        (4, Usage((250_000,) * 3, missing=1), 4),  # down: a missing one uses all of its request
    ],
)
def test_formula(current: int, usage: Usage, expected: int) -> None:
    assert desired(current, HALF, usage) == expected


def test_scale_down_waits_for_the_window() -> None:
    history = [(0, 10), (100 * S, 7), (200 * S, 3)]
    assert stabilised(299 * S, 2, history, (0, 300 * S), 10) == 10
    assert stabilised(301 * S, 2, history, (0, 300 * S), 10) == 7
    assert stabilised(401 * S, 2, history, (0, 300 * S), 7) == 3
    assert stabilised(901 * S, 2, history, (0, 300 * S), 3) == 2


def test_scale_up_does_not_wait() -> None:
    assert stabilised(100 * S, 9, [(0, 2)], (0, 300 * S), 2) == 9
    assert stabilised(100 * S, 9, [(50 * S, 2)], (60 * S, 300 * S), 2) == 2


@pytest.mark.parametrize(
    ("wanted", "current", "added", "expected"),
    [(100, 1, 0, 5), (100, 4, 0, 8), (100, 10, 0, 20), (100, 20, 10, 20), (100, 9, 4, 10), (3, 9, 0, 3), (1, 9, 0, 2)],
)
def test_no_more_than_twice_or_four_more_in_a_period(wanted: int, current: int, added: int, expected: int) -> None:
    assert limited(wanted, current, added, (2, 50)) == expected


def test_bounds_hold_last() -> None:
    assert limited(100, 40, 0, (2, 50)) == 50
