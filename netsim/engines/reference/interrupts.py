"""Interrupts: when a NIC raises one, and what it costs a core that has been quiet for a while."""

# Busy time per packet at 0.25 to 3 Mpps (XDP CoNEXT'18 bench01, raw drop) falls with the idle time before each packet
# as if the wake-up work grew evenly over 2 us; how long a path stays warm in the caches is assumed.
INTERRUPT_COOLING, CACHE_COOLING = 2_000_000, 10_000_000  # ps
ADAPTIVE = ((10_000_000, 10_000_000), (20_000_000, 50_000_000))  # up to (bytes/s): ps between interrupts
SLOWEST = 83_333_333
SECOND = 10**12


def cooled(wakeup: int, idle: int, cooling: int) -> int:
    """The share of the wake-up work that is due after ``idle`` ps without work."""
    return wakeup if idle >= cooling else wakeup * idle // cooling


class Interrupts:
    """The interrupts of the receive queues that one core serves."""

    __slots__ = ("arrived", "last")

    def __init__(self) -> None:
        self.last = 0  # when there was one
        self.arrived = 0  # bytes since then

    def held_back(self, moderation: int, now: int) -> int:
        """ps until the next one: fixed, or by the bytes since the last (ixgbe_update_itr: up to 10 MB/s 100,000
        interrupts a second, up to 20 MB/s 20,000, above 12,000)."""
        if moderation > 0:
            return moderation
        since = now - self.last
        rate, self.arrived = self.arrived * SECOND // max(since, 1), 0
        spacing = next((time for limit, time in ADAPTIVE if rate <= limit), SLOWEST)
        wait = max(0, spacing - since)
        self.last = now + wait
        return wait
