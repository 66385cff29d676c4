"""Weave's allocator: peers share the range as a ring; one that runs out gets half of another's free space.

Source: weaveworks/weave ipam/ring, ipam/space, site/concepts/ip-addresses.md. Weave asks peers at random,
weighted by their free space; here the one with the most is asked. Each node's bridge takes an address.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from netsim.ipam import AddressesExhausted, Nodes, Pods, fitting_prefix

Chunk = list[int]  # first free address, first address behind


def allocate(pods: Pods, nodes: Nodes, cidr: IPv4Network) -> dict[str, IPv4Address]:
    """Addresses by pod; the range's first and last addresses are left out."""
    placed = tuple(pods)
    peers = sorted(nodes)
    wanted = len(placed) + len(peers)
    room = max(cidr.num_addresses - 2, 0)
    if wanted > room:
        raise AddressesExhausted(
            f"the range {cidr} has {room} addresses for {len(placed)} pods and {len(peers)} bridges; "
            f"a /{fitting_prefix(wanted + 2)} would fit"
        )
    ring = _equal_parts(peers, int(cidr.network_address) + 1, int(cidr.broadcast_address))
    for peer in peers:
        _take(ring, peer)
    return {pod: IPv4Address(_take(ring, node)) for pod, node in placed}


def _equal_parts(peers: Sequence[str], first: int, end: int) -> dict[str, list[Chunk]]:
    bounds = [first + (end - first) * number // len(peers) for number in range(len(peers) + 1)]
    return {peer: [[bounds[number], bounds[number + 1]]] for number, peer in enumerate(peers)}


def _take(ring: dict[str, list[Chunk]], peer: str) -> int:
    chunks = ring[peer]
    if not chunks or chunks[0][0] == chunks[0][1]:
        chunks[:] = [chunk for chunk in chunks if chunk[0] < chunk[1]] or [_donated(ring)]
    chunks[0][0] += 1
    return chunks[0][0] - 1


def _donated(ring: dict[str, list[Chunk]]) -> Chunk:
    """The upper half of the largest free chunk of the peer with the most free space."""
    donor = max(sorted(ring), key=lambda peer: sum(end - first for first, end in ring[peer]))
    largest = max(ring[donor], key=lambda chunk: chunk[1] - chunk[0])
    middle = largest[0] + (largest[1] - largest[0]) // 2
    given = [middle, largest[1]]
    largest[1] = middle
    return given
