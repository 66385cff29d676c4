"""Shortest expected delay: the first of the options with the fewest open connections, as IPVS's sed and nq."""

from collections.abc import Sequence


def choose(names: Sequence[int], bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """The option with the least of ``loads`` + 1, the first among equals (net/netfilter/ipvs/ip_vs_sed.c).

    kube-proxy gives all endpoints the same weight; then never queue (ip_vs_nq.c: the first idle one, else this) is
    the same. Connections that are closed do not count, so that an idle Service's work goes to its first endpoints.
    """
    best = 0
    for option in range(1, len(names)):
        if loads[option] < loads[best]:
            best = option
    return best
