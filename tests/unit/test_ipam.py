"""The address allocators: no address twice, each node's own rule, and a clear word when there are no more."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as some

from netsim import cni, ipam
from netsim.ipam import AddressesExhausted, calico_blocks, fitting_prefix, host_local, weave_ring

Placed = list[tuple[str, str]]
CIDR = IPv4Network("10.244.0.0/16")
NODES = [f"node-{number}" for number in range(5)]
placements = some.lists(some.sampled_from(NODES), max_size=300).map(
    lambda nodes: [(f"ns/pod-{number:03}", node) for number, node in enumerate(nodes)]
)


def pods_of(**counts: int) -> Placed:
    return sorted(
        (f"ns/{node}-{number:04}", node) for node, count in counts.items() for number in range(count)
    )


def check_unique_and_inside(found: dict[str, IPv4Address], pods: Placed, cidr: IPv4Network) -> None:
    assert set(found) == {pod for pod, _ in pods}
    assert len(set(found.values())) == len(pods)
    assert all(address in cidr for address in found.values())


def test_allocators_are_known_by_their_names() -> None:
    assert ipam.names() == ("calico-blocks", "host-local", "weave-ring")
    assert ipam.load("host-local") is host_local


def test_every_plugin_names_an_allocator_that_exists() -> None:
    for module in map(cni.load, cni.names()):
        for config in module.variants():
            assert module.ipam(config) is None or ipam.load(module.ipam(config)).allocate


@pytest.mark.parametrize("name", ipam.names())
@given(pods=placements)
def test_no_address_twice_and_all_inside(name: str, pods: Placed) -> None:
    found = ipam.load(name).allocate(pods, NODES, CIDR)
    check_unique_and_inside(found, pods, CIDR)
    assert found == ipam.load(name).allocate(pods, list(reversed(NODES)), CIDR)


@given(pods=placements)
def test_host_local_stays_in_the_nodes_slice_and_off_its_reserved_addresses(pods: Placed) -> None:
    slices = dict(zip(NODES, CIDR.subnets(new_prefix=24), strict=False))
    for pod, node in pods:
        address = host_local.allocate(pods, NODES, CIDR)[pod]
        assert address in slices[node]
        assert address not in (slices[node][0], slices[node][1], slices[node][-1])


def test_host_local_keeps_a_nodes_own_podcidr_and_gives_nobody_else_that_slice() -> None:
    own = IPv4Network("10.244.0.0/24")
    found = host_local.allocate(
        [("ns/a", "node-a"), ("ns/b", "node-b")], {"node-a": None, "node-b": own}, CIDR
    )
    assert found == {"ns/a": IPv4Address("10.244.1.2"), "ns/b": IPv4Address("10.244.0.2")}


def test_host_local_fills_a_slice_to_the_last_address() -> None:
    found = host_local.allocate(pods_of(a=253), ["a"], CIDR)
    assert max(found.values()) == IPv4Address("10.244.0.254")
    with pytest.raises(
        AddressesExhausted, match=r"node a has 254 pods.* 253 addresses for pods; a /23 for each"
    ):
        host_local.allocate(pods_of(a=254), ["a"], CIDR)


def test_host_local_says_when_there_are_more_nodes_than_slices() -> None:
    with pytest.raises(
        AddressesExhausted, match=r"/23 has 2 free slices of /24 for 3 nodes; a /22 would fit"
    ):
        host_local.allocate([], ["a", "b", "c"], IPv4Network("10.244.0.0/23"))
    with pytest.raises(
        AddressesExhausted, match=r"/25 has 0 free slices of /24 for 1 nodes; a /24 would fit"
    ):
        host_local.allocate([], ["a"], IPv4Network("10.244.0.0/25"))


@given(pods=placements)
def test_calico_gives_each_node_whole_blocks_while_there_are_any(pods: Placed) -> None:
    owners: dict[IPv4Network, set[str]] = {}
    for pod, node in pods:
        block = IPv4Network((int(calico_blocks.allocate(pods, NODES, CIDR)[pod]) & ~63, 26))
        owners.setdefault(block, set()).add(node)
    assert all(len(nodes) == 1 for nodes in owners.values())
    for name in NODES:
        blocks = sum(nodes == {name} for nodes in owners.values())
        assert blocks == -(-sum(node == name for _, node in pods) // 64)


def test_calico_borrows_when_no_block_is_free() -> None:
    pool = IPv4Network("10.0.0.0/25")
    pods = [*pods_of(a=1, b=1), *((f"ns/z{number}", "c") for number in range(3))]
    found = calico_blocks.allocate(pods, ["a", "b", "c"], pool)
    assert [str(found[f"ns/z{number}"]) for number in range(3)] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_calico_borrows_behind_its_twentieth_block() -> None:
    pods = [("ns/a", "b"), *pods_of(c=1281)]
    found = calico_blocks.allocate(pods, ["b", "c"], CIDR)
    last = found["ns/c-1280"]
    assert last in IPv4Network("10.244.0.0/26"), "node b has the first block"
    with pytest.raises(
        AddressesExhausted, match="no more than 20 blocks of /26; a larger block or more nodes"
    ):
        calico_blocks.allocate(pods_of(c=1281), ["c"], CIDR)


def test_calico_counts_the_tunnels_own_addresses() -> None:
    pool = IPv4Network("10.0.0.0/26")
    assert len(calico_blocks.allocate(pods_of(a=63), ["a"], pool, per_node=1)) == 63
    with pytest.raises(
        AddressesExhausted, match=r"64 addresses .* for 64 pods and 1 tunnel devices; a /25 would"
    ):
        calico_blocks.allocate(pods_of(a=64), ["a"], pool, per_node=1)
    calico = cni.load("calico")
    assert calico.allocator(calico.Config())([("ns/a", "a")], ["a"], pool) == {"ns/a": pool[1]}
    assert calico.allocator(calico.Config(encapsulation="None"))([("ns/a", "a")], ["a"], pool) == {
        "ns/a": pool[0]
    }


def test_calico_needs_a_pool_of_at_least_a_block() -> None:
    with pytest.raises(AddressesExhausted, match="a /26 would fit"):
        calico_blocks.allocate(pods_of(a=1), ["a"], IPv4Network("10.0.0.0/27"))


def test_weave_shares_the_range_equally_and_takes_the_first_for_bridges() -> None:
    cidr = IPv4Network("10.32.0.0/24")
    found = weave_ring.allocate(pods_of(a=1, b=1), ["a", "b"], cidr)
    assert [str(found[pod]) for pod in ("ns/a-0000", "ns/b-0000")] == ["10.32.0.2", "10.32.0.129"]


def test_weave_peer_without_space_is_given_the_upper_half_of_anothers() -> None:
    cidr = IPv4Network("10.32.0.0/28")  # a: 1 to 7, b: 8 to 14
    found = weave_ring.allocate(pods_of(a=7), ["a", "b"], cidr)
    assert [int(address) & 15 for address in sorted(found.values())] == [2, 3, 4, 5, 6, 7, 12]


def test_weave_uses_every_address_before_it_gives_up() -> None:
    cidr = IPv4Network("10.32.0.0/28")
    check_unique_and_inside(weave_ring.allocate(pods_of(a=12), ["a", "b"], cidr), pods_of(a=12), cidr)
    with pytest.raises(AddressesExhausted, match=r"14 addresses for 13 pods and 2 bridges; a /27 would fit"):
        weave_ring.allocate(pods_of(a=13), ["a", "b"], cidr)


@pytest.mark.parametrize(("addresses", "prefix"), [(1, 32), (2, 31), (3, 30), (256, 24), (257, 23)])
def test_fitting_prefix(addresses: int, prefix: int) -> None:
    assert fitting_prefix(addresses) == prefix
    assert IPv4Network((0, prefix)).num_addresses >= addresses
