"""Latency distributions: nearest-rank percentiles that say when too few samples stand behind them."""

from collections.abc import Iterator

from netsim.analysis.rounding import microseconds
from netsim.records import Column

LEVELS = {"p50": 500_000, "p90": 900_000, "p95": 950_000, "p99": 990_000, "p99.9": 999_000}
"""The percentiles reported, in ppm."""

BEYOND = 10  # samples that must lie beyond a percentile before it is reported
_STEPS = 8  # points of a spectrum per factor of ten in 1 - p


def rank(samples: int, level: int) -> int:
    """The row of a sorted sample that is its percentile ``level`` (ppm) by the nearest-rank rule."""
    return max(0, -(-samples * level // 1_000_000) - 1)


def needed(level: int) -> int:
    """How many samples a percentile of ``level`` ppm wants: 10 / (1 - p)."""
    return -(-BEYOND * 1_000_000 // (1_000_000 - level))


def distribution(ordered: Column, nothing: str = "nothing completed") -> dict[str, object]:
    """Percentiles, mean and largest of sorted times in ps; null with its reason where samples are too few."""
    samples = len(ordered)
    if not samples:
        return withheld(0, nothing)
    found: dict[str, object] = {"mean": microseconds(int(ordered.sum(dtype=object)) / samples)}
    reasons = {}
    for name, level in LEVELS.items():
        if samples >= needed(level):
            found[name] = microseconds(int(ordered[rank(samples, level)]))
        else:
            found[name] = None
            reasons[name] = f"{samples} samples, {needed(level)} needed"
    return found | {"max": microseconds(int(ordered[-1])), "samples": samples, "reasons": reasons}


def withheld(samples: int, reason: str) -> dict[str, object]:
    """A distribution of which nothing is told, and why."""
    names = ("mean", *LEVELS, "max")
    return dict.fromkeys(names) | {"samples": samples, "reasons": dict.fromkeys(names, reason)}


def spectrum(ordered: Column) -> list[list[float]]:
    """Points (1 - p, µs) of the percentile curve, to the last that 10 samples lie beyond."""
    return [
        [beyond / 1_000_000, microseconds(int(ordered[rank(len(ordered), 1_000_000 - beyond)]))]
        for beyond in _spaced()
        if beyond * len(ordered) >= BEYOND * 1_000_000
    ]


def _spaced() -> Iterator[int]:
    for point in range(6 * _STEPS + 1):
        yield round(10 ** (6 - point / _STEPS))
