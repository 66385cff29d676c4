"""Numbers for people: picoseconds become microseconds, floats keep six significant digits."""

import math
from collections.abc import Iterable


def rounded(value: float) -> float:
    """``value`` with six significant digits, so that a result's bytes do not hang on the last bit of a float.

    Raises ValueError where the value is not finite: no result holds such a number.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is no result")
    return float(f"{value:.6g}")


def microseconds(picoseconds: float) -> float:
    """A time in ps as µs, rounded."""
    return rounded(picoseconds / 1_000_000)


def mean(values: Iterable[float]) -> float:
    """The mean by exact summation, whatever the order of ``values``; 0 where there are none."""
    numbers = list(values)
    return math.fsum(numbers) / len(numbers) if numbers else 0.0


def counted(count: int, noun: str) -> str:
    """``count`` and its noun, in the plural where there is not one."""
    return f"{count:,} {noun}{'s' * (count != 1)}"
