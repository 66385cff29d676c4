"""Laws as tables: a distribution becomes the knots of its quantile function, in whole numbers."""

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from netsim.chance import CELLS, FINE
from netsim.model.law import Law, Shape
from netsim.program import Column

NORMAL = NormalDist()
Z99 = NORMAL.inv_cdf(0.99)
LAST = 1 - 1 / (CELLS * 4 * FINE)  # the quantile that stands for the end of an unbounded tail


@lru_cache(maxsize=512)
def table(law: Law, grain: int = 1) -> Column:
    """The ``LAW_SIZE`` knots of a law: ``CELLS`` equally likely cells, then ``FINE`` cells of the top 1/1024.

    The mean of what ``chance.draw`` gives is the law's mean. Values are multiples of ``grain`` (1000 ps for times), far
    coarser than the last bit of a double, so that no CPU's mathematics library can change them.
    """
    top = 1 / 1024
    values = [_quantile(law, cell / CELLS) for cell in range(CELLS + 1)]
    values += [_quantile(law, 1 - top + top * cell / FINE) for cell in range(FINE + 1)]
    wanted, got = _mean(law), drawn_mean(values)
    ratio = wanted / got if wanted is not None and got else 1.0
    return np.array([round(value * ratio / grain) * grain for value in values], dtype=np.int64)


def drawn_mean(knots: Sequence[float]) -> float:
    """The mean of the values that ``chance.draw`` gives for a table."""
    body = CELLS - CELLS // 1024
    coarse, fine = knots[: body + 1], knots[CELLS + 1 :]
    sums = [math.fsum(cells) - (cells[0] + cells[-1]) / 2 for cells in (coarse, fine)]
    return sums[0] / CELLS + sums[1] / FINE / 1024


def _sigma(law: Law) -> float:
    median, p99 = law.parameters
    return math.log(p99 / median) / Z99


def _pareto_shape(law: Law) -> float:
    minimum, p99 = law.parameters
    return math.log(100) / math.log(p99 / minimum)


def _mean(law: Law) -> float | None:
    """The law's mean; None where the table needs no correction, or is itself the definition."""
    match law.shape:
        case Shape.CONSTANT:
            return None
        case Shape.EXPONENTIAL:
            return float(law.parameters[0])
        case Shape.UNIFORM:
            return sum(law.parameters) / 2
        case Shape.LOGNORMAL:
            return law.parameters[0] * math.exp(_sigma(law) ** 2 / 2)
        case Shape.PARETO | Shape.EMPIRICAL:
            return None


def _quantile(law: Law, share: float) -> float:
    """The value below which ``share`` of all draws fall."""
    share = min(share, LAST)
    match law.shape:
        case Shape.CONSTANT:
            return law.parameters[0]
        case Shape.UNIFORM:
            low, high = law.parameters
            return low + (high - low) * share
        case Shape.EXPONENTIAL:
            return -law.parameters[0] * math.log1p(-share)
        case Shape.LOGNORMAL:
            return 0.0 if share == 0 else law.parameters[0] * math.exp(_sigma(law) * NORMAL.inv_cdf(share))
        case Shape.PARETO:
            return float(law.parameters[0] * (1 - share) ** (-1 / _pareto_shape(law)))
        case Shape.EMPIRICAL:
            return _empirical_quantile(law, share)


def _empirical_quantile(law: Law, share: float) -> int:
    weights = law.weights or (1,) * len(law.parameters)
    ordered = sorted(zip(law.parameters, weights, strict=True))
    left = share * sum(weights)
    for value, weight in ordered:
        left -= weight
        if left < 0:
            return value
    return ordered[-1][0]
