"""CUBIC: the window follows a cube of the time since the last loss (RFC 9438; constants of Linux's tcp_cubic.c)."""

from collections.abc import MutableSequence

from netsim.congestion.reno import additive

Memory = MutableSequence[int]
COUNT, LAST_MOST, ORIGIN, REACH, EPOCH, FRIENDLY, ACKED = range(7)  # cells; EPOCH is 0 before an epoch begins
TICK_SHIFT = 10  # time in 1/1024 s, as Linux's BICTCP_HZ
MILLION = 1_000_000
FARTHEST = 1 << 17  # ticks, 128 s: a cube beyond would leave 64 bits
SCALE = 410  # C = 0.4 = 410 / 1024
UNIT_SHIFT = 10 + 3 * TICK_SHIFT
BETA = 717  # a loss leaves 717/1024 of the window
ONE = 1024
FRIENDLY_SCALE = 15  # 8 (1 + beta) / 3 / (1 - beta): what Reno would do at this beta
SLOWEST = 100  # windows to acknowledge for one segment more, beyond the target
FIRST = 20  # segments to acknowledge for one more while no loss has been met


def grow(cwnd: int, acked: int, clock: tuple[int, int, int], memory: Memory) -> int:
    """Towards where the cube will be one round trip from now, but not slower than Reno."""
    now, _, least = clock
    memory[ACKED] += acked
    memory[EPOCH] = min(memory[EPOCH], now)
    if memory[EPOCH] == 0:
        begin(cwnd, acked, now, memory)
    ticks = ((now + least - memory[EPOCH]) << TICK_SHIFT) // MILLION - memory[REACH]
    ticks = min(max(ticks, -FARTHEST), FARTHEST)
    target = memory[ORIGIN] + (SCALE * ticks**3 >> UNIT_SHIFT)
    per = cwnd // (target - cwnd) if target > cwnd else SLOWEST * cwnd
    if memory[LAST_MOST] == 0:
        per = min(per, FIRST)
    return additive(cwnd, acked, max(min(per, reno_rate(cwnd, memory)), 2), memory)


def begin(cwnd: int, acked: int, now: int, memory: Memory) -> None:
    """An epoch begins: the cube's turning point is the window before the last loss, or this one."""
    memory[EPOCH] = max(now, 1)
    memory[ACKED] = acked
    memory[FRIENDLY] = cwnd
    missing = memory[LAST_MOST] - cwnd
    memory[ORIGIN] = memory[LAST_MOST] if missing > 0 else cwnd
    memory[REACH] = cube_root((missing << UNIT_SHIFT) // SCALE) if missing > 0 else 0


def reno_rate(cwnd: int, memory: Memory) -> int:
    """Segments to acknowledge per segment more that keep up with Reno's average window."""
    step = max(cwnd * FRIENDLY_SCALE >> 3, 1)
    gained = memory[ACKED] // step
    memory[ACKED] -= gained * step
    memory[FRIENDLY] += gained
    ahead = memory[FRIENDLY] - cwnd
    return cwnd // ahead if ahead > 0 else SLOWEST * cwnd


def shrink(cwnd: int, memory: Memory) -> int:
    """beta of the window; a flow that lost before it was back where it had been leaves room to others."""
    memory[EPOCH] = 0
    memory[LAST_MOST] = cwnd * (ONE + BETA) // (2 * ONE) if cwnd < memory[LAST_MOST] else cwnd
    return max(cwnd * BETA // ONE, 2)


def mark(cwnd: int, memory: Memory) -> int:
    """As a loss."""
    return shrink(cwnd, memory)


def window(acked: int, marked: int, memory: Memory) -> None:
    """Nothing is learned from a round trip."""


def reset(memory: Memory) -> None:
    """Forget everything."""
    for cell in range(ACKED + 1):
        memory[cell] = 0


def idle(time: int, memory: Memory) -> None:
    """The cube waits meanwhile."""
    if memory[EPOCH]:
        memory[EPOCH] += time


def cube_root(value: int) -> int:
    """The largest integer whose cube is not above ``value`` (>= 0)."""
    low, high = 0, 1 << 21
    while low < high:
        middle = (low + high + 1) >> 1
        if middle * middle * middle <= value:
            low = middle
        else:
            high = middle - 1
    return low
