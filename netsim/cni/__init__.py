"""The CNI plugins: one file each, ordered stages and claims, no numbers."""

from types import ModuleType

from netsim.registry import Registry

_REGISTRY = Registry(__name__, "CNI plugin", "-")


def names() -> tuple[str, ...]:
    """The names of all kinds in this folder."""
    return _REGISTRY.names()


def load(name: str) -> ModuleType:
    """The module of a kind; raises UsageError where there is none of that name."""
    return _REGISTRY.load(name)
