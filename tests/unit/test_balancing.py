"""The balancing strategies: always an option that exists, and each by its own rule."""

import inspect
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from netsim import balancing
from netsim.balancing import least_connections, random, round_robin, source_hash
from netsim.chance import mix, name_key
from netsim.errors import UsageError

MODULES = [balancing.load(name) for name in balancing.names()]
words = some.integers(0, 2**64 - 1)


def test_strategies() -> None:
    assert balancing.names() == ("least_connections", "random", "round_robin", "source_hash")
    with pytest.raises(
        UsageError, match=r"There is no balancing strategy 'rond_robin'. Did you mean 'round_robin'"
    ):
        balancing.load("rond_robin")


def test_all_have_one_signature() -> None:
    signatures = {str(inspect.signature(module.choose)) for module in MODULES}
    assert len(signatures) == 1
    assert list(inspect.signature(random.choose).parameters) == ["options", "bits", "turn", "flow", "loads"]


@given(options=some.integers(1, 500), bits=words, turn=some.integers(0, 2**40), flow=words)
def test_the_choice_exists(options: int, bits: int, turn: int, flow: int) -> None:
    loads = [(bits >> place % 50) & 7 for place in range(options)]
    for module in MODULES:
        assert 0 <= module.choose(options, bits, turn, flow, loads) < options


def wrapped(word: int) -> np.int64:
    """The 64 bits of a word as the int64 that a compiled engine holds."""
    return np.uint64(word).astype(np.int64)


@given(options=some.integers(1, 500), bits=words, turn=some.integers(0, 2**40), flow=words)
def test_int64_arithmetic_chooses_the_same(options: int, bits: int, turn: int, flow: int) -> None:
    loads = np.array([(bits >> place % 50) & 7 for place in range(options)], dtype=np.int64)
    for module in MODULES:
        with np.errstate(all="raise"):
            compiled = module.choose(np.int64(options), wrapped(bits), np.int64(turn), wrapped(flow), loads)
        assert compiled == module.choose(options, bits, turn, flow, loads.tolist())


@pytest.mark.parametrize("options", [2, 3, 7, 10])
def test_random_and_source_hash_are_even(options: int) -> None:
    draws = [mix(1, 2, 3, index) for index in range(20_000)]
    for counts in (
        Counter(random.choose(options, bits, 0, 0, []) for bits in draws),
        Counter(source_hash.choose(options, 0, 0, flow, []) for flow in draws),
        Counter(source_hash.choose(options, 0, 0, flow, []) for flow in range(20_000)),
        Counter(source_hash.choose(options, 0, 0, name_key(f"pod-{number}"), []) for number in range(20_000)),
    ):
        expected = 20_000 / options
        chi_square = sum((counts[option] - expected) ** 2 / expected for option in range(options))
        assert chi_square < 35, "p < 0.0001 for up to 9 degrees of freedom"


def test_round_robin_takes_turns() -> None:
    assert [round_robin.choose(3, 0, turn, 0, []) for turn in range(5)] == [0, 1, 2, 0, 1]


def test_source_hash_depends_on_the_flow_alone() -> None:
    choices = {
        source_hash.choose(10, bits, turn, 12345, [turn] * 10) for bits, turn in ((0, 0), (7, 1), (2**63, 9))
    }
    assert len(choices) == 1


def test_least_connections_finds_the_least_and_takes_turns_among_equals() -> None:
    assert least_connections.choose(4, 0, 0, 0, [3, 1, 2, 5]) == 1
    assert [least_connections.choose(3, 0, turn, 0, [0, 0, 0]) for turn in range(4)] == [0, 1, 2, 0]
    assert least_connections.choose(3, 0, 2, 0, [1, 1, 2]) == 0
