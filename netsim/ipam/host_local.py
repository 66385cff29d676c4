"""host-local: every node has a slice of the cluster's podCIDR and hands out its addresses in order.

The slice's first address names the network, its second is the bridge's, its last is the broadcast address. The search
for the next address begins behind the one given last and goes round, so that a free one is not used again at once.
Source: containernetworking/plugins plugins/ipam/host-local; Kubernetes --node-cidr-mask-size (24).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network

from netsim.ipam import AddressesExhausted, Nodes, Pods, fitting_prefix

RESERVED = 3


class Pool:
    """Every node's slice, the addresses in use, and the one given last."""

    def __init__(self, nodes: Nodes, cidr: IPv4Network, prefix: int = 24) -> None:
        self.slices = _slices(nodes, cidr, prefix)
        self.used: dict[str, set[int]] = {node: set() for node in self.slices}
        self.last = dict.fromkeys(self.slices, 0)

    def take(self, node: str) -> IPv4Address | None:
        """The next free address of the node's slice, in a circle."""
        room, used = self.slices[node].num_addresses - RESERVED, self.used[node]
        if len(used) >= room:
            return None
        place = self.last[node]
        while place in used:
            place = (place + 1) % room
        used.add(place)
        self.last[node] = (place + 1) % room
        return self.slices[node][place + 2]

    def give(self, node: str, address: IPv4Address) -> None:
        """The address is free again."""
        self.used[node].remove(int(address) - int(self.slices[node].network_address) - 2)


def allocate(pods: Pods, nodes: Nodes, cidr: IPv4Network, prefix: int = 24) -> dict[str, IPv4Address]:
    """Addresses by pod; nodes without a podCIDR get slices of ``prefix``, in the order of their names."""
    placed = tuple(pods)
    slices = _slices(nodes, cidr, prefix)
    _check_room(placed, slices)
    # hosts() leaves out the network's and the broadcast address; the first of the rest is the bridge's.
    free = {node: iter(list(part.hosts())[1:]) for node, part in slices.items()}
    return {pod: next(free[node]) for pod, node in placed}


def _check_room(pods: tuple[tuple[str, str], ...], slices: dict[str, IPv4Network]) -> None:
    for node, count in Counter(node for _, node in pods).items():
        room = slices[node].num_addresses - RESERVED
        if count > room:
            raise AddressesExhausted(
                f"node {node} has {count} pods, and its podCIDR {slices[node]} has {max(room, 0)} addresses "
                f"for pods; a /{fitting_prefix(count + RESERVED)} for each node would fit"
            )


def _slices(nodes: Nodes, cidr: IPv4Network, prefix: int) -> dict[str, IPv4Network]:
    podcidrs = nodes if isinstance(nodes, Mapping) else {}
    own = {node: part for node, part in podcidrs.items() if part is not None}
    others = sorted(set(nodes) - set(own))
    free = _free_slices(cidr, prefix, tuple(own.values()))
    given = dict(zip(others, free, strict=False))
    if len(given) < len(others):
        needed = fitting_prefix(len(others) << 32 - prefix)
        raise AddressesExhausted(
            f"the cluster's podCIDR {cidr} has {len(given)} free slices of /{prefix} "
            f"for {len(others)} nodes; a /{max(needed, 0)} would fit"
        )
    return own | given


def _free_slices(cidr: IPv4Network, prefix: int, taken: tuple[IPv4Network, ...]) -> Iterator[IPv4Network]:
    if cidr.prefixlen > prefix:
        return
    for part in cidr.subnets(new_prefix=prefix):
        if not any(part.overlaps(other) for other in taken):
            yield part
