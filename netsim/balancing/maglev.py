"""Maglev: consistent hashing by a table in which every option has nearly the same number of entries.

Source: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, section 3.4.
"""

from array import array
from collections.abc import Sequence
from functools import lru_cache

from netsim.balancing._hash import scatter

SIZE = 16_381  # entries, a prime: Cilium's bpf-lb-maglev-table-size. IPVS's mh has 4,093.
OFFSET, SKIP = 0x2C1B3C6D, 0x297A2D39


@lru_cache(maxsize=512)
def table(names: tuple[int, ...]) -> "array[int]":
    """The option of every entry: the options take turns, each claiming the next free entry of a permutation of its
    own, which comes from its name alone. The result does not depend on the order in which the options stand."""
    order = sorted(range(len(names)), key=names.__getitem__)
    places = [scatter(names[option], OFFSET) % SIZE for option in order]
    skips = [scatter(names[option], SKIP) % (SIZE - 1) + 1 for option in order]
    entries = array("i", [-1]) * SIZE
    filled = 0
    while True:
        for turn, option in enumerate(order):
            place, skip = places[turn], skips[turn]
            while entries[place] >= 0:
                place = (place + skip) % SIZE
            entries[place] = option
            places[turn] = (place + skip) % SIZE
            filled += 1
            if filled == SIZE:
                return entries


def choose(names: Sequence[int], bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """The option in the table's entry that ``flow`` hashes to."""
    return table(tuple(map(int, names)))[scatter(flow) % SIZE]
