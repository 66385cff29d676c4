"""Reno: one segment more per round trip, half the window after a loss (RFC 5681)."""

from collections.abc import MutableSequence

Memory = MutableSequence[int]
COUNT = 0  # cell: segments acknowledged since the window last grew


def grow(cwnd: int, acked: int, clock: tuple[int, int, int], memory: Memory) -> int:
    """One segment for every ``cwnd`` that were acknowledged."""
    return additive(cwnd, acked, cwnd, memory)


def additive(cwnd: int, acked: int, per: int, memory: Memory) -> int:
    """One segment for every ``per`` that were acknowledged. What was saved up at a slower pace counts as one at most
    (tcp_cong_avoid_ai)."""
    if memory[COUNT] >= per:
        memory[COUNT], cwnd = 0, cwnd + 1
    count = memory[COUNT] + acked
    memory[COUNT] = count % per
    return cwnd + count // per


def shrink(cwnd: int, memory: Memory) -> int:
    """Half of the window, two segments at least."""
    return max(cwnd // 2, 2)


def mark(cwnd: int, memory: Memory) -> int:
    """As a loss (RFC 3168)."""
    return shrink(cwnd, memory)


def window(acked: int, marked: int, memory: Memory) -> None:
    """Nothing is learned from a round trip."""


def reset(memory: Memory) -> None:
    """Start counting anew."""
    memory[COUNT] = 0


def idle(time: int, memory: Memory) -> None:
    """Nothing depends on time."""
