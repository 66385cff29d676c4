"""Placement: even, within limits, the same whatever the order of files, and refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsim.model.cluster import Container, Nic, Node
from netsim.scenario.located import Map
from netsim.scenario.objects import PodPlan, Template
from netsim.scenario.placement import place
from netsim.scenario.pools import Machines
from netsim.scenario.validation import Source

HERE = Source("f.yaml", Map((1, 1)))
NIC = Nic(10**10)


def machines(*nodes: tuple[str, int], labels: dict[str, tuple[tuple[str, str], ...]] | None = None) -> Machines:
    built = [Node(name, 4, NIC, max_pods=room, labels=(labels or {}).get(name, ())) for name, room in nodes]
    return Machines(built, dict.fromkeys([name for name, _ in nodes], HERE))


def pods(owner: str, count: int, template: Template | None = None, node: str | None = None) -> list[PodPlan]:
    template = template or Template()
    return [PodPlan("ns", f"{owner}-{number}", owner, template, HERE, node) for number in range(count)]


def test_fewest_pods_first_then_name() -> None:
    where, problems = place(pods("a", 4), machines(("n-0", 9), ("n-1", 9), ("n-2", 9)))
    assert where == {"ns/a-0": "n-0", "ns/a-1": "n-1", "ns/a-2": "n-2", "ns/a-3": "n-0"}
    assert problems == []


def test_bound_pods_come_first_and_count() -> None:
    plans = [*pods("a", 2), *pods("z", 2, node="n-0")]
    where, _ = place(plans, machines(("n-0", 9), ("n-1", 9)))
    assert [where["ns/a-0"], where["ns/a-1"]] == ["n-1", "n-1"]


@given(st.permutations(range(12)), st.integers(1, 4))
def test_order_of_files_does_not_matter(order: list[int], nodes: int) -> None:
    plans = [*pods("a", 5), *pods("b", 4, node="n-0"), *pods("c", 3)]
    cluster = machines(*((f"n-{number}", 20) for number in range(nodes)))
    assert place([plans[number] for number in order], cluster) == place(plans, cluster)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(1, 60))
def test_never_over_the_limit_and_even(rooms: list[int], count: int) -> None:
    cluster = machines(*((f"n-{number}", room) for number, room in enumerate(rooms)))
    where, problems = place(pods("a", count), cluster)
    used = [list(where.values()).count(f"n-{number}") for number in range(len(rooms))]
    assert all(pods <= room for pods, room in zip(used, rooms, strict=True))
    assert sum(used) == min(count, sum(rooms))
    assert bool(problems) == (count > sum(rooms))
    unfilled = [pods for pods, room in zip(used, rooms, strict=True) if pods < room]
    assert not unfilled or max(used) - min(unfilled) <= 1


def test_node_selector() -> None:
    cluster = machines(("n-0", 9), ("n-1", 9), labels={"n-1": (("disk", "ssd"), ("zone", "a"))})
    where, _ = place(pods("a", 2, Template(selector=(("disk", "ssd"),))), cluster)
    assert set(where.values()) == {"n-1"}


def test_node_selector_that_no_node_has() -> None:
    _, [problem] = place(pods("a", 2, Template(selector=(("disk", "ssd"),))), machines(("n-0", 9)))
    assert "no node has the labels that a selects: disk=ssd" in str(problem)


def test_host_ports_are_not_shared() -> None:
    template = Template(containers=(Container("c", (80,)),), host_network=True)
    where, [problem] = place(pods("a", 3, template), machines(("n-0", 9), ("n-1", 9)))
    assert sorted(where.values()) == ["n-0", "n-1"]
    assert "pod ns/a-2 fits on no node: its host ports are taken" in str(problem)


@pytest.mark.parametrize(
    ("room", "node", "message"),
    [
        (1, "n-0", "node 'n-0' holds at most 1 pods"),
        (9, "n-1", "there is no node 'n-1'. Did you mean 'n-0'?"),
    ],
)
def test_bound_to_a_node_that_cannot(room: int, node: str, message: str) -> None:
    _, [problem] = place(pods("a", 2, node=node), machines(("n-0", room)))
    assert message in str(problem)
