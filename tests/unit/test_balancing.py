"""The balancing strategies: always an option that exists, and each by its own rule."""

import inspect
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from netsim import balancing
from netsim.balancing import (
    destination_hash,
    least_connections,
    maglev,
    random,
    ring_hash,
    round_robin,
    shortest_expected_delay,
    source_hash,
    two_choices,
)
from netsim.chance import mix, name_key
from netsim.errors import UsageError

MODULES = [balancing.load(name) for name in balancing.names()]
CONSISTENT = (maglev, ring_hash)
NAMES = tuple(name_key(f"pod-{number}") for number in range(500))
FLOWS = [mix(1, 2, 4, index) for index in range(20_000)]
words = some.integers(0, 2**64 - 1)
# Tables are made once per set of names: few sets, so that the tests are quick.
sizes = some.sampled_from((1, 2, 3, 7, 64, 500))


def test_strategies() -> None:
    assert balancing.names() == (
        "destination_hash",
        "least_connections",
        "maglev",
        "random",
        "ring_hash",
        "round_robin",
        "shortest_expected_delay",
        "source_hash",
        "two_choices",
    )
    with pytest.raises(
        UsageError, match=r"There is no balancing strategy 'rond_robin'. Did you mean 'round_robin'"
    ):
        balancing.load("rond_robin")


def test_all_have_one_signature() -> None:
    signatures = {str(inspect.signature(module.choose)) for module in MODULES}
    assert len(signatures) == 1
    assert list(inspect.signature(random.choose).parameters) == ["names", "bits", "turn", "flow", "loads"]


@settings(deadline=None)
@given(options=sizes, bits=words, turn=some.integers(0, 2**40), flow=words)
def test_the_choice_exists(options: int, bits: int, turn: int, flow: int) -> None:
    loads = [(bits >> place % 50) & 7 for place in range(options)]
    for module in MODULES:
        assert 0 <= module.choose(NAMES[:options], bits, turn, flow, loads) < options


def wrapped(word: int) -> np.int64:
    """The 64 bits of a word as the int64 that a compiled engine holds."""
    return np.uint64(word).astype(np.int64)


@settings(deadline=None)
@given(options=sizes, bits=words, turn=some.integers(0, 2**40), flow=words)
def test_int64_arithmetic_chooses_the_same(options: int, bits: int, turn: int, flow: int) -> None:
    loads = np.array([(bits >> place % 50) & 7 for place in range(options)], dtype=np.int64)
    names = np.array(NAMES[:options], dtype=np.int64)
    for module in MODULES:
        with np.errstate(all="raise"):
            compiled = module.choose(names, wrapped(bits), np.int64(turn), wrapped(flow), loads)
        assert compiled == module.choose(NAMES[:options], bits, turn, flow, loads.tolist())


@pytest.mark.parametrize("options", [2, 3, 7, 10])
def test_random_and_source_hash_are_even(options: int) -> None:
    draws = [mix(1, 2, 3, index) for index in range(20_000)]
    names = NAMES[:options]
    for counts in (
        Counter(random.choose(names, bits, 0, 0, []) for bits in draws),
        Counter(source_hash.choose(names, 0, 0, flow, []) for flow in draws),
        Counter(source_hash.choose(names, 0, 0, flow, []) for flow in range(20_000)),
        Counter(source_hash.choose(names, 0, 0, name_key(f"pod-{number}"), []) for number in range(20_000)),
    ):
        expected = 20_000 / options
        chi_square = sum((counts[option] - expected) ** 2 / expected for option in range(options))
        assert chi_square < 35, "p < 0.0001 for up to 9 degrees of freedom"


def test_round_robin_takes_turns() -> None:
    assert [round_robin.choose(NAMES[:3], 0, turn, 0, []) for turn in range(5)] == [0, 1, 2, 0, 1]


@pytest.mark.parametrize("module", [source_hash, *CONSISTENT])
def test_hashes_depend_on_the_flow_alone(module: object) -> None:
    names = NAMES[:10]
    choices = {
        module.choose(names, bits, turn, 12345, [turn] * 10)  # type: ignore[attr-defined]
        for bits, turn in ((0, 0), (7, 1), (2**63, 9))
    }
    assert len(choices) == 1


def test_destination_hash_has_one_choice_for_all_flows_and_another_for_another_service() -> None:
    names = NAMES[:10]
    assert len({destination_hash.choose(names, flow, flow, flow, []) for flow in FLOWS[:100]}) == 1
    others = {destination_hash.choose(NAMES[start : start + 10], 0, 0, 0, []) for start in range(0, 400, 10)}
    assert len(others) > 5


def test_least_connections_finds_the_least_and_takes_turns_among_equals() -> None:
    assert least_connections.choose(NAMES[:4], 0, 0, 0, [3, 1, 2, 5]) == 1
    assert [least_connections.choose(NAMES[:3], 0, turn, 0, [0, 0, 0]) for turn in range(4)] == [0, 1, 2, 0]
    assert least_connections.choose(NAMES[:3], 0, 2, 0, [1, 1, 2]) == 0


def test_shortest_expected_delay_takes_the_first_among_equals() -> None:
    assert [shortest_expected_delay.choose(NAMES[:3], 0, turn, 0, [0, 0, 0]) for turn in range(4)] == [0, 0, 0, 0]
    assert shortest_expected_delay.choose(NAMES[:3], 0, 0, 0, [2, 1, 1]) == 1


def test_two_choices_never_takes_the_most_loaded_unless_both_fall_on_it() -> None:
    """The one option with load is taken with probability 1/n^2, any other with (1 - 1/n^2)/(n - 1)."""
    names, loads = NAMES[:10], [1] + [0] * 9
    counts = Counter(two_choices.choose(names, flow, 0, 0, loads) for flow in FLOWS)
    assert counts[0] == pytest.approx(len(FLOWS) / 100, abs=5 * (len(FLOWS) / 100) ** 0.5)
    assert min(counts[option] for option in range(1, 10)) > 0.9 * len(FLOWS) * 0.99 / 9


def moved(module: object, before: tuple[int, ...], after: tuple[int, ...]) -> tuple[float, float]:
    """Shares of flows: those that change although their option stays, and those whose option goes or that go to a new
    one."""
    needless = needed = 0
    for flow in FLOWS:
        old = before[module.choose(before, 0, 0, flow, [])]  # type: ignore[attr-defined]
        new = after[module.choose(after, 0, 0, flow, [])]  # type: ignore[attr-defined]
        if old != new:
            must = old not in after or new not in before
            needed, needless = needed + must, needless + (not must)
    return needless / len(FLOWS), needed / len(FLOWS)


def test_maglev_fills_its_table_evenly() -> None:
    """Taking turns, options differ by one entry (section 3.4: between 1.02 and 1.0 of the mean for M > 100 N)."""
    for options in (2, 3, 7, 100):
        counts = Counter(maglev.table(NAMES[:options]))
        assert max(counts.values()) - min(counts.values()) <= 1
        assert sum(counts.values()) == maglev.SIZE


def test_maglev_does_not_depend_on_the_order_of_its_options() -> None:
    names = NAMES[:20]
    there = [names[option] for option in maglev.table(names)]
    assert there == [names[::-1][option] for option in maglev.table(names[::-1])]


def test_maglev_disturbs_few_flows_when_an_option_goes() -> None:
    """NSDI'16, figure 12: with a table of a hundred times as many entries as options, less than 2 % move needlessly."""
    needless, needed = moved(maglev, NAMES[:100], NAMES[:50] + NAMES[51:100])
    assert needless < 0.02
    assert needed == pytest.approx(0.01, abs=0.004)


def test_a_plain_hash_moves_nearly_all() -> None:
    needless, _ = moved(source_hash, NAMES[:10], NAMES[:9])
    assert needless > 0.4


@pytest.mark.parametrize("change", [NAMES[:9], NAMES[:5] + NAMES[6:10], NAMES[:11]])
def test_ring_hash_moves_only_what_must_move(change: tuple[int, ...]) -> None:
    needless, needed = moved(ring_hash, NAMES[:10], change)
    assert needless == 0
    assert needed == pytest.approx(0.1, abs=0.04)


def test_ring_hash_is_roughly_even() -> None:
    """With 160 points the shares spread by about 1 / sqrt(160) = 8 %; none of ten is out by four times that."""
    counts = Counter(ring_hash.choose(NAMES[:10], 0, 0, flow, []) for flow in FLOWS)
    assert max(abs(counts[option] / 2000 - 1) for option in range(10)) < 0.32
