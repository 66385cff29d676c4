"""The address allocators that CNI plugins use, one file each.

Every module has ``allocate(pods, nodes, cidr, ...)``: ``pods`` are (``ns/name``, node) pairs in the order of
their names, without those on the host network; ``nodes`` are the names of all nodes, or a mapping of them to
podCIDRs of their own (None: to be given one). It gives each pod's address, or raises AddressesExhausted.
``Pool(nodes, cidr, ...)`` does the same one by one, while pods come and go.
"""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from ipaddress import IPv4Address, IPv4Network
from types import ModuleType
from typing import Protocol

from netsim.registry import Registry

Pods = Iterable[tuple[str, str]]
Nodes = Collection[str] | Mapping[str, IPv4Network | None]
Allocator = Callable[[Pods, Nodes, IPv4Network], dict[str, IPv4Address]]


class Pool(Protocol):
    """The addresses of a cluster that runs."""

    def take(self, node: str) -> IPv4Address | None:
        """An address for a pod of the node, None where there is none left for it."""

    def give(self, node: str, address: IPv4Address) -> None:
        """Take back the address of a pod of the node."""


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


def pool_of(allocate: Allocator, nodes: Nodes, cidr: IPv4Network) -> Pool:
    """The pool, nothing taken yet, whose addresses ``allocate`` hands out; raises AddressesExhausted if it has none."""
    plain, settings = (allocate.func, allocate.keywords) if isinstance(allocate, partial) else (allocate, {})
    pool: Pool = sys.modules[plain.__module__].Pool(nodes, cidr, **settings)
    return pool
