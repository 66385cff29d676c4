"""Weave's allocator: peers share the range as a ring; one that runs out gets half of another's free space.

Source: weaveworks/weave ipam/ring, ipam/space, site/concepts/ip-addresses.md. Weave asks peers at random,
weighted by their free space; here the one with the most is asked. Each node's bridge takes an address.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from netsim.ipam import AddressesExhausted, Nodes, Pods, fitting_prefix

Chunk = list[int]  # first free address, first address behind


class Pool:
    """The ring that is being shared; every node's bridge has taken an address of its own."""

    def __init__(self, nodes: Nodes, cidr: IPv4Network) -> None:
        peers = sorted(nodes)
        if len(peers) > max(cidr.num_addresses - 2, 0):
            raise AddressesExhausted(f"the range {cidr} has fewer addresses than the cluster has nodes")
        self.ring = _equal_parts(peers, int(cidr.network_address) + 1, int(cidr.broadcast_address))
        self.room = sum(end - first for chunks in self.ring.values() for first, end in chunks)
        for peer in peers:
            self.take(peer)

    def take(self, node: str) -> IPv4Address | None:
        """The lowest free address of the node, or of the half that another gives it."""
        if not self.room:
            return None
        self.room -= 1
        return IPv4Address(_take(self.ring, node))

    def give(self, node: str, address: IPv4Address) -> None:
        """The address is free again, at the node that used it."""
        self.room += 1
        chunks: list[Chunk] = []
        for first, end in sorted([*self.ring[node], [int(address), int(address) + 1]]):
            if chunks and chunks[-1][1] == first:
                chunks[-1][1] = end
            elif first < end:
                chunks.append([first, end])
        self.ring[node] = chunks


def allocate(pods: Pods, nodes: Nodes, cidr: IPv4Network) -> dict[str, IPv4Address]:
    """Addresses by pod; the range's first and last addresses are left out."""
    placed = tuple(pods)
    wanted = len(placed) + len(nodes)
    room = max(cidr.num_addresses - 2, 0)
    if wanted > room:
        raise AddressesExhausted(
            f"the range {cidr} has {room} addresses for {len(placed)} pods and {len(nodes)} bridges; "
            f"a /{fitting_prefix(wanted + 2)} would fit"
        )
    pool = Pool(nodes, cidr)
    return {pod: address for pod, node in placed if (address := pool.take(node)) is not None}


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
