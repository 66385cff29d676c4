"""Ports: what a client has left towards one destination, and a node for source translation."""

from heapq import heappop, heappush

TIME_WAIT = 60 * 10**12  # TCP_TIMEWAIT_LEN of include/net/tcp.h, in ps
CONNTRACK_TIME_WAIT = 120 * 10**12  # nf_conntrack_tcp_timeout_time_wait
# nf_conntrack_udp_timeout, nf_conntrack_udp_timeout_stream, and when a flow with answers is a stream (since Linux 5.0).
CONNTRACK_UDP, CONNTRACK_STREAM, STREAM_AGE = 30 * 10**12, 120 * 10**12, 2 * 10**12


class Ports:
    """The ports of one address towards one destination."""

    __slots__ = ("closing", "limit", "most", "used")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = self.most = 0
        self.closing: list[int] = []  # when those that wait are free again, a heap

    def take(self, now: int) -> bool:
        """Use a port; False when there is none."""
        while self.closing and self.closing[0] <= now:
            heappop(self.closing)
            self.used -= 1
        if self.used >= self.limit:
            return False
        self.used += 1
        self.most = max(self.most, self.used)
        return True

    def keep(self, until: int) -> None:
        """A connection is over, its port waits."""
        heappush(self.closing, until)

    def release(self) -> None:
        """A port is free at once."""
        self.used -= 1
