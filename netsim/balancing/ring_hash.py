"""Ring hash: a flow goes to the next of many points that the options have on a ring of hashes.

Source: Karger et al., "Consistent Hashing and Random Trees", STOC 1997; libketama, and nginx's ``hash consistent``.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from netsim.balancing._hash import scatter

POINTS = 160  # per option: libketama, nginx
WORD = 0x7FFFFFFF


@lru_cache(maxsize=512)
def table(names: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The points in the order of the ring, and the option of each."""
    points = sorted(
        (scatter(scatter(name, number) & WORD, number), name, option)
        for option, name in enumerate(names)
        for number in range(POINTS)
    )
    return tuple(place for place, _, _ in points), tuple(option for _, _, option in points)


def choose(names: Sequence[int], bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """The option of the first point at or behind the one that ``flow`` hashes to."""
    places, options = table(tuple(map(int, names)))
    return options[bisect_left(places, scatter(flow)) % len(options)]
