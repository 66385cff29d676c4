"""Source hash: a flow always goes the same way, as with ECMP, Maglev and L4 cloud load balancers."""

from collections.abc import Sequence


def choose(options: int, bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """The option that ``flow``, a number that stands for the 5-tuple, hashes to.

    Two rounds of multiply and shift on 32 bits; no product leaves 63 bits, so that int64 arithmetic agrees.
    """
    x = (flow ^ flow >> 31) & 0x7FFFFFFF
    x = x * 0x9E3779B1 & 0xFFFFFFFF
    x ^= x >> 15
    x = (x & 0x7FFFFFFF) * 0x85EBCA77 & 0xFFFFFFFF
    x ^= x >> 13
    return x * options >> 32
