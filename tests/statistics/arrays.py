"""Addressed chance once more, over whole arrays: the same bits as netsim.chance, fast enough for statistics."""

import numpy as np

from netsim.chance import CELLS, FINE

Bits = np.ndarray  # uint64, or int64 for values


def word(value: int) -> np.uint64:
    """A Python integer as 64 bits."""
    return np.uint64(value & (1 << 64) - 1)


def mix(seed: Bits | int, who: int, purpose: int, index: Bits | int) -> Bits:
    """64 bits for each address; ``seed`` and ``index`` may be arrays."""
    seeds, indices = np.asarray(seed, dtype=np.uint64), np.asarray(index, dtype=np.uint64)
    with np.errstate(over="ignore"):
        x = seeds * word(0x9E3779B97F4A7C15) + word(who * 0xD1B54A32D192ED03 + purpose * 0x8CB92BA72F3D8DD7)
        x = (x ^ (x >> word(32))) + indices * word(0xABC98388FB8FAC03)
        x = (x ^ (x >> word(30))) * word(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> word(27))) * word(0x94D049BB133111EB)
    return x ^ (x >> word(31))


def remix(bits: Bits, purpose: Bits | int) -> Bits:
    """Fresh bits for each of ``bits``; ``purpose`` may be an array."""
    with np.errstate(over="ignore"):
        x = (bits ^ np.asarray(purpose, dtype=np.uint64)) * word(0x9FB21C651E98DF25)
        return (x ^ (x >> word(32))) * word(0xD6E8FEB86659FD93)


def draw(table: np.ndarray, bits: Bits) -> np.ndarray:
    """The values of a law's table at these bits."""
    is_top = bits >= word((1 << 64) - (1 << 54))
    cell = np.where(is_top, word(CELLS + 1) + ((bits >> word(44)) & word(FINE - 1)), bits >> word(52)).astype(np.int64)
    fraction = np.where(is_top, bits >> word(24), bits >> word(32)) & word((1 << 20) - 1)
    low = table[cell]
    return low + ((table[cell + 1] - low) * fraction.astype(np.int64) >> 20)


def pick(bits: Bits, options: int) -> np.ndarray:
    """For each of ``bits`` one of ``options`` numbers."""
    return (bits >> word(33)).astype(np.int64) * options >> 31
