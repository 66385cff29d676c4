"""Calico's allocator: blocks of the pool become affine to nodes on demand; without a free one a node borrows.

Source: projectcalico/calico design/ipam/DESIGN.md: block size /26, at most 20 blocks for a node. Calico picks
a node's next block pseudo-randomly; here it is the first free one.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from netsim.ipam import AddressesExhausted, Nodes, Pods, fitting_prefix

MOST_BLOCKS = 20


class _Pool:
    """The blocks of one pool: which node has which, and how much of each is used."""

    def __init__(self, cidr: IPv4Network, prefix: int) -> None:
        self.size = 1 << 32 - prefix
        self._free: Iterator[IPv4Network] = iter(
            cidr.subnets(new_prefix=prefix) if cidr.prefixlen <= prefix else ()
        )
        self._used: dict[IPv4Network, int] = {}
        self._owned: dict[str, list[IPv4Network]] = {}
        self._open: list[
            IPv4Network
        ] = []  # blocks in the order of their claims, full ones dropped from the front

    def take(self, node: str) -> IPv4Address | None:
        """The next address for the node, from its own blocks, a new one, or a block of another node."""
        blocks = self._owned.setdefault(node, [])
        if blocks and self._used[blocks[-1]] < self.size:
            return self._next(blocks[-1])
        block = next(self._free, None) if len(blocks) < MOST_BLOCKS else None
        if block is None:
            return self._borrow()
        blocks.append(block)
        self._open.append(block)
        self._used[block] = 0
        return self._next(block)

    def _next(self, block: IPv4Network) -> IPv4Address:
        self._used[block] += 1
        return block[self._used[block] - 1]

    def _borrow(self) -> IPv4Address | None:
        self._open = [block for block in self._open if self._used[block] < self.size]
        return self._next(self._open[0]) if self._open else None


def allocate(
    pods: Pods, nodes: Nodes, cidr: IPv4Network, prefix: int = 26, per_node: int = 0
) -> dict[str, IPv4Address]:
    """Addresses by pod from blocks of ``prefix``; every node's tunnel devices take ``per_node`` first."""
    placed = tuple(pods)
    pool = _Pool(cidr, prefix)
    devices = [pool.take(node) for node in sorted(nodes) for _ in range(per_node)]
    addresses = {pod: address for pod, node in placed if (address := pool.take(node)) is not None}
    wanted = len(devices) + len(placed)
    if len(addresses) < len(placed) or None in devices:
        raise AddressesExhausted(_message(cidr, prefix, wanted, placed))
    return addresses


def _message(cidr: IPv4Network, prefix: int, wanted: int, pods: tuple[tuple[str, str], ...]) -> str:
    if wanted <= cidr.num_addresses and cidr.prefixlen <= prefix:
        return (
            f"{len(pods)} pods want addresses, and a node may have no more than {MOST_BLOCKS} blocks "
            f"of /{prefix}; a larger block or more nodes would fit"
        )
    return (
        f"the pool {cidr} has {cidr.num_addresses} addresses in blocks of /{prefix} for {len(pods)} pods and "
        f"{wanted - len(pods)} tunnel devices; a /{min(fitting_prefix(wanted), prefix)} would fit"
    )
