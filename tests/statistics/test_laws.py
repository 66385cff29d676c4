"""Law tables give what their laws promise: the mean to a thousandth, the distribution within Kolmogorov's distance."""

import math

import numpy as np
import pytest
from scipy import stats

from netsim.chance import LAW_SIZE, name_key
from netsim.lowering.laws import drawn_mean, table
from netsim.model import law as laws
from netsim.model.law import Law, Shape
from tests.statistics import arrays

COUNT = 1 << 20
US = 1_000_000


def distribution(law: Law) -> "stats.rv_frozen":
    """The same law, as scipy has it."""
    first, *rest = law.parameters
    match law.shape:
        case Shape.UNIFORM:
            return stats.uniform(first, rest[0] - first)
        case Shape.EXPONENTIAL:
            return stats.expon(scale=first)
        case Shape.LOGNORMAL:
            return stats.lognorm(s=math.log(rest[0] / first) / stats.norm.ppf(0.99), scale=first)
        case _:
            return stats.pareto(math.log(100) / math.log(rest[0] / first), scale=first)


SMOOTH = [
    laws.uniform(0, 10 * US),
    laws.uniform(5 * US, 6 * US),
    laws.exponential(US),
    laws.exponential(10**9),
    laws.exponential(10**15),
    laws.lognormal(60 * US, 250 * US),
    laws.lognormal(100 * US, 900 * US),
    laws.lognormal(US, 200 * US),
    laws.pareto(20 * US, 1000 * US),
    laws.pareto(100 * US, 500 * US),
    laws.pareto(US, 15 * US),
]


def samples(law: Law) -> np.ndarray:
    """A million draws at addresses of their own."""
    return arrays.draw(table(law), arrays.mix(3, name_key("law"), name_key(str(law)), np.arange(COUNT)))


@pytest.mark.parametrize("law", SMOOTH, ids=str)
def test_the_table_is_the_distribution(law: Law) -> None:
    found = stats.kstest(samples(law), distribution(law).cdf)
    # One in 100,000 for each of the laws; the table's own cells add at most 1/4096 within a cell.
    assert found.statistic < stats.kstwobign.ppf(1 - 1e-5) / math.sqrt(COUNT)


@pytest.mark.parametrize("law", [law for law in SMOOTH if law.shape is not Shape.PARETO], ids=str)
def test_the_mean_is_exact(law: Law) -> None:
    assert drawn_mean(table(law).tolist()) == pytest.approx(distribution(law).mean(), rel=1e-5)
    drawn = samples(law)
    error = drawn.std() / math.sqrt(COUNT)
    assert abs(drawn.mean() - distribution(law).mean()) < 4 * error


@pytest.mark.parametrize("law", [law for law in SMOOTH if law.shape is Shape.PARETO], ids=str)
def test_a_pareto_table_ends_where_its_last_quantile_is(law: Law) -> None:
    """Its far tail is cut, so its own mean lies below the law's: the heavier the tail, the more."""
    alpha = math.log(100) / math.log(law.parameters[1] / law.parameters[0])
    missing = (1 / (4096 * 4 * 1024)) ** (1 - 1 / alpha)  # the share of the mean beyond that quantile
    ratio = drawn_mean(table(law).tolist()) / distribution(law).mean()
    assert 1 - 1.2 * missing - 1e-3 < ratio < 1 + 1e-2


def test_the_top_of_a_table_is_fine() -> None:
    """The 99.99th percentile is as good as the median: the top 1/1024 has cells of its own."""
    for law in SMOOTH:
        drawn = np.sort(samples(law))
        for share in (0.5, 0.99, 0.999, 0.9999):
            # The order statistic's share is beta distributed.
            wanted = distribution(law).cdf(drawn[int(COUNT * share)])
            error = math.sqrt(share * (1 - share) / COUNT)
            assert abs(wanted - share) < 4.5 * error + (1 - share) * 2e-3, (law, share)


def test_constants_and_measured_values_are_what_they_say() -> None:
    assert set(table(laws.constant(7 * US)).tolist()) == {7 * US}
    measured = laws.empirical((10, 20, 50), (1, 2, 1))
    shares = [np.mean(samples(measured) == value) for value in (10, 20, 50)]
    # Between two values the table has one cell in 4096 that is a slope.
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=2.5e-3)
    assert drawn_mean(table(measured).tolist()) == pytest.approx(25, rel=0.02)


def test_tables_have_whole_grains_in_ascending_order() -> None:
    for law in SMOOTH:
        knots = table(law, 1000)
        assert len(knots) == LAW_SIZE
        assert not np.any(knots % 1000)
        assert np.all(np.diff(knots[:4097]) >= 0)
        assert np.all(np.diff(knots[4097:]) >= 0)
