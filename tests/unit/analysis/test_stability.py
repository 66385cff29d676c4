"""Overload and lost requests are said; busy queues and closed loops that are stable never are."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netsim.analysis import summarise
from netsim.analysis.stability import allowed, unanswered, unstable
from netsim.chance import CELLS, FINE
from netsim.engines import run
from netsim.program import Program
from netsim.records import Records
from tests.documents import document
from tests.documents import program as lowered
from tests.programs import Chain
from tests.unit.analysis.synthetic import US, program, records

MEAN = 100 * US


def exponential() -> np.ndarray:
    """The table of an exponential law."""
    fine = 1 - (1 - np.arange(FINE + 1) / FINE) / 1024
    shares = np.concatenate([np.arange(CELLS + 1) / CELLS, fine])
    return np.round(-np.log1p(-np.minimum(shares, 1 - 1e-7)) * MEAN).astype(np.int64)


def mm1(load: float, seed: int, count: int) -> tuple[Program, Records]:
    """M/M/1 by the engine: one worker, Poisson arrivals, exponential service."""
    arrivals = np.cumsum(np.random.default_rng(seed).exponential(MEAN / load, count)).astype(np.int64)
    made = Chain(arrivals, service=exponential(), workers=1, duration=int(arrivals[-1]) + 1, seed=seed + 1).program()
    return made, run(made)


def verdicts(made: Program, found: Records) -> tuple[str, str]:
    return unstable(made, [found], 0), unanswered(made, [found], 0, 0)


@pytest.mark.parametrize("count", [1000, 6000])
@pytest.mark.parametrize("load", [0.5, 0.9])
def test_a_stable_queue_never_fires(load: float, count: int) -> None:
    for seed in range(20):
        assert verdicts(*mm1(load, seed, count)) == ("", "")


def test_an_overloaded_queue_always_fires() -> None:
    for seed in range(20):
        growing, lost = verdicts(*mm1(1.1, seed, 12_000))
        assert growing.startswith("unstable: the unanswered requests of requests grow")
        assert lost.endswith("were never answered")


def test_a_closed_loop_never_fires() -> None:
    for seed in range(20):
        made = lowered(
            document(
                {
                    "run": {"duration": "200ms", "seed": seed + 1},
                    "cluster": {"nodePools": [{"name": "node", "count": 2}]},
                    "workloads": [
                        {"target": "pod/a", "node": "node-0"},
                        {
                            "target": "pod/b",
                            "node": "node-1",
                            "ports": [80],
                            "concurrency": 1,
                            "serviceTime": {"dist": "lognormal", "median": "200us", "p99": "2ms"},
                        },
                    ],
                    "traffic": [{"name": "loop", "from": "pod/a", "to": "pod/b", "users": 24, "thinkTime": "1ms"}],
                }
            )
        )
        found = run(made)
        assert int((found.requests.outcome < 0).sum()) > 10  # most users wait
        assert verdicts(made, found) == ("", "")


def test_what_is_under_way_is_by_littles_law() -> None:
    made, found = mm1(0.5, 3, 20_000)
    under_way = 0.5 / (1 - 0.5)
    assert under_way < allowed(made, [found], 0) < under_way + 5 * 3


def lossy(share: float, seed: int) -> tuple[Program, Records]:
    """Every request is answered at once or never."""
    chance = np.random.default_rng(seed)
    arrivals = np.cumsum(chance.exponential(20_000 * US, 500)).astype(np.int64)
    made = program(arrivals, int(arrivals[-1]) + 100 * US)
    found = records(made, US)
    gone = chance.random(500) < share
    table = found.requests
    changed = {"completed": np.where(gone, -1, table.completed), "outcome": np.where(gone, -1, table.outcome)}
    return made, replace(found, requests=replace(table, **changed))


def test_lost_requests_are_no_stable_stream() -> None:
    for seed in range(20):
        growing, lost = verdicts(*lossy(0.7, seed))
        assert growing.startswith("unstable: ")
        assert " of 500 requests of users were never answered" in lost


def test_few_lost_requests_withhold_the_latency_as_well() -> None:
    made, found = lossy(0.04, 2)
    assert unstable(made, [found], 0) == ""
    [traffic] = summarise([made], [found], 0)["traffic"]  # type: ignore[misc]
    reason = f"{traffic['in_flight']} of 500 requests of users were never answered"
    assert traffic["unstable"] == traffic["latency_us"]["reasons"]["p50"] == reason
    assert traffic["latency_us"]["p50"] is None


def test_one_in_a_hundred_may_be_missing() -> None:
    made, found = lossy(0.004, 3)
    assert (found.requests.outcome < 0).any()
    assert verdicts(made, found) == ("", "")


def poisson(rate: float, service: float, seed: int) -> tuple[Any, Any]:
    """A run of about 20,000 requests of exponential work with mean ``service`` us, ``rate`` per us."""
    chance = np.random.default_rng(seed)
    arrivals = np.cumsum(chance.exponential(US / rate, 20_000)).astype(np.int64)
    made = program(arrivals, int(arrivals[-1]) + 1)
    return made, records(made, chance.exponential(service * US, 20_000).astype(np.int64))


@pytest.mark.parametrize("load", [1.03, 1.1, 1.5, 3.0])
def test_overload_is_said(load: float) -> None:
    for seed in range(5):
        made, found = poisson(load / 10, 10, seed)
        assert unstable(made, [found], 0).startswith("unstable: the unanswered requests of users grow")


@pytest.mark.parametrize("load", [0.1, 0.5, 0.8, 0.9])
def test_a_busy_queue_is_not_called_overloaded(load: float) -> None:
    for seed in range(10):
        made, found = poisson(load / 10, 10, seed)
        assert unstable(made, [found], 0) == ""


def test_a_rising_rate_is_not_overload() -> None:
    gaps = np.linspace(100, 2, 20_000)
    arrivals = np.cumsum(gaps * US).astype(np.int64)
    made = program(arrivals, int(arrivals[-1]) + 1)
    assert unstable(made, [records(made, 1 * US, service=5000 * US)], 0) == ""
