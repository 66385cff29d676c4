"""Spans of a byte stream, by hand and against sets of bytes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from netsim.engines.reference.spans import Span, add, frames, without

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda pair: (pair[0], sum(pair))), max_size=8)


def test_spans_join_where_they_touch() -> None:
    spans: list[Span] = []
    assert add(spans, 10, 20) == 10
    assert add(spans, 30, 40) == 10
    assert spans == [(10, 20), (30, 40)]
    assert add(spans, 20, 30) == 10
    assert spans == [(10, 40)]
    assert add(spans, 5, 45) == 10
    assert add(spans, 6, 44) == 0
    assert spans == [(5, 45)]


def test_what_is_left_outside_of_holes() -> None:
    assert without(0, 10, []) == [(0, 10)]
    assert without(0, 10, [(0, 3), (5, 6), (9, 12)]) == [(3, 5), (6, 9)]
    assert without(0, 10, [(0, 10)]) == []
    assert without(5, 10, [(0, 5), (10, 15)]) == [(5, 10)]


def test_only_the_last_frame_of_a_span_is_short() -> None:
    assert frames([(0, 25), (30, 40)], 10) == [(0, 10), (10, 20), (20, 25), (30, 40)]


@given(SPANS)
def test_adding_is_the_union_of_bytes(parts: list[Span]) -> None:
    spans: list[Span] = []
    known: set[int] = set()
    for start, end in parts:
        fresh = set(range(start, end)) - known
        assert add(spans, start, end) == len(fresh)
        known |= fresh
        assert {byte for here, there in spans for byte in range(here, there)} == known
        assert all(before[1] < after[0] for before, after in pairwise(spans))


@given(SPANS, st.integers(0, 40), st.integers(1, 20))
def test_without_is_the_difference_of_bytes(parts: list[Span], start: int, size: int) -> None:
    holes: list[Span] = []
    for part in parts:
        add(holes, *part)
    left = {byte for here, there in without(start, start + size, holes) for byte in range(here, there)}
    assert left == set(range(start, start + size)) - {byte for here, there in holes for byte in range(here, there)}
