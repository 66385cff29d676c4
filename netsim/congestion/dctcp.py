"""DCTCP: the window shrinks by the share of marked segments (RFC 8257)."""

from collections.abc import MutableSequence

from netsim.congestion import reno

Memory = MutableSequence[int]
ALPHA = 1  # cell: ONE less the smoothed share of marked segments, so that memory begins with a share of one
ONE = 1024
GAIN = 4  # alpha moves by 1/16 of the difference (RFC 8257, 4.2)

grow = reno.grow
shrink = reno.shrink
idle = reno.idle


def mark(cwnd: int, memory: Memory) -> int:
    """Less half of the smoothed share of marked segments."""
    alpha = ONE - memory[ALPHA]
    return max(cwnd - cwnd * alpha // (2 * ONE), 2)


def window(acked: int, marked: int, memory: Memory) -> None:
    """The share of a round trip moves the smoothed share."""
    alpha = ONE - memory[ALPHA]
    share = min(ONE, marked * ONE // max(acked, 1))
    alpha += (share >> GAIN) - (alpha >> GAIN or alpha)
    memory[ALPHA] = ONE - min(max(alpha, 0), ONE)


def reset(memory: Memory) -> None:
    """Start counting anew; the share stays (tcp_dctcp.c)."""
    reno.reset(memory)
