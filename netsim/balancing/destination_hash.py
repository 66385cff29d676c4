"""Destination hash: every flow to one address goes to the same option, as with IPVS's dh."""

from collections.abc import Sequence

from netsim.balancing._hash import scatter


def choose(names: Sequence[int], bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """One option for all: a Service has one address, which hashes to one bucket of IPVS's table (ip_vs_dh.c).

    The address is not known here; the first option's name stands for it, so that Services differ.
    """
    return scatter(names[0]) * len(names) >> 32
