"""Load balancers: every kind has its contract, and MetalLB's leader is the one that MetalLB elects."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from netsim.entry import balancers
from netsim.entry.balancers import metallb_bgp, metallb_l2
from netsim.errors import UsageError
from netsim.model.balancer import Balancing

NODES = st.lists(st.text("abcdefghij-0123456789", min_size=1, max_size=12), unique=True, max_size=12)


def test_every_kind_is_here() -> None:
    assert balancers.names() == ("metallb-bgp", "metallb-l2", "passthrough", "pods", "proxy")


@pytest.mark.parametrize("name", balancers.names())
def test_a_kind_is_called_as_its_file_and_balances_as_it_says(name: str) -> None:
    module = balancers.load(name)
    found = module.balancer(module.Config())
    assert found.kind == name
    machine = {"passthrough": Balancing.FORWARDS, "pods": Balancing.FORWARDS, "proxy": Balancing.TERMINATES}
    assert found.balancing is machine.get(name, Balancing.ANNOUNCES)
    assert found.to_pods == (name == "pods")


def test_unknown_kind_is_told_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"There is no load balancer 'metallb'. .*Known: metallb-bgp, metallb-l2,"):
        balancers.load("metallb")


@given(NODES, st.ip_addresses(v=4).map(str))
def test_the_leader_has_the_least_hash_of_node_and_address(nodes: list[str], address: str) -> None:
    """As speaker/layer2_controller.go: the first of the nodes sorted by SHA-256 of `node#address`."""
    found = metallb_l2.entry_nodes(address, tuple(nodes))
    if not nodes:
        assert found == ()
        return
    digests = {node: sha256(f"{node}#{address}".encode()).hexdigest() for node in nodes}
    assert found == (min(digests, key=digests.__getitem__),)


@given(NODES, st.ip_addresses(v=4).map(str))
def test_only_the_leaders_own_failure_moves_an_address(nodes: list[str], address: str) -> None:
    leader = metallb_l2.entry_nodes(address, tuple(nodes))
    for node in nodes:
        rest = tuple(other for other in nodes if other != node)
        moved = metallb_l2.entry_nodes(address, rest) != leader
        assert moved == ((node,) == leader)


def test_the_order_of_nodes_does_not_matter() -> None:
    nodes = tuple(f"node-{number}" for number in range(9))
    assert metallb_l2.entry_nodes("192.0.2.1", nodes) == metallb_l2.entry_nodes("192.0.2.1", nodes[::-1])


def test_leaders_of_many_addresses_are_spread() -> None:
    nodes = tuple(f"node-{number}" for number in range(5))
    leaders = [metallb_l2.entry_nodes(f"192.0.2.{number}", nodes)[0] for number in range(250)]
    counts = [leaders.count(node) for node in nodes]
    # A fifth each, within four standard deviations of a binomial.
    assert all(abs(count - 50) < 4 * (250 * 0.2 * 0.8) ** 0.5 for count in counts), counts


def test_every_node_announces_by_bgp() -> None:
    assert metallb_bgp.entry_nodes("192.0.2.1", ("a", "b")) == ("a", "b")


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("passthrough", "strategy", "round-robbin"),
        ("passthrough", "bandwidth", "0Gbit"),
        ("passthrough", "work", "0s"),
        ("proxy", "choice", "packet"),
        ("proxy", "cores", 0),
        ("metallb-l2", "strategy", "random"),
    ],
)
def test_senseless_values_are_refused(kind: str, field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        balancers.load(kind).Config(**{field: value})
