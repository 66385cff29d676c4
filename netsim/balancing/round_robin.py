"""Round robin: one option after the other."""

from collections.abc import Sequence


def choose(names: Sequence[int], bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """The option whose turn it is; ``turn`` counts the choices made before."""
    return turn % len(names)
