"""A rollout keeps its promises whatever the sizes: never too many pods, never too few available ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsim.control.rolling import Bounds, Count, new_pods, old_pods, resolved

shares = st.one_of(st.integers(0, 30), st.integers(1, 100).map(lambda percent: -percent * 10_000))


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "expected"),
    [
        (-250_000, -250_000, 4, Bounds(1, 1)),
        (-250_000, -250_000, 10, Bounds(3, 2)),  # up and down
        (-250_000, -250_000, 1, Bounds(1, 0)),
        (2, 0, 5, Bounds(2, 0)),
        (0, -250_000, 3, Bounds(0, 1)),  # nothing could move otherwise
        (0, -1_000_000, 7, Bounds(0, 7)),
    ],
)
def test_shares_are_rounded_up_and_down(surge: int, unavailable: int, replicas: int, expected: Bounds) -> None:
    assert resolved(surge, unavailable, replicas) == expected


class Rollout:
    """A ReplicaSet pair that follows the arithmetic, with pods that become ready in an order of its own."""

    def __init__(self, replicas: int, bounds: Bounds, old_ready: int) -> None:
        self.replicas, self.bounds = replicas, bounds
        self.old, self.old_ready, self.new, self.new_ready = replicas, old_ready, 0, 0
        self.most, self.least = replicas, old_ready

    def step(self) -> None:
        """One sync of the controller."""
        self.new += max(0, new_pods(self.replicas, self.bounds, *self.counts()))
        unhealthy, healthy = old_pods(self.replicas, self.bounds, *self.counts())
        self.old -= unhealthy + healthy
        self.old_ready -= healthy
        self.most = max(self.most, self.old + self.new)
        self.least = min(self.least, self.old_ready + self.new_ready)

    def counts(self) -> tuple[Count, Count]:
        return Count(self.new, self.new_ready), Count(self.old, self.old_ready)


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 60), shares, shares, st.randoms(use_true_random=False))
def test_rollouts_end_and_stay_within_their_bounds(replicas: int, surge: int, unavailable: int, luck: object) -> None:
    bounds = resolved(surge, unavailable, replicas)
    rollout = Rollout(replicas, bounds, replicas)
    for _ in range(10 * replicas + 10):
        rollout.step()
        if rollout.new_ready < rollout.new:
            rollout.new_ready += luck.randint(1, rollout.new - rollout.new_ready)  # type: ignore[attr-defined]
    assert (rollout.old, rollout.new, rollout.new_ready) == (0, replicas, replicas)
    assert rollout.most <= replicas + bounds.surge
    assert rollout.least >= replicas - bounds.unavailable


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), shares, shares, st.integers(0, 40))
def test_unhealthy_old_pods_go_first_and_cost_nothing(replicas: int, surge: int, unavailable: int, bad: int) -> None:
    bounds = resolved(surge, unavailable, replicas)
    rollout = Rollout(replicas, bounds, max(0, replicas - bad))
    before = rollout.old_ready
    rollout.step()
    assert rollout.old_ready >= min(before, replicas - bounds.unavailable)


def test_saboteur_a_controller_that_counts_terminating_pods_as_room_is_caught() -> None:
    rollout = Rollout(10, Bounds(1, 0), 10)
    rollout.step()
    rollout.old -= 1
    rollout.old_ready -= 1
    rollout.least = min(rollout.least, rollout.old_ready + rollout.new_ready)
    assert rollout.least < 10 - rollout.bounds.unavailable
