"""Chains of links under changes whose effect is known in advance, to the picosecond or in its direction."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from netsim.analysis.laws import check
from netsim.chance import LAW_SIZE
from netsim.engines import run
from netsim.program import Program
from tests.programs import Chain
from tests.properties import checker

GBIT = 10**9
STEP = 400_000  # ps; even, so that halves are whole


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Two to five links, a burst or a trickle of messages, at a random quantum."""
    count = draw(st.integers(1, 120))
    gaps = draw(st.lists(st.integers(0, 40), min_size=count, max_size=count))
    sizes = draw(st.lists(st.integers(0, 300_000), min_size=1, max_size=4))
    return Chain(
        np.cumsum(gaps) * STEP,
        rates=draw(st.lists(st.sampled_from([GBIT, 2 * GBIT, 4 * GBIT, 10 * GBIT]), min_size=2, max_size=5)),
        payload=np.sort(np.resize(np.array(sizes, dtype=np.int64), LAW_SIZE)),
        travel=draw(st.sampled_from([0, 2, 500_000])),
        quantum=draw(st.sampled_from([1, 2, 8, 64])),
        seed=draw(st.integers(0, 99)),
    )


def finished(program: Program) -> np.ndarray:
    """When each message has arrived; on the way every law is looked after."""
    records = run(program, log=True)
    assert not [verdict for verdict in check(program, records) if verdict.broken]
    assert checker.faults(program, records) == []
    return records.requests.completed


@settings(max_examples=40)
@given(chains())
def test_twice_the_rates_and_half_the_times_are_half_the_answers(chain: Chain) -> None:
    fast = Chain(
        np.asarray(chain.arrivals) // 2,
        rates=[2 * rate for rate in chain.rates],
        travel=chain.travel // 2,
        payload=chain.payload,
        quantum=chain.quantum,
        seed=chain.seed,
    )
    assert np.array_equal(finished(chain.program()), 2 * finished(fast.program()))


@settings(max_examples=40)
@given(chains(), st.integers(0, 4))
def test_a_faster_link_makes_nobody_later(chain: Chain, which: int) -> None:
    """Frame by frame, where links are first come first served without exception."""
    chain.quantum = 1
    slow = finished(chain.program())
    chain.rates = [rate * (2 if number == which % len(chain.rates) else 1) for number, rate in enumerate(chain.rates)]
    assert np.all(finished(chain.program()) <= slow)


@settings(max_examples=30)
@given(chains(), st.integers(0, 100))
def test_later_messages_do_not_touch_earlier_ones(chain: Chain, percent: int) -> None:
    """Who comes first is served first, and no train looks into the future."""
    kept = max(1, len(chain.arrivals) * percent // 100)
    whole = finished(chain.program())
    chain.arrivals = chain.arrivals[:kept]
    assert np.array_equal(finished(chain.program()), whole[:kept])
