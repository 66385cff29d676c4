"""The fabrics: which links join the machines, one file each.

Every module has a ``Config`` and ``topology(config, machines)``.
"""

from types import ModuleType

from netsim.registry import Registry

_REGISTRY = Registry(__name__, "fabric", "-")


class FabricError(ValueError):
    """The fabric's configuration does not fit the machines; the message says what would."""


def names() -> tuple[str, ...]:
    """The names of all kinds in this folder."""
    return _REGISTRY.names()


def load(name: str) -> ModuleType:
    """The module of a kind; raises UsageError where there is none of that name."""
    return _REGISTRY.load(name)
