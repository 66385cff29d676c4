"""Percentiles, intervals, warm-up and theory, against definitions and scipy."""

import numpy as np
import pytest
from scipy import stats

from netsim.analysis.comparison import differences, intervals
from netsim.analysis.latency import LEVELS, distribution, needed, rank, spectrum
from netsim.analysis.rounding import mean, rounded
from netsim.analysis.student import interval, t_distribution, t_quantile
from netsim.analysis.warmup import Cut, batched, cut, mser, truncation
from tests import theory
from tests.unit.analysis.synthetic import US, program, records


def test_nearest_rank_is_the_least_value_with_enough_below() -> None:
    for samples in (1, 2, 7, 100, 1001):
        for level in LEVELS.values():
            row = rank(samples, level)
            assert (row + 1) * 1_000_000 >= samples * level
            assert row == 0 or row * 1_000_000 < samples * level


def test_percentiles_want_ten_samples_beyond() -> None:
    assert [needed(level) for level in LEVELS.values()] == [20, 100, 200, 1000, 10_000]


def test_a_distribution_is_null_where_it_is_weak_and_says_why() -> None:
    found = distribution(np.arange(1, 151) * US)
    assert (found["mean"], found["p50"], found["p90"], found["max"], found["samples"]) == (
        75.5,
        75,
        135,
        150,
        150,
    )
    assert (found["p95"], found["p99"], found["p99.9"]) == (None, None, None)
    assert found["reasons"] == {
        "p95": "150 samples, 200 needed",
        "p99": "150 samples, 1000 needed",
        "p99.9": "150 samples, 10000 needed",
    }


def test_nothing_completed_is_all_null() -> None:
    found = distribution(np.zeros(0, dtype=np.int64))
    assert {found[name] for name in ("mean", *LEVELS, "max")} == {None}
    assert found["samples"] == 0


def test_a_spectrum_falls_from_the_whole_to_the_last_ten() -> None:
    points = spectrum(np.arange(1, 1001) * US)
    beyond = [point[0] for point in points]
    assert beyond[0] == 1.0
    assert beyond == sorted(beyond, reverse=True)
    assert beyond[-1] == 0.01
    assert points[-1][1] == 990


def test_rounding_refuses_what_is_no_number() -> None:
    assert rounded(1234.56789) == 1234.57
    assert mean([]) == 0
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="no result"):
            rounded(value)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 29, 30, 99, 1000])
def test_student_equals_scipy(freedom: int) -> None:
    for p in (0.75, 0.95, 0.975, 0.995):
        assert t_quantile(p, freedom) == pytest.approx(stats.t.ppf(p, freedom), rel=1e-9)
    for x in (-3.0, -0.5, 0.0, 1.0, 4.0):
        assert t_distribution(x, freedom) == pytest.approx(stats.t.cdf(x, freedom), rel=1e-9)


def test_an_interval_is_students() -> None:
    values = [4.0, 5.5, 4.5, 6.0]
    assert interval(values) == pytest.approx(stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values)))
    assert intervals({"/a": values, "/b": [1.0]}).keys() == {"/a"}


def test_intervals_cover_the_truth() -> None:
    draw = np.random.default_rng(3).exponential(1.0, (2000, 8, 40)).mean(axis=2)
    inside = sum(low <= 1 <= high for low, high in map(interval, draw.tolist()))
    assert 0.93 <= inside / 2000 <= 0.965


def variant(name: str, values: list[float]) -> dict[str, object]:
    return {"name": name, "replicates": {"/traffic/0/latency_us/p99": values}}


def test_differences_are_paired_by_seed() -> None:
    luck = [100.0, 180.0, 140.0, 60.0, 110.0]
    [row] = differences([variant("host", luck), variant("vxlan", [one + 10 for one in luck])], "host")
    assert (row["variant"], row["difference"], row["low"], row["high"]) == ("vxlan", 10, 10, 10)
    assert row["percent"] == rounded(1000 / 118)


def test_a_variant_equals_itself() -> None:
    [row] = differences([variant("a", [3.0, 5.0]), variant("b", [3.0, 5.0])], "a")
    assert (row["difference"], row["percent"], row["low"], row["high"]) == (0, 0, 0, 0)


def test_a_single_replication_has_a_difference_without_interval() -> None:
    [row] = differences([variant("a", [4.0]), variant("b", [5.0])], "a")
    assert (row["difference"], row["percent"], row["low"]) == (1, 25, None)


def test_mser_cuts_a_start_that_is_slow() -> None:
    noise = np.random.default_rng(1).normal(10, 1, 2000)
    assert truncation(noise)[0] <= 20
    noise[:300] += 50
    batches, settled = truncation(noise)
    assert settled
    assert 55 <= batches <= 65


def test_mser_equals_its_definition() -> None:
    series = np.random.default_rng(5).exponential(3.0, 400)
    series[:60] *= 4
    batches = series.reshape(-1, 5).mean(axis=1)
    errors = [np.var(batches[d:]) / (len(batches) - d) for d in range(len(batches) // 2 + 1)]
    assert mser(batched(series)) == int(np.argmin(errors)) >= 12


def lindley(chance: np.random.Generator, count: int) -> np.ndarray:
    """Times in an M/M/1 queue with load 0.8, long after its start."""
    steps = chance.exponential(1.0, count + 5000) - chance.exponential(1.25, count + 5000)
    walk = steps.cumsum()
    return (walk - np.minimum.accumulate(walk))[5000:] + chance.exponential(1.0, count)


STEADY = {
    "normal": lambda chance, count: chance.normal(10, 1, count),
    "lognormal": lambda chance, count: chance.lognormal(3, 0.5, count),
    "outliers": lambda chance, count: chance.normal(10, 1, count) + 60 * (chance.random(count) < 0.002),
    "queue": lindley,
}


@pytest.mark.parametrize("kind", STEADY)
@pytest.mark.parametrize("count", [500, 2000, 10_000])
def test_a_steady_series_is_hardly_cut(kind: str, count: int) -> None:
    cuts = [truncation(STEADY[kind](np.random.default_rng(seed), count))[0] * 5 / count for seed in range(100)]
    assert np.median(cuts) <= 0.01
    assert np.mean(np.array(cuts) > 0.05) <= (0.25 if kind == "queue" else 0.05)


@pytest.mark.parametrize("kind", ["normal", "lognormal", "outliers"])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
def test_a_slow_start_is_cut(kind: str, share: float) -> None:
    for seed in range(50):
        series = STEADY[kind](np.random.default_rng(seed), 2000)
        slow = int(2000 * share)
        series[:slow] += 2 * series.mean()
        batches, settled = truncation(series)
        assert settled or kind == "outliers"
        assert slow <= batches * 5 <= slow + 20


def test_a_start_that_fades_is_cut_where_it_no_longer_matters() -> None:
    for seed in range(50):
        fading = 20 * np.exp(-np.arange(2000) / 60)
        batches, _ = truncation(np.random.default_rng(seed).normal(10, 1, 2000) + fading)
        assert fading[batches * 5 :].mean() < 0.05
        assert batches * 5 <= 300


def test_a_start_that_hardly_differs_may_stay() -> None:
    series = np.random.default_rng(1).normal(33, 1, 2000)
    series[:480] += 1.2  # 3.6 % of the rest, as before a second connection is opened
    assert mser(batched(series)) > 80
    assert truncation(series) == (0, True)


def test_mser_finds_a_steady_series_settled() -> None:
    chance = np.random.default_rng(8)
    settled = [truncation(chance.lognormal(3, 0.5, 1500))[1] for _ in range(400)]
    assert sum(settled) >= 392


def test_mser_says_when_a_series_never_settles() -> None:
    batches, settled = truncation(np.linspace(0, 100, 1000))
    assert batches > 80
    assert not settled


def test_one_cut_for_all_variants() -> None:
    made = program(np.arange(2000) * 10 * US, 20_000 * US)
    slow_start = np.where(np.arange(2000) < 100, 9 * US, 2 * US)
    slow, steady = (made, [records(made, slow_start)]), (made, [records(made, 2 * US)])
    assert cut([steady]) == Cut(0)
    assert cut([slow]) == cut([slow, steady]) == cut([steady, slow]) == Cut(100 * 10 * US)


def test_an_overloaded_variant_has_no_say_in_the_cut() -> None:
    made = program(np.arange(2000) * 10 * US, 20_000 * US)
    overloaded = (made, [records(made, 11 * US)])
    assert cut([overloaded]) == Cut(0)
    assert cut([overloaded, (made, [records(made, 2 * US)])]) == Cut(0)


def test_a_cut_is_never_beyond_the_middle() -> None:
    made = program(np.arange(2000) * 10 * US, 20_000 * US)
    # Ever slower, but never more than one request behind: no overload, and no steady state either.
    found = cut([(made, [records(made, np.linspace(0, 9 * US, 2000).astype(np.int64))])])
    assert 0 < found.at <= made.duration // 2
    assert found.doubt == "the latency of users had not settled: the run is too short"


def test_theory_agrees_with_itself() -> None:
    assert theory.mm1_wait(0.8, 1) == pytest.approx(4)
    assert theory.mmc_wait(0.8, 1, 1) == pytest.approx(4)
    assert theory.md1_wait(0.8, 1) == pytest.approx(2)
    assert theory.pollaczek_khinchine_wait(0.8, 1, 2) == pytest.approx(4)
    assert theory.erlang_c(10, 8) == pytest.approx(0.40918, rel=1e-4)  # Kleinrock's tables
    with pytest.raises(ValueError, match="no steady state"):
        theory.mm1_wait(2, 1)


@pytest.mark.parametrize(
    ("mtu", "overhead", "ceiling"),
    [(1500, 0, 0.94148), (1480, 20, 0.92848), (1450, 50, 0.90897), (8950, 50, 0.98451)],
)
def test_goodput_ceilings_are_the_published_ones(mtu: int, overhead: int, ceiling: float) -> None:
    assert theory.goodput_ceiling(mtu, overhead) == pytest.approx(ceiling, abs=5e-6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("length", range(50))
def test_a_short_series_is_not_cut(length: int) -> None:
    series = np.random.default_rng(length).exponential(size=length)
    assert truncation(series) == (0, True)
