"""Least connections: the option with the fewest open connections, in turn among equals."""

from collections.abc import Sequence


def choose(names: Sequence[int], bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """The option with the least of ``loads``; among equals the one whose turn it is, as in HAProxy.

    IPVS's lc has the same effect: it adds 1/256 for every connection that was closed a short time ago.
    """
    options = len(names)
    best = turn % options
    for offset in range(1, options):
        option = (turn + offset) % options
        if loads[option] < loads[best]:
            best = option
    return best
