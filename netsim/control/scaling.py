"""The HorizontalPodAutoscaler's arithmetic: how many replicas, given what the pods use.

Source: kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go, horizontal.go. Ratios are fractions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

TOLERANCE = Fraction(1, 10)  # --horizontal-pod-autoscaler-tolerance
PPM = 1_000_000
PERIOD = 15 * 10**12  # periodSeconds of the default policies
DOUBLE, FOUR = 2, 4  # default scale-up: the larger of 100 % and 4 pods each period


@dataclass(frozen=True, slots=True)
class Usage:
    """What pods use in ppm of their request: those ready with a metric one by one, and how many are not ready yet or
    have no metric."""

    ready: tuple[int, ...]
    unready: int = 0
    missing: int = 0


def desired(current: int, target: int, usage: Usage) -> int:
    """ceil(ratio * pods), within a tolerance of 0.1 the current number.

    Pods without a metric count as 100 % (of the request, at least the target) when scaling down and as idle when
    scaling up, pods that are not ready as idle when scaling up; where that turns the decision round, nothing is done.
    """
    if not usage.ready:
        return current
    ratio = Fraction(sum(usage.ready), len(usage.ready) * target)
    if not usage.missing and not (usage.unready and ratio > 1):
        return current if abs(ratio - 1) <= TOLERANCE else _ceil(ratio * len(usage.ready))
    metrics = list(usage.ready)
    if ratio < 1:
        metrics += [max(PPM, target)] * usage.missing
    elif ratio > 1:
        metrics += [0] * (usage.missing + usage.unready)
    again = Fraction(sum(metrics), len(metrics) * target)
    if abs(again - 1) <= TOLERANCE or (ratio < 1 < again) or (again < 1 < ratio):
        return current
    wanted = _ceil(again * len(metrics))
    turned = (again < 1 and wanted > current) or (again > 1 and wanted < current)
    return current if turned else wanted


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def stabilised(
    now: int, wanted: int, history: Sequence[tuple[int, int]], windows: tuple[int, int], current: int
) -> int:
    """The recommendation that the windows (up, down; ps) allow: the least of the up window's where it is more than
    ``current``, the most of the down window's where it is less. ``history`` has earlier (time, recommendation)s."""
    up, down = windows
    least = min([wanted, *(number for at, number in history if at > now - up)])
    most = max([wanted, *(number for at, number in history if at > now - down)])
    if least > current:
        return least
    return most if most < current else current


def limited(wanted: int, current: int, added: int, bounds: tuple[int, int]) -> int:
    """Within the scale-up policies, given how many were ``added`` in this period, and within (least, most)."""
    least, most = bounds
    start = current - added
    if wanted > current:
        wanted = min(wanted, max(DOUBLE * start, start + FOUR, current))
    return max(least, min(most, wanted))
