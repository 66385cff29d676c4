"""Views: which endpoints a node chooses among, against Kubernetes's own rules."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from netsim.lowering.views import Backend, Site, allocated, members_of, site, views_of
from netsim.model.cluster import Nic, Node, Service, TrafficPolicy

# Nodes 0 and 1 are in zone a, node 2 in zone b, node 3 in zone c, where no endpoint is.
SITES = (Site(0, "a", 4), Site(1, "a", 4), Site(2, "b", 4), Site(3, "c", 4))
ENDS = (Backend(10, 0), Backend(11, 0), Backend(12, 2))
EVERYBODY = (10, 11, 12)


def service(**fields: object) -> Service:
    return Service("ns", "web", "NodePort", (), **fields)  # type: ignore[arg-type]


def test_a_plain_service_is_the_same_everywhere() -> None:
    assert views_of(service(), False, ENDS, SITES) == views_of(service(), True, ENDS, SITES) == {}
    assert members_of(service(), ENDS) == EVERYBODY


@pytest.mark.parametrize(("field", "outside"), [("internal_policy", False), ("external_policy", True)])
def test_local_means_the_endpoints_of_the_node_for_its_kind_of_traffic(field: str, outside: bool) -> None:
    one = service(**{field: TrafficPolicy.LOCAL})
    assert views_of(one, outside, ENDS, SITES) == {0: (10, 11), 1: (), 2: (12,), 3: ()}
    assert views_of(one, not outside, ENDS, SITES) == {}


@pytest.mark.parametrize("word", ["PreferClose", "PreferSameZone"])
def test_the_same_zone_is_preferred_and_all_others_are_as_good(word: str) -> None:
    found = views_of(service(distribution=word), False, ENDS, SITES)
    assert found == {0: (10, 11), 1: (10, 11), 2: (12,), 3: EVERYBODY}


def test_the_same_node_is_preferred_then_its_zone() -> None:
    found = views_of(service(distribution="PreferSameNode"), False, (*ENDS, Backend(13, 1)), SITES)
    assert found == {0: (10, 11), 1: (13,), 2: (12,), 3: (*EVERYBODY, 13)}
    assert views_of(service(distribution="PreferSameNode"), False, ENDS, SITES)[1] == (10, 11)


def test_an_endpoint_without_a_zone_makes_zones_void() -> None:
    sites = (*SITES[:2], Site(2, "", 4), SITES[3])
    found = views_of(service(distribution="PreferSameZone"), False, ENDS, sites)
    assert set(found.values()) == {EVERYBODY}
    assert views_of(service(distribution="PreferSameNode"), False, ENDS, sites)[2] == (12,)


def test_endpoints_that_terminate_serve_only_while_no_other_is_ready() -> None:
    """KEP-1669, for each node's own endpoints under Local."""
    leaving = Backend(10, 0, ready=False, serving=True, terminating=True)
    dead = Backend(14, 1, ready=False, serving=False, terminating=True)
    assert members_of(service(), (leaving, *ENDS[1:], dead)) == (11, 12)
    assert members_of(service(), (leaving, dead)) == (10,)
    assert members_of(service(), (dead,)) == ()
    local = service(external_policy=TrafficPolicy.LOCAL)
    assert views_of(local, True, (leaving, dead, ENDS[2]), SITES) == {0: (10,), 1: (), 2: (12,), 3: ()}


def test_hints_are_for_ready_endpoints_only() -> None:
    leaving = [Backend(one.number, one.node, False, True, True) for one in ENDS]
    one = service(distribution="PreferSameZone")
    assert views_of(one, False, leaving, SITES) == {}
    assert members_of(one, leaving) == EVERYBODY


def test_addresses_that_are_not_ready_are_published_where_that_is_asked_for() -> None:
    starting = Backend(10, 0, ready=False, serving=False)
    assert members_of(service(), (starting,)) == ()
    assert members_of(service(publish_not_ready=True), (starting,)) == (10,)


def test_a_control_plane_counts_for_no_zone() -> None:
    plain = Node("n", 4, Nic(10**10), zone="a")
    leader = Node("m", 8, Nic(10**10), zone="a", labels=(("node-role.kubernetes.io/control-plane", ""),))
    assert site(0, plain) == Site(0, "a", 4)
    assert site(1, leader) == Site(1, "a", 8, counted=False)


def zones(**cores: int) -> list[Site]:
    return [Site(number, zone, count) for number, (zone, count) in enumerate(cores.items())]


def test_allocation_in_proportion_to_cores() -> None:
    """KEP-2433's example: zones with 1/6, 2/6 and 3/6 of the cores and 12 endpoints get 2, 4 and 6 of them."""
    found = allocated(["a"] * 4 + ["b"] * 4 + ["c"] * 4, zones(a=2, b=4, c=6))
    assert Counter(found) == {"a": 2, "b": 4, "c": 6}
    assert Counter(found[4:8]) == {"b": 4}, "who is in the right zone stays"


def test_no_allocation_without_two_zones_enough_endpoints_and_known_zones() -> None:
    assert allocated(["a"] * 6, zones(a=4)) == [""] * 6
    assert allocated(["a", "b"], zones(a=4, b=4, c=4)) == [""] * 2
    assert allocated(["a", "", "b"], zones(a=4, b=4)) == [""] * 3
    assert allocated(["a", "b", "b"], [*zones(a=4, b=4), Site(5, "", 4)]) == [""] * 3


def test_no_allocation_where_some_endpoint_would_be_overloaded() -> None:
    """Three zones with equal cores and four endpoints: each needs at least 2 (1.33 / 1.2 rounded up)."""
    assert allocated(["a", "a", "b", "c"], zones(a=4, b=4, c=4)) == [""] * 4


@given(cores=some.lists(some.integers(1, 64), min_size=2, max_size=5), data=some.data())
def test_no_endpoint_of_an_allocation_has_a_fifth_more_load_than_its_share(
    cores: list[int], data: some.DataObject
) -> None:
    """Load of an endpoint is its zone's share of the cores over the zone's endpoints; and hints, where there are any,
    are for all."""
    sites = [Site(number, f"z{number}", count) for number, count in enumerate(cores)]
    places = data.draw(some.lists(some.integers(0, len(cores) - 1), min_size=1, max_size=60))
    found = allocated([f"z{place}" for place in places], sites)
    assert len(found) == len(places)
    if not any(found):
        return
    assert all(found)
    counts, total = Counter(found), sum(cores)
    for number, count in enumerate(cores):
        desired = count * len(places) / total
        # redistribution moves whole endpoints, and stops below half of one that is lacking
        assert counts[f"z{number}"] > max(desired, -(-desired * 5 // 6)) - 1


def test_auto_keeps_traffic_in_zones_where_the_allocation_succeeds() -> None:
    ends = [Backend(number, number % 4) for number in range(12)]
    found = views_of(service(distribution="Auto"), False, ends, SITES)
    assert found[0] == found[1]
    assert sorted(found[0] + found[2] + found[3]) == list(range(12))
    assert [len(found[node]) for node in (0, 2, 3)] == [6, 3, 3]
    few = views_of(service(distribution="Auto"), False, ends[:2], SITES)
    assert set(few.values()) == {(0, 1)}


def test_every_node_has_a_view_or_none_has() -> None:
    words = ("", "PreferClose", "PreferSameNode", "Auto")
    for word, policy, outside in product(words, (TrafficPolicy.CLUSTER, TrafficPolicy.LOCAL), (False, True)):
        found = views_of(service(distribution=word, internal_policy=policy), outside, ENDS, SITES)
        assert set(found) in (set(), {0, 1, 2, 3})
