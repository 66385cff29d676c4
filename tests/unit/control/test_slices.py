"""EndpointSlices hold exactly the endpoints, a hundred each, and change as little as they can."""

from hypothesis import given, settings
from hypothesis import strategies as st

from netsim.control.slices import MOST, reconciled

names = st.sets(st.integers(0, 400).map(lambda number: f"pod-{number:03}"), max_size=350)


@given(st.integers(0, 1000))
def test_a_new_service_has_as_few_slices_as_possible(count: int) -> None:
    slices, written = reconciled([], {f"pod-{number}" for number in range(count)})
    assert len(slices) == written == -(-count // MOST)


@settings(max_examples=200, deadline=None)
@given(st.lists(names, min_size=1, max_size=6))
def test_slices_hold_what_is_wanted_once(history: list[set[str]]) -> None:
    slices: list[tuple[str, ...]] = []
    for wanted in history:
        before = slices
        slices, written = reconciled(slices, wanted)
        held = [name for part in slices for name in part]
        assert sorted(held) == sorted(wanted)
        assert all(0 < len(part) <= MOST for part in slices)
        changed = len(set(slices) ^ set(before)) > 0
        assert (written > 0) == changed


def test_one_pod_less_writes_one_slice_and_its_place_is_filled_again() -> None:
    everyone = {f"pod-{number:03}" for number in range(250)}
    slices, _ = reconciled([], everyone)
    fewer, written = reconciled(slices, everyone - {"pod-007"})
    assert (len(fewer), written) == (3, 1)
    again, written = reconciled(fewer, (everyone - {"pod-007"}) | {"pod-999"})
    assert (len(again), written) == (3, 1)
