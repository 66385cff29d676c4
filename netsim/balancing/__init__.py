"""The balancing strategies: one pure function over whole numbers each.

Every module has ``choose(names, bits, turn, flow, loads) -> int``: one of the options in ``range(len(names))``, from
the stable number that stands for each option's name, 64 random ``bits``, the ``turn`` (choices made before), the
``flow`` (a number that stands for what is hashed: its 5-tuple, or the client's address alone) and the open connections
of each option. They are plain int64 arithmetic, so that a compiler may take them as they are; those that look a table
up make it with a function ``table(names)`` of its own, once for each set of options.
"""

from types import ModuleType

from netsim.registry import Registry

_REGISTRY = Registry(__name__, "balancing strategy")


def names() -> tuple[str, ...]:
    """The names of all kinds in this folder."""
    return _REGISTRY.names()


def load(name: str) -> ModuleType:
    """The module of a kind; raises UsageError where there is none of that name."""
    return _REGISTRY.load(name)
