"""Balancers against closed forms: one client that chooses among servers of one worker each, at no other cost.

Bounds were set before the first run: 4 % for a random split, which has the longest memory, 3 % for two choices, where
the closed form holds for infinitely many servers (for 100 Mitzenmacher's own simulations are out by up to 1.2 %).
"""

from dataclasses import replace

import numpy as np
import pytest

from netsim.engines import run
from netsim.lowering.laws import table
from netsim.model.law import exponential
from netsim.program import Endpoint, Kind, Program, Stations
from netsim.records import Records
from tests.programs import Chain, column
from tests.theory import mm1_wait

SERVICE = 1_000_000  # ps on average


def farm(strategy: str, servers: int, percent: int, requests: int) -> Program:
    """Poisson arrivals that bring every one of ``servers`` to a utilisation of ``percent`` %."""
    gaps = np.random.default_rng(servers * percent).exponential(SERVICE * 100 / percent / servers, requests)
    chain = Chain(np.cumsum(gaps).astype(np.int64), service=table(exponential(SERVICE)), workers=1)
    blank, many = chain.program(), servers + 1
    none = column(*[-1] * many)
    stations = {name: np.repeat(cells, servers) for name, cells in vars(blank.stations).items()}
    pods = tuple(f"pod{number}" for number in range(servers))
    return replace(
        blank,
        stations=Stations(**stations | {"key": np.arange(servers), "kind": column(*[Kind.POD] * servers)}),
        endpoints=replace(
            blank.endpoints,
            kind=column(Endpoint.INTERNET, *[Endpoint.POD] * servers),
            **dict.fromkeys(("node", "travel", "neighbour", "identity"), none),
            place=column(*[0] * many),
            station=np.arange(-1, servers),
            mss=column(*[1448] * many),
            key=10 + np.arange(many),
        ),
        services=replace(blank.services, members=column(servers)),
        backends=1 + np.arange(servers),
        calls=replace(blank.calls, per_request=column(1)),
        names=replace(
            blank.names,
            stations=pods,
            roles=("pod",) * servers,
            groups=pods,
            endpoints=("client", *pods),
            addresses=("",) * many,
            strategies=(strategy,),
        ),
    )


def sojourns(records: Records) -> np.ndarray:
    """ps from arrival to answer, of all requests but the first tenth."""
    times = records.requests.completed - records.requests.intended
    return times[len(times) // 10 :]


@pytest.mark.parametrize("percent", [30, 60])
def test_a_random_split_makes_every_server_a_queue_of_its_own(percent: int) -> None:
    """M/M/1, each with its share of the requests."""
    records = run(farm("random", 10, percent, 40_000))
    load = percent / 100
    expected = (mm1_wait(load, 1) + 1) * SERVICE
    assert sojourns(records).mean() == pytest.approx(expected, rel=0.04)
    shares = np.bincount(records.requests.server, minlength=11)[1:] / 40_000
    assert np.abs(shares - 0.1).max() < 5 * (0.1 * 0.9 / 40_000) ** 0.5


def two_choices_sojourn(load: float) -> float:
    """Mean time in the system, in service times. Source: Mitzenmacher, IEEE TPDS 12 (2001), corollary 6, d = 2."""
    return sum(load ** (2**level - 2) for level in range(1, 12))


def utilisation(records: Records, servers: int) -> float:
    """What the arrivals and services that were drawn come to, which is not quite what they are on average."""
    return float(records.stations.busy.sum() / servers / records.requests.intended.max())


@pytest.mark.parametrize("percent", [50, 70])
def test_two_choices_reach_their_mean_field_fixed_point(percent: int) -> None:
    records = run(farm("two_choices", 100, percent, 40_000))
    expected = two_choices_sojourn(utilisation(records, 100)) * SERVICE
    assert sojourns(records).mean() == pytest.approx(expected, rel=0.03)


@pytest.mark.slow
def test_two_choices_under_heavy_load() -> None:
    """About 2.6 service times where a random split has 10."""
    records = run(farm("two_choices", 100, 90, 150_000))
    expected = two_choices_sojourn(utilisation(records, 100)) * SERVICE
    assert sojourns(records).mean() == pytest.approx(expected, rel=0.03)


def test_strategies_are_ordered_by_what_they_know() -> None:
    """Random, in turn, two choices, all loads: each waits less than the one before on the same arrivals."""
    names = ("random", "round_robin", "two_choices", "least_connections")
    means = [sojourns(run(farm(name, 20, 80, 8_000))).mean() for name in names]
    assert means == sorted(means, reverse=True)


def test_without_a_queue_there_is_the_work_alone() -> None:
    """At next to no load all strategies are alike: a request takes its service time."""
    for name in ("random", "shortest_expected_delay", "maglev", "ring_hash"):
        times = sojourns(run(farm(name, 50, 1, 2_000)))
        assert times.mean() == pytest.approx(1.01 * SERVICE, rel=0.08)
