"""Addressed chance: a draw is a look-up by (seed, who, purpose, index), never the next of a sequence."""

from collections.abc import Sequence
from hashlib import blake2b

MASK = (1 << 64) - 1
CELLS = 4096  # equally likely cells of a law's table
FINE = 1024  # cells of the finer table that covers the top 1/1024
LAW_SIZE = CELLS + 1 + FINE + 1
UNITY = 1 << 16  # a jitter factor of one
_TAIL = MASK + 1 - (1 << 54)
_FRACTION = (1 << 20) - 1


def name_key(name: str) -> int:
    """A stable 63-bit number for an entity's name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") >> 1


def mix(seed: int, who: int, purpose: int, index: int) -> int:
    """64 well-mixed bits for one address: splitmix64's finaliser over a linear combination.

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    x = (seed * 0x9E3779B97F4A7C15 + who * 0xD1B54A32D192ED03 + purpose * 0x8CB92BA72F3D8DD7) & MASK
    x = (x ^ (x >> 32)) + index * 0xABC98388FB8FAC03 & MASK
    x ^= x >> 30
    x = x * 0xBF58476D1CE4E5B9 & MASK
    x ^= x >> 27
    x = x * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def draw(table: Sequence[int], bits: int) -> int:
    """The value of a law's table (``LAW_SIZE`` knots) at 64 random bits, linear between knots."""
    if bits < _TAIL:
        cell = bits >> 52
        fraction = bits >> 32 & _FRACTION
    else:
        cell = CELLS + 1 + (bits >> 44 & FINE - 1)
        fraction = bits >> 24 & _FRACTION
    low = table[cell]
    return low + ((table[cell + 1] - low) * fraction >> 20)


def remix(bits: int, purpose: int) -> int:
    """64 fresh bits out of ``bits`` that are already well mixed, one set per ``purpose``; cheaper than ``mix``."""
    x = (bits ^ purpose) * 0x9FB21C651E98DF25 & MASK
    x ^= x >> 32
    return x * 0xD6E8FEB86659FD93 & MASK


def pick(bits: int, options: int) -> int:
    """One of ``options`` equally likely numbers from 0 on; it takes the top bits, since those of ``remix`` mix best."""
    return (bits >> 33) * options >> 31
