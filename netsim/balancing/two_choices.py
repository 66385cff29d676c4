"""Two choices: the less loaded of two options picked at random, as Envoy's least request and nginx's random two."""

from collections.abc import Sequence


def choose(names: Sequence[int], bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """The first of the two where they are equal; both may be the same option.

    Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12 (2001).
    """
    options = len(names)
    one = (bits >> 33 & 0x7FFFFFFF) * options >> 31
    other = (bits >> 2 & 0x7FFFFFFF) * options >> 31
    return other if loads[other] < loads[one] else one
