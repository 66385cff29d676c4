"""The address allocators that CNI plugins use, one file each.

Every module has ``allocate(pods, nodes, cidr, ...)``: ``pods`` are (``ns/name``, node) pairs in the order of
their names, without those on the host network; ``nodes`` are the names of all nodes, or a mapping of them to
podCIDRs of their own (None: to be given one). It gives each pod's address, or raises AddressesExhausted.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network
from types import ModuleType

from netsim.registry import Registry

Pods = Iterable[tuple[str, str]]
Nodes = Collection[str] | Mapping[str, IPv4Network | None]
Allocator = Callable[[Pods, Nodes, IPv4Network], dict[str, IPv4Address]]

_REGISTRY = Registry(__name__, "address allocator", "-")


class AddressesExhausted(ValueError):  # noqa: N818 - it is a state, which the message describes
    """There are more pods than addresses; the message says where and what would fit."""


def names() -> tuple[str, ...]:
    """The names of all kinds in this folder."""
    return _REGISTRY.names()


def load(name: str) -> ModuleType:
    """The module of a kind; raises UsageError where there is none of that name."""
    return _REGISTRY.load(name)


def fitting_prefix(addresses: int) -> int:
    """The longest prefix whose network has at least ``addresses`` addresses."""
    return 32 - (addresses - 1).bit_length()
