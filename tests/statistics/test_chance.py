"""Addressed chance is uniform and independent over indices, purposes, entities and seeds, in its high and low bits."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from netsim import chance
from netsim.chance import name_key
from netsim.lowering.laws import table
from netsim.model.law import exponential
from tests.statistics import arrays

COUNT = 1 << 20
LEAST = 1e-4  # p-values below this fail: some 60 of them are looked at, on fixed addresses
ENTITY, PURPOSE, OTHER = map(name_key, ("traffic/users", "service time", "request size"))
INDEX = np.arange(COUNT, dtype=np.uint64)

STREAMS: dict[str, Callable[[], np.ndarray]] = {
    "index": lambda: arrays.mix(1, ENTITY, PURPOSE, INDEX),
    "index, small keys": lambda: arrays.mix(0, 0, 0, INDEX),
    "index in steps of 4096": lambda: arrays.mix(1, ENTITY, PURPOSE, INDEX * np.uint64(4096)),
    "index from 2**40": lambda: arrays.mix(1, ENTITY, PURPOSE, INDEX + np.uint64(1 << 40)),
    "seed": lambda: arrays.mix(INDEX, ENTITY, PURPOSE, 0),
    "remix of index": lambda: arrays.remix(arrays.mix(1, ENTITY, PURPOSE, INDEX), OTHER),
    "remix by 0": lambda: arrays.remix(arrays.mix(1, ENTITY, PURPOSE, INDEX), 0),
    "remix twice": lambda: arrays.remix(arrays.remix(arrays.mix(1, ENTITY, PURPOSE, INDEX), OTHER), PURPOSE),
    "remix by burst number": lambda: arrays.remix(
        arrays.mix(1, ENTITY, PURPOSE, INDEX // np.uint64(64)), INDEX % np.uint64(64)
    ),
    "remix by phase": lambda: arrays.remix(arrays.mix(1, ENTITY, PURPOSE, INDEX // np.uint64(4)), INDEX % np.uint64(4)),
    "remix by attempt": lambda: arrays.remix(
        arrays.mix(1, ENTITY, PURPOSE, INDEX // np.uint64(16)), INDEX % np.uint64(16) << np.uint64(20)
    ),
}
every_stream = pytest.mark.parametrize("name", list(STREAMS))


def test_arrays_give_the_same_bits() -> None:
    knots = table(exponential(10**9))
    rows = range(0, COUNT, 997)
    mixed = [chance.mix(5, ENTITY, PURPOSE, row) for row in rows]
    assert mixed == arrays.mix(5, ENTITY, PURPOSE, INDEX[::997]).tolist()
    assert mixed[:50] == [int(arrays.mix(np.array([5]), ENTITY, PURPOSE, row)[0]) for row in rows[:50]]
    assert [chance.pick(bits, 6) for bits in mixed] == arrays.pick(np.array(mixed, dtype=np.uint64), 6).tolist()
    remixed = arrays.remix(np.array(mixed, dtype=np.uint64), OTHER)
    assert [chance.remix(bits, OTHER) for bits in mixed] == remixed.tolist()
    top = remixed | np.uint64(0xFFC0_0000_0000_0000)
    for bits in (remixed, top):
        assert [chance.draw(knots.tolist(), one) for one in bits.tolist()] == arrays.draw(knots, bits).tolist()


@every_stream
def test_high_and_low_bits_are_uniform(name: str) -> None:
    bits = STREAMS[name]()
    for shift, cells in ((52, 4096), (40, 4096), (0, 1024)):
        counts = np.bincount((bits >> np.uint64(shift) & np.uint64(cells - 1)).astype(np.int64), minlength=cells)
        assert stats.chisquare(counts).pvalue > LEAST, f"bits from {shift} on"


@every_stream
def test_neighbours_in_a_stream_are_independent(name: str) -> None:
    bits = STREAMS[name]()
    for lag in (1, 2, 64):
        pairs = (bits[:-lag] >> np.uint64(59)) * np.uint64(32) + (bits[lag:] >> np.uint64(59))
        assert stats.chisquare(np.bincount(pairs.astype(np.int64), minlength=1024)).pvalue > LEAST, f"lag {lag}"


def correlation(left: np.ndarray, right: np.ndarray) -> float:
    """Standard deviations between the correlation of two streams and 0."""
    pair = [bits.astype(np.float64) / 2**64 - 0.5 for bits in (left, right)]
    return float(np.mean(pair[0] * pair[1]) * 12 * np.sqrt(len(left)))


def test_streams_of_other_purposes_entities_and_seeds_are_independent() -> None:
    base = arrays.mix(1, ENTITY, PURPOSE, INDEX)
    others = {
        "purpose": arrays.mix(1, ENTITY, OTHER, INDEX),
        "entity": arrays.mix(1, OTHER, PURPOSE, INDEX),
        "entity and purpose swapped": arrays.mix(1, PURPOSE, ENTITY, INDEX),
        "seed": arrays.mix(2, ENTITY, PURPOSE, INDEX),
        "neighbouring entity": arrays.mix(1, ENTITY + 1, PURPOSE, INDEX),
        "remix": arrays.remix(base, OTHER),
        "remix by its own purpose": arrays.remix(base, PURPOSE),
    }
    for name, bits in others.items():
        assert abs(correlation(base, bits)) < 4, name
        pairs = (base >> np.uint64(59)) * np.uint64(32) + (bits >> np.uint64(59))
        assert stats.chisquare(np.bincount(pairs.astype(np.int64), minlength=1024)).pvalue > LEAST, name
    assert abs(correlation(arrays.remix(base, OTHER), arrays.remix(base, PURPOSE))) < 4


def test_what_is_picked_is_independent_of_other_picks() -> None:
    """Cores, queues, nodes and links are picked by bits remixed for different names."""
    flows = arrays.mix(1, ENTITY, PURPOSE, INDEX)
    names = ("rss", "rss back", "client core", "server core", "backend", "entry", "client")
    picks = {name: arrays.remix(flows, name_key(name)) for name in names}
    for number, left in enumerate(names):
        for right in names[:number]:
            for many in (2, 4, 6):
                pairs = arrays.pick(picks[left], many) * many + arrays.pick(picks[right], many)
                found = stats.chisquare(np.bincount(pairs, minlength=many * many))
                assert found.pvalue > LEAST, (left, right, many)


def test_saboteur_a_sequence_is_not_chance() -> None:
    linear = INDEX * np.uint64(0x9E3779B97F4A7C15)
    counts = np.bincount((linear >> np.uint64(52)).astype(np.int64), minlength=4096)
    assert stats.chisquare(counts).pvalue > 1 - 1e-9, "more even than chance would be"
    pairs = (linear[:-1] >> np.uint64(59)) * np.uint64(32) + (linear[1:] >> np.uint64(59))
    assert stats.chisquare(np.bincount(pairs.astype(np.int64), minlength=1024)).pvalue < LEAST


def test_names_have_keys_of_their_own() -> None:
    keys = {
        name_key(f"{kind}/default/{word}-{number}")
        for kind in ("pod", "svc")
        for word in ("a", "ab")
        for number in range(5_000)
    }
    assert len(keys) == 20_000
    assert all(0 <= key < 1 << 63 for key in keys)
