"""Calico's allocator: blocks of the pool become affine to nodes on demand; without a free one a node borrows.

Source: projectcalico/calico design/ipam/DESIGN.md: block size /26, at most 20 blocks for a node. Calico picks
a node's next block pseudo-randomly; here it is the first free one. Within a block, addresses go round: what was freed
last is used again last. Blocks that become empty stay with their node.
"""

from collections import deque
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from netsim.ipam import AddressesExhausted, Nodes, Pods, fitting_prefix

MOST_BLOCKS = 20


class Pool:
    """The blocks of one pool: which node has which, and what is free in each."""

    def __init__(self, nodes: Nodes, cidr: IPv4Network, prefix: int = 26, per_node: int = 0) -> None:
        self.size = 1 << 32 - prefix
        self.prefix = prefix
        self._free: Iterator[IPv4Network] = iter(cidr.subnets(new_prefix=prefix) if cidr.prefixlen <= prefix else ())
        self._room: dict[IPv4Network, deque[int]] = {}  # numbers within the block
        self._owned: dict[str, list[IPv4Network]] = {}
        self._open: dict[IPv4Network, None] = {}  # blocks in the order of their claims, full ones dropped late
        self.devices = [self.take(node) for node in sorted(nodes) for _ in range(per_node)]

    def take(self, node: str) -> IPv4Address | None:
        """The next address for the node, from its own blocks, a new one, or a block of another node."""
        blocks = self._owned.setdefault(node, [])
        mine = next((block for block in reversed(blocks) if self._room[block]), None)
        if mine is None and len(blocks) < MOST_BLOCKS and (mine := next(self._free, None)) is not None:
            blocks.append(mine)
            self._room[mine] = deque(range(self.size))
            self._open[mine] = None
        return self._next(mine) if mine is not None else self._borrow()

    def give(self, node: str, address: IPv4Address) -> None:
        """The address is free again, in whoever's block it is."""
        block = IPv4Network((address, self.prefix), strict=False)
        self._room[block].append(int(address) - int(block.network_address))
        self._open.setdefault(block, None)

    def _next(self, block: IPv4Network) -> IPv4Address:
        return block[self._room[block].popleft()]

    def _borrow(self) -> IPv4Address | None:
        for block in list(self._open):
            if self._room[block]:
                return self._next(block)
            del self._open[block]
        return None


def allocate(
    pods: Pods, nodes: Nodes, cidr: IPv4Network, prefix: int = 26, per_node: int = 0
) -> dict[str, IPv4Address]:
    """Addresses by pod from blocks of ``prefix``; every node's tunnel devices take ``per_node`` first."""
    placed = tuple(pods)
    pool = Pool(nodes, cidr, prefix, per_node)
    addresses = {pod: address for pod, node in placed if (address := pool.take(node)) is not None}
    wanted = len(pool.devices) + len(placed)
    if len(addresses) < len(placed) or None in pool.devices:
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
