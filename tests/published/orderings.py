"""Which published orderings there are, and whether predictions have the same order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from tests.published.facts import Fact, Role

APART = 0.05  # published values that differ by less are not held to be in an order
TIE = 0.01  # predictions that differ by less are not in an order

Predictions = Mapping[Fact, float]


@dataclass(frozen=True)
class Ordering:
    """Two rows of one group of which the first was measured to be the larger."""

    larger: Fact
    smaller: Fact

    @property
    def role(self) -> Role:
        """Doubtful with one doubtful row; calibration where both rows are."""
        roles = {self.larger.role, self.smaller.role}
        if Role.DOUBTFUL in roles:
            return Role.DOUBTFUL
        return Role.CALIBRATION if roles == {Role.CALIBRATION} else Role.PREDICTION

    def reproduced(self, predictions: Predictions) -> bool:
        """Whether the predictions have this order too, by more than a tie."""
        return predictions[self.larger] > predictions[self.smaller] * (1 + TIE)


def ordering(one: Fact, other: Fact) -> Ordering | None:
    """The order of two published values; None where it may be luck, or where one setup was measured twice."""
    larger, smaller = (one, other) if one.value >= other.value else (other, one)
    if larger.label == smaller.label:
        return None
    if larger.value <= smaller.value * (1 + APART) or larger.low <= smaller.high:
        return None
    return Ordering(larger, smaller)


def orderings(facts: Iterable[Fact]) -> list[Ordering]:
    """All orderings within each group."""
    groups: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.group, []).append(fact)
    pairs = (ordering(*pair) for group in groups.values() for pair in combinations(group, 2))
    return [found for found in pairs if found]


def count(found: Iterable[Ordering], predictions: Predictions) -> tuple[int, int]:
    """How many orderings are reproduced, and of how many."""
    verdicts = [one.reproduced(predictions) for one in found]
    return sum(verdicts), len(verdicts)
