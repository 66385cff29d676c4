"""Source hash: a flow always goes the same way, as with ECMP and L4 cloud load balancers."""

from collections.abc import Sequence

from netsim.balancing._hash import scatter


def choose(names: Sequence[int], bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """The option that ``flow`` hashes to; another number of options moves nearly all flows."""
    return scatter(flow) * len(names) >> 32
