"""Equal flows through one bottleneck get equal shares: Jain's index of fairness is at least 0.98.

The senders begin one after the other, their wires are a hundred times as fast as the bottleneck, and its buffer holds
one product of bandwidth and round trip. Shares are counted after the first third of the run.
"""

import pytest

from netsim.engines import run
from netsim.records import BINS
from tests.dumbbell import MILLISECOND, Dumbbell, socket
from tests.theory import jain

ROUND_TRIP = 10 * MILLISECOND
FAIR = 0.98


def shares(control: str, senders: int, rate: int, seconds: int) -> list[float]:
    """Bytes that each flow delivered in the last two thirds of so many seconds."""
    product = rate * 10 // 8000
    bell = Dumbbell(
        rate=rate, round_trip=ROUND_TRIP, senders=senders, access=100 * rate, duration=seconds * 1000 * MILLISECOND,
        room=product, burst=65_535, starts=tuple(number * 7 * MILLISECOND for number in range(senders)),
        transports=socket(control, receive_window=8 * product),
    )  # fmt: skip
    parts = run(bell.program()).progress.delivered.reshape(senders, BINS)
    return [float(share) for share in parts[:, BINS // 3 :].sum(axis=1)]


@pytest.mark.parametrize(
    ("control", "senders", "rate", "seconds"), [("cubic", 2, 20, 40), ("reno", 2, 20, 40), ("cubic", 8, 50, 40)]
)
def test_equal_flows_share_equally(control: str, senders: int, rate: int, seconds: int) -> None:
    found = jain(shares(control, senders, rate * 10**6, seconds))
    print(f"{senders} {control}: {found:.4f}")
    assert found >= FAIR


@pytest.mark.slow
@pytest.mark.parametrize("control", ["cubic", "reno"])
@pytest.mark.parametrize(("senders", "rate"), [(8, 100), (32, 400), (64, 400)])
def test_many_equal_flows_share_equally(control: str, senders: int, rate: int) -> None:
    found = jain(shares(control, senders, rate * 10**6, 60))
    print(f"{senders} {control}: {found:.4f}")
    assert found >= FAIR


def test_saboteur_a_quarter_less_for_one_of_two_is_seen() -> None:
    assert jain([1.0, 0.74]) < FAIR < jain([1.0, 0.76])
