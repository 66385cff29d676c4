"""Pods, tunnel processes, load balancers and cores against recursions and a simulator that steps through time."""

from collections.abc import Sequence
from heapq import heapreplace

import numpy as np
import pytest

from netsim.chance import LAW_SIZE, draw, mix, name_key, remix
from netsim.engines import run
from netsim.program import Op
from tests.programs import FIRST_CORE, SHARED, Chain, OneNode, Step, Stream

US = 1_000_000


def luck(seed: int) -> np.random.Generator:
    """The test's own numbers."""
    return np.random.Generator(np.random.Philox(seed))


def times_with_ties(seed: int, count: int, mean: int) -> np.ndarray:
    """Arrivals on a coarse grid, every fourth at the same instant as the one before it."""
    return np.cumsum(luck(seed).integers(0, 4, count) * (2 * mean // 3))


def table(seed: int, least: int, most: int) -> np.ndarray:
    """A law table of whole numbers between ``least`` and ``most``."""
    return np.sort(luck(seed).integers(least, most + 1, LAW_SIZE))


def kiefer_wolfowitz(arrivals: Sequence[int], works: Sequence[int], servers: int) -> list[int]:
    """Departures from ``servers`` equal servers, first come first served: the one that is free first takes the next."""
    free = [0] * servers
    found = []
    for arrival, work in zip(arrivals, works, strict=True):
        found.append(max(free[0], arrival) + work)
        heapreplace(free, found[-1])
    return found


def service_times(program_seed: int, law: np.ndarray, count: int) -> list[int]:
    """The service time of each request of a Chain, from the address of its draw."""
    root, service = name_key("root"), name_key("service time")
    knots = law.tolist()
    traffic, call = 15, 14  # keys in tests/programs.py
    return [draw(knots, remix(remix(mix(program_seed, traffic, root, index), call), service)) for index in range(count)]


@pytest.mark.parametrize(("workers", "count"), [(1, 40_000), (2, 30_000), (8, 30_000)])
def test_a_pod_is_kiefer_and_wolfowitzs_recursion(workers: int, count: int) -> None:
    law = table(workers, 0, 200 * US)
    arrivals = times_with_ties(workers + 1, count, 105 * US // workers)
    records = run(Chain(arrivals, service=law, workers=workers, mode=SHARED).program())
    expected = kiefer_wolfowitz(arrivals.tolist(), service_times(1, law, count), workers)
    assert np.array_equal(records.requests.completed, expected)
    assert records.stations.most[0] > 2 * workers, "nobody waited"


@pytest.mark.parametrize("servers", [1, 3, 8])
@pytest.mark.parametrize("op", [Op.DAEMON, Op.BALANCE])
def test_tunnels_and_balancers_have_so_many_servers(op: Op, servers: int) -> None:
    arrivals = times_with_ties(servers, 5_000, 4 * US // servers)
    step = Step(op, per_burst=US, per_frame=US // 2, per_byte=3_000_001)
    stream = Stream(arrivals, [step], table(5, 0, 1448))
    records = run(OneNode([stream], servers=servers).program())
    works = [3 * US // 2 + 3_000_001 * size // 1000 for size in records.requests.request_bytes.tolist()]
    assert np.array_equal(records.requests.completed, kiefer_wolfowitz(arrivals.tolist(), works, servers))


def test_a_server_found_idle_pays_its_wake_up() -> None:
    arrivals = times_with_ties(9, 5_000, 4 * US)
    records = run(
        OneNode([Stream(arrivals, [Step(Op.DAEMON, 2 * US, 1_000_000, per_wakeup=US)], table(6, 0, 3000))]).program()
    )
    free, expected = 0, []
    for at, size in zip(arrivals.tolist(), records.requests.request_bytes.tolist(), strict=True):
        free = max(free, at) + (US if free <= at else 0) + 2 * US + size * 1_000
        expected.append(free)
    assert np.array_equal(records.requests.completed, expected)


def test_an_idle_core_takes_its_time_to_wake() -> None:
    """Leaving the idle state, then the wake-up's own work, all of it after 2 us; work that ends as the next comes has
    kept the core awake, and one that came shortly before almost so."""
    arrivals = times_with_ties(12, 5_000, 4 * US)
    step = Step(Op.RECEIVE, 2 * US, 1_000_000, per_wakeup=US)
    records = run(OneNode([Stream(arrivals, [step], table(7, 0, 3000))], idle_exit=US // 2).program())
    free, expected, exits = -1, [], 0
    for at, size in zip(arrivals.tolist(), records.requests.request_bytes.tolist(), strict=True):
        start = free if free > at else at + min(US, (at - free) // 2) + min(US // 2, max(at - free, 0) // 4)
        exits += free < at
        free = start + 2 * US + size * 1_000
        expected.append(free)
    assert 500 < exits < 4_500
    assert np.array_equal(records.requests.completed, expected)


def busy_periods(arrivals: Sequence[int], works: Sequence[int]) -> list[tuple[int, int]]:
    """When a single server is busy, as intervals apart from each other."""
    periods: list[list[int]] = []
    for at, work in zip(arrivals, works, strict=True):
        if periods and periods[-1][1] >= at:
            periods[-1][1] += work
        else:
            periods.append([at, at + work])
    return [(begin, end) for begin, end in periods if end > begin]


def left_over(arrivals: Sequence[int], works: Sequence[int], taken: Sequence[tuple[int, int]]) -> list[int]:
    """Departures of a first-come-first-served server that works only outside the intervals ``taken``."""
    found, now, gap = [], 0, 0
    for at, work in zip(arrivals, works, strict=True):
        now, left = max(now, at), work
        while True:
            while gap < len(taken) and taken[gap][1] <= now:
                gap += 1
            begin, end = taken[gap] if gap < len(taken) else (now + left, now + left)
            free = max(0, begin - now)
            if left <= free:
                now += left
                break
            left -= free
            now = end
        found.append(now)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_softirqs_take_the_core_from_threads(seed: int) -> None:
    """The softirq lane is alone in the world; threads get what it leaves, to the picosecond."""
    soft_at, app_at = times_with_ties(seed, 6_000, 5 * US), times_with_ties(seed + 50, 2_000, 15 * US)
    soft = Stream(soft_at, [Step(Op.RECEIVE, US, 2_000_000)], table(seed + 1, 0, 1448))
    threads = Stream(app_at, [Step(Op.APPLICATION, US, 6_000_000)], table(seed + 2, 0, 1448))
    records = run(OneNode([soft, threads]).program())
    table_of = records.requests
    sizes = [table_of.request_bytes[table_of.traffic == stream] for stream in (0, 1)]
    works = [(US + sizes[0] * 2_000).tolist(), (US + sizes[1] * 6_000).tolist()]
    taken = busy_periods(soft_at.tolist(), works[0])
    assert max(end - begin for begin, end in taken) < 2_000 * US, "ksoftirqd would have stepped in"
    soft_done = table_of.completed[table_of.traffic == 0]
    assert np.array_equal(soft_done, kiefer_wolfowitz(soft_at.tolist(), works[0], 1))
    thread_done = table_of.completed[table_of.traffic == 1]
    assert np.array_equal(thread_done, left_over(app_at.tolist(), works[1], taken))
    assert records.steps.stolen.sum() > 100 * US
    assert records.stations.busy[FIRST_CORE] == sum(works[0])
    assert records.stations.busy[FIRST_CORE + 1] == sum(works[1])


def test_an_endless_run_of_softirqs_shares_the_core_with_a_thread() -> None:
    """After 2 ms (or 300 frames) ksoftirqd and the thread take turns of 3 ms: neither starves."""
    flood = Stream(np.arange(0, 20_000 * US, US), [Step(Op.RECEIVE, 2 * US)])
    thread = Stream([1], [Step(Op.APPLICATION, 10_000 * US)])
    records = run(OneNode([flood, thread]).program())
    done = int(records.requests.completed[records.requests.traffic == 1][0])
    # 10 ms of work: three turns of 3 ms and the rest, between runs of at most 2 ms of softirq work.
    assert 10_000 * US < done <= (10_000 + 4 * 2_000) * US
    assert records.stations.busy[FIRST_CORE] == 20_000 * 2 * US
    assert records.ledger.frames_dropped == 0


def test_a_full_ring_loses_frames_and_counts_them() -> None:
    """32 descriptors, frames that come twice as fast as they are served: G/D/1/K in frames."""
    arrivals = times_with_ties(3, 8_000, US)
    records = run(OneNode([Stream(arrivals, [Step(Op.RECEIVE, 2 * US)])], ring=32).program())
    queue: list[int] = []
    lost = 0
    for at in arrivals.tolist():
        queue = [out for out in queue if out > at]
        if len(queue) < 32:
            queue.append(max(at, queue[-1] if queue else 0) + 2 * US)
        else:
            lost += 1
    assert lost > 2_000
    first = records.transfers.timeouts[records.transfers.phase == 2] == 0
    assert np.count_nonzero(~first) == lost, "each frame lost at its first attempt is sent again"
