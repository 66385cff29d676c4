"""The balancing strategies: one pure function over whole numbers each.

Every module has ``choose(options, bits, turn, flow, loads) -> int``: an option in ``range(options)`` from 64
random ``bits``, the ``turn`` (choices made before), the ``flow`` (a number that stands for its 5-tuple) and
the open connections of each option. They are plain int64 arithmetic, so that a compiler may take them as they
are.
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
