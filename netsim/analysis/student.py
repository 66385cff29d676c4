"""Student's t: the quantile behind every interval, for whole degrees of freedom."""

import math
from collections.abc import Sequence
from statistics import NormalDist


def t_distribution(x: float, freedom: int) -> float:
    """P(T <= x). Source: Abramowitz and Stegun, 26.7.3 and 26.7.4, finite for whole ``freedom``."""
    angle = math.atan2(x, math.sqrt(freedom))
    cosine = math.cos(angle) ** 2
    odd = freedom % 2
    term = math.cos(angle) * math.sin(angle) if odd else math.sin(angle)
    total = 0.0
    for k in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cosine * (k - 1) / k
    inside = 2 / math.pi * (angle + total) if odd else total
    return 0.5 + inside / 2


def t_quantile(p: float, freedom: int) -> float:
    """The x with P(T <= x) = p, for 0.5 < p < 1 and ``freedom`` >= 1.

    Starts from Hill, "Algorithm 396: Student's t-quantiles", CACM 13(10), 1970; Newton sharpens it.
    """
    if freedom == 1:
        return math.tan(math.pi * (p - 0.5))
    if freedom == 2:
        return (2 * p - 1) / math.sqrt(2 * p * (1 - p))
    x = _hill(2 * (1 - p), freedom)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    for _ in range(4):
        density = scale * (1 + x * x / freedom) ** (-(freedom + 1) / 2)
        x -= (t_distribution(x, freedom) - p) / density
    return x


def interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """The Student interval of the mean of two or more independent values."""
    count = len(values)
    centre = math.fsum(values) / count
    variance = math.fsum((value - centre) ** 2 for value in values) / (count - 1)
    half = t_quantile(0.5 + confidence / 2, count - 1) * math.sqrt(variance / count)
    return centre - half, centre + half


def _hill(two_tails: float, freedom: int) -> float:
    a = 1 / (freedom - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * freedom
    y = (d * two_tails) ** (2 / freedom)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(two_tails / 2)
        y = x * x
        if freedom < 5:
            c += 0.3 * (freedom - 4.5) * (x + 0.6)
        c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = math.expm1(a * y * y)
    else:
        tail = ((freedom + 6) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2) * 3
        y = ((1 / tail + 0.5 / (freedom + 4)) * y - 1) * (freedom + 1) / (freedom + 2) + 1 / y
    return math.sqrt(freedom * y)
