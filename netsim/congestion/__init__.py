"""The congestion controls of TCP: plain integer functions, one file each.

Every module has

- ``grow(cwnd, acked, clock, memory) -> int``: the window after ``acked`` segments in congestion avoidance;
  ``clock`` is (now, smoothed round trip, least round trip) in us
- ``shrink(cwnd, memory) -> int``: the slow-start threshold after a loss
- ``mark(cwnd, memory) -> int``: the same after an ECN mark, at most once in a round trip
- ``window(acked, marked, memory)``: a round trip is over, in which so many segments were acknowledged and marked
- ``reset(memory)``: a timeout makes it forget
- ``idle(time, memory)``: nothing was sent for ``time`` us

Windows are segments. ``memory`` are MEMORY integers that belong to one connection, zero at its start. All is int64
arithmetic, so that a compiler may take it as it is.
"""

from types import ModuleType

from netsim.registry import Registry

MEMORY = 8
_REGISTRY = Registry(__name__, "congestion control")


def names() -> tuple[str, ...]:
    """The names of all kinds in this folder."""
    return _REGISTRY.names()


def load(name: str) -> ModuleType:
    """The module of a kind; raises UsageError where there is none of that name."""
    return _REGISTRY.load(name)
