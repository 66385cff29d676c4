"""Waiting times against queueing theory, on the draws that the engine makes: thousands of replications side by side.

The engine is shown to wait exactly as the recursion on those draws does; the recursion, over millions of customers,
is compared with theory. Replications are independent (seeds 0, 1, 2, ...), so their spread gives the standard error.
"""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from netsim.chance import LAW_SIZE, name_key
from netsim.engines import run
from netsim.lowering.laws import table
from netsim.model.law import exponential
from tests.programs import Chain, constant_law
from tests.statistics import arrays

SERVICE = 1_000_000  # ps on average
TRAFFIC, CALL = 15, 14  # keys in tests/programs.py
ROOT, SERVICE_TIME, GAP = map(name_key, ("root", "service time", "gap"))
WARM_UP = 600  # customers of each replication that are not counted: every one starts with an empty system


@dataclass(frozen=True)
class Queue:
    """``servers`` with a utilisation of ``percent`` %; Poisson arrivals, exponential or constant service."""

    servers: int
    percent: int
    constant: bool = False

    def __str__(self) -> str:
        return f"M/{'D' if self.constant else 'M'}/{self.servers} at {self.percent} %"

    def gaps(self, seeds: np.ndarray, index: int) -> np.ndarray:
        """ps between customers ``index - 1`` and ``index`` of each replication."""
        law = table(exponential(SERVICE * 100 // (self.percent * self.servers)))
        return arrays.draw(law, arrays.mix(seeds, TRAFFIC, GAP, index))

    def law(self) -> np.ndarray:
        """Of service times."""
        return constant_law(SERVICE) if self.constant else table(exponential(SERVICE))

    def services(self, seeds: np.ndarray, index: int) -> np.ndarray:
        """ps of service of customer ``index``, drawn where the engine draws it."""
        luck = arrays.remix(arrays.mix(seeds, TRAFFIC, ROOT, index), CALL)
        return arrays.draw(self.law(), arrays.remix(luck, SERVICE_TIME))

    def waits(self, seeds: np.ndarray, customers: int) -> np.ndarray:
        """Kiefer and Wolfowitz's recursion: ps that each customer of each replication waits."""
        left = np.zeros((len(seeds), self.servers), dtype=np.int64)
        found = np.empty((customers, len(seeds)), dtype=np.int64)
        for index in range(customers):
            left = np.maximum(left - self.gaps(seeds, index)[:, None], 0)
            left.sort(axis=1)
            found[index] = left[:, 0]
            left[:, 0] += self.services(seeds, index)
        return found

    def theory(self) -> float:
        """Mean wait in ps: Pollaczek and Khinchine's formula, or Erlang's C."""
        load = self.percent / 100
        if self.constant:
            return load / (2 * (1 - load)) * SERVICE
        offered = load * self.servers
        last = offered**self.servers / math.factorial(self.servers) / (1 - load)
        waits = last / (sum(offered**k / math.factorial(k) for k in range(self.servers)) + last)
        return waits / (self.servers * (1 - load)) * SERVICE


# Replications and customers, so many that the standard error is about 0.3 % of the mean.
CASES = [
    (Queue(1, 50), 1000, 4_000),
    (Queue(1, 80), 4000, 4_000),
    (Queue(1, 50, constant=True), 800, 3_000),
    (Queue(1, 80, constant=True), 2000, 4_000),
    (Queue(2, 50), 1500, 4_000),
    (Queue(2, 80), 4000, 4_000),
    (Queue(4, 50), 3000, 4_000),
    (Queue(4, 80), 4000, 4_500),
]


@pytest.mark.parametrize(("queue", "replications", "customers"), CASES, ids=[str(queue) for queue, *_ in CASES])
def test_mean_wait_is_within_one_percent_of_theory(queue: Queue, replications: int, customers: int) -> None:
    means = queue.waits(np.arange(replications), customers)[WARM_UP:].mean(axis=0)
    error, spread = means.mean() / queue.theory() - 1, means.std(ddof=1) / math.sqrt(replications) / queue.theory()
    print(f"{queue}: {error:+.3%}, standard error {spread:.3%}")
    assert spread < 0.0045
    assert abs(error) < 0.01
    assert abs(error) < 3.5 * spread


@pytest.mark.parametrize("queue", [queue for queue, *_ in CASES], ids=str)
def test_the_engine_waits_as_the_recursion_does(queue: Queue) -> None:
    """Customer by customer, to the picosecond, for three of the replications above."""
    customers = 1_500
    for seed in (0, 1, 700):
        seeds = np.array([seed])
        arrivals = np.cumsum([queue.gaps(seeds, index)[0] for index in range(customers)])
        records = run(Chain(arrivals, service=queue.law(), workers=queue.servers, seed=seed).program())
        served = np.array([queue.services(seeds, index)[0] for index in range(customers)])
        waited = records.requests.completed - arrivals - served
        assert np.array_equal(waited, queue.waits(seeds, customers)[:, 0])


def test_saboteur_another_service_law_is_seen() -> None:
    """Constant service halves the wait: the comparison with M/M/1 must notice."""
    means = Queue(1, 50, constant=True).waits(np.arange(200), 2_000)[WARM_UP:].mean(axis=0)
    assert means.mean() / Queue(1, 50).theory() == pytest.approx(0.5, abs=0.03)


# -- trains ----------------------------------------------------------------------------------------------------------

GBIT = 10**9
PAYLOADS = [(52, 400), (1448, 300), (10 * 1448, 200), (45 * 1448, 90), (77 * 1448, 10)]  # bytes and weight


def mixed_messages(quantum: int, rates: list[int], seed: int) -> np.ndarray:
    """Latencies in ps of messages of 1 to 77 frames over three links in a row, the slowest 70 % busy."""
    payload = np.repeat([size for size, _ in PAYLOADS], [-(-weight * LAW_SIZE // 1000) for _, weight in PAYLOADS])[
        :LAW_SIZE
    ]
    mean = payload[:4097].mean()
    frames = np.maximum(1, payload[:4097] / 1448).mean()
    gap = int((mean + 90 * frames) * 8e12 / min(rates) / 0.7)
    arrivals = np.cumsum(arrays.draw(table(exponential(gap)), arrays.mix(seed, 1, GAP, np.arange(6_000))))
    records = run(Chain(arrivals, rates=rates, payload=payload, travel=500_000, quantum=quantum, seed=seed).program())
    return records.requests.completed - arrivals


@pytest.mark.parametrize(
    "rates",
    [[10 * GBIT, 8 * GBIT, 9 * GBIT], [25 * GBIT, 10 * GBIT, 25 * GBIT], [10 * GBIT, 25 * GBIT, 12 * GBIT]],
    ids=str,
)
def test_trains_of_eight_are_as_good_as_single_frames(rates: list[int]) -> None:
    exact, trains = (mixed_messages(quantum, rates, seed=4) for quantum in (1, 8))
    assert np.mean(trains) == pytest.approx(np.mean(exact), rel=0.01)
    assert np.quantile(trains, 0.99) == pytest.approx(np.quantile(exact, 0.99), rel=0.02)
