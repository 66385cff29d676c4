"""How long or how large a thing is: a named distribution over whole numbers."""

from dataclasses import dataclass
from enum import Enum


class Shape(Enum):
    """The families of distributions a scenario may name; the value is the word in scenario files."""

    CONSTANT = "constant"
    UNIFORM = "uniform"
    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"
    PARETO = "pareto"
    EMPIRICAL = "empirical"


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution whose parameters are integers in the unit of the thing drawn (picoseconds or bytes).

    Parameters by shape: constant (value), uniform (low, high), exponential (mean), lognormal (median, p99),
    pareto (minimum, p99), empirical (the values, equally likely unless ``weights`` are given).
    """

    shape: Shape
    parameters: tuple[int, ...]
    weights: tuple[int, ...] = ()


def constant(value: int) -> Law:
    """The law that always gives ``value``."""
    return Law(Shape.CONSTANT, (value,))


def uniform(low: int, high: int) -> Law:
    """Equally likely between ``low`` and ``high``."""
    return Law(Shape.UNIFORM, (low, high))


def exponential(mean: int) -> Law:
    """Memoryless with the given mean."""
    return Law(Shape.EXPONENTIAL, (mean,))


def lognormal(median: int, p99: int) -> Law:
    """Lognormal given by its median and its 99th percentile."""
    return Law(Shape.LOGNORMAL, (median, p99))


def pareto(minimum: int, p99: int) -> Law:
    """Pareto given by its smallest value and its 99th percentile."""
    return Law(Shape.PARETO, (minimum, p99))


def empirical(values: tuple[int, ...], weights: tuple[int, ...] = ()) -> Law:
    """One of the measured ``values``, with whole-number ``weights`` or equally likely."""
    return Law(Shape.EMPIRICAL, values, weights)
