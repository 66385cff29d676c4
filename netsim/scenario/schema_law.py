"""How a scenario file writes a law: a plain value, or a mapping with ``dist`` and its parameters."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Discriminator, Field, Tag, model_validator

from netsim.model import law as laws
from netsim.model.law import Law
from netsim.scenario.fields import DrawnSize, DrawnTime, Section
from netsim.units import UnitError

Q = TypeVar("Q", bound=int)

# Beyond this ratio the far tail of a lognormal leaves 64-bit picoseconds.
WIDEST_LOGNORMAL = 200
# A Pareto law has a mean when its exponent ln(100) / ln(p99 / min) is above 1.
WIDEST_PARETO = 100


class Constant(Section, Generic[Q]):
    """Always the same value."""

    dist: Literal["constant"]
    value: Q = Field(description="the value")

    def law(self) -> Law:
        """The law in base units."""
        return laws.constant(self.value)


class Uniform(Section, Generic[Q]):
    """Equally likely between min and max."""

    dist: Literal["uniform"]
    min: Q = Field(description="the smallest value")
    max: Q = Field(description="the largest value")

    @model_validator(mode="after")
    def _ordered(self) -> "Uniform[Q]":
        if self.min > self.max:
            raise UnitError("min is larger than max")
        return self

    def law(self) -> Law:
        """The law in base units."""
        return laws.uniform(self.min, self.max)


class Exponential(Section, Generic[Q]):
    """Memoryless with the given mean."""

    dist: Literal["exponential"]
    mean: Q = Field(description="the mean, above 0")

    @model_validator(mode="after")
    def _positive(self) -> "Exponential[Q]":
        if self.mean == 0:
            raise UnitError("mean must be above 0")
        return self

    def law(self) -> Law:
        """The law in base units."""
        return laws.exponential(self.mean)


class Lognormal(Section, Generic[Q]):
    """Lognormal given by its median and 99th percentile."""

    dist: Literal["lognormal"]
    median: Q = Field(description="the median, above 0")
    p99: Q = Field(description=f"the 99th percentile, above the median, at most {WIDEST_LOGNORMAL} times it")

    @model_validator(mode="after")
    def _ordered(self) -> "Lognormal[Q]":
        if not 0 < self.median < self.p99:
            raise UnitError("p99 must be above median, and median above 0")
        if self.p99 > WIDEST_LOGNORMAL * self.median:
            raise UnitError(f"p99 is more than {WIDEST_LOGNORMAL} times the median", "Use an empirical law.")
        return self

    def law(self) -> Law:
        """The law in base units."""
        return laws.lognormal(self.median, self.p99)


class Pareto(Section, Generic[Q]):
    """Pareto given by its smallest value and 99th percentile."""

    dist: Literal["pareto"]
    min: Q = Field(description="the smallest value, above 0")
    p99: Q = Field(description="the 99th percentile, above min, below 100 times it")

    @model_validator(mode="after")
    def _ordered(self) -> "Pareto[Q]":
        if not 0 < self.min < self.p99:
            raise UnitError("p99 must be above min, and min above 0")
        if self.p99 >= WIDEST_PARETO * self.min:
            raise UnitError(f"p99 is {WIDEST_PARETO} times min or more, so the law has no mean", "Lower p99.")
        return self

    def law(self) -> Law:
        """The law in base units."""
        return laws.pareto(self.min, self.p99)


class Empirical(Section, Generic[Q]):
    """One of the measured values."""

    dist: Literal["empirical"]
    values: list[Q] = Field(min_length=1, max_length=100_000, description="what was measured")
    weights: list[Annotated[int, Field(ge=1, le=10**9)]] | None = Field(
        None, description="how often each value was seen; equally often if left out"
    )

    @model_validator(mode="after")
    def _matching(self) -> "Empirical[Q]":
        if self.weights is not None and len(self.weights) != len(self.values):
            raise UnitError(f"there are {len(self.values)} values and {len(self.weights)} weights")
        return self

    def law(self) -> Law:
        """The law in base units."""
        return laws.empirical(tuple(self.values), tuple(self.weights or ()))


# Tags of unions start with "~", so that no key of a file is taken for one in the path of an error.
def _kind(value: Any) -> str | None:
    if isinstance(value, dict):
        dist = value.get("dist")
        return f"~{dist}" if isinstance(dist, str) else None
    return "~" + getattr(value, "dist", "plain")


TimeLaw = Annotated[
    Annotated[DrawnTime, Tag("~plain")]
    | Annotated[Constant[DrawnTime], Tag("~constant")]
    | Annotated[Uniform[DrawnTime], Tag("~uniform")]
    | Annotated[Exponential[DrawnTime], Tag("~exponential")]
    | Annotated[Lognormal[DrawnTime], Tag("~lognormal")]
    | Annotated[Pareto[DrawnTime], Tag("~pareto")]
    | Annotated[Empirical[DrawnTime], Tag("~empirical")],
    Discriminator(_kind),
]
SizeLaw = Annotated[
    Annotated[DrawnSize, Tag("~plain")]
    | Annotated[Constant[DrawnSize], Tag("~constant")]
    | Annotated[Uniform[DrawnSize], Tag("~uniform")]
    | Annotated[Exponential[DrawnSize], Tag("~exponential")]
    | Annotated[Lognormal[DrawnSize], Tag("~lognormal")]
    | Annotated[Pareto[DrawnSize], Tag("~pareto")]
    | Annotated[Empirical[DrawnSize], Tag("~empirical")],
    Discriminator(_kind),
]
AnyLaw = TimeLaw | SizeLaw


def law_of(written: AnyLaw) -> Law:
    """The law that a field's value stands for; a plain value is constant."""
    return laws.constant(written) if isinstance(written, int) else written.law()
