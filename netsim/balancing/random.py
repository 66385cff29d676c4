"""Random: every option equally likely, as kube-proxy's iptables mode and Cilium choose by default."""

from collections.abc import Sequence


def choose(names: Sequence[int], bits: int, turn: int, flow: int, loads: Sequence[int]) -> int:
    """The option that the top 31 of the 64 random ``bits`` point at."""
    return (bits >> 33 & 0x7FFFFFFF) * len(names) >> 31
