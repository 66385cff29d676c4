"""The congestion window of a sender: slow start, a congestion control, and how it comes down after a loss."""

from typing import TYPE_CHECKING

from netsim.congestion import MEMORY
from netsim.engines.reference.plan import Profile
from netsim.headers import TCP_IP

if TYPE_CHECKING:
    from netsim.engines.reference.flight import Transfer

OPEN, REDUCING, RECOVERY, LOSS = range(4)
ENDLESS = 1 << 31  # segments: the threshold before the first loss (TCP_INFINITE_SSTHRESH)
MICROSECOND = 1_000_000  # ps
# us: TCP_RTO_MIN, TCP_TIMEOUT_INIT, TCP_RTO_MAX
FLOOR, FIRST_TIMEOUT, LONGEST_TIMEOUT = 200_000, 1_000_000, 120_000_000
HYSTART_SAMPLES, HYSTART_LEAST, HYSTART_MOST = 8, 4_000, 16_000  # us; RFC 9406
FEWEST = 2  # segments of a burst whose size the rate decides (net.ipv4.tcp_min_tso_segs)
GAIN_EARLY, GAIN = 200, 120  # per cent of the rate (net.ipv4.tcp_pacing_ss_ratio, tcp_pacing_ca_ratio)
RATE_SHIFT = 10  # a burst lasts 1/1024 s at the rate (sk_pacing_shift)
NEAR_SHIFT = 9  # and is larger for round trips below 2^9 us (net.ipv4.tcp_tso_rtt_log)


class RoundTrips:
    """The smoothed round trip and its deviation in us, in Linux's integer arithmetic (RFC 6298; tcp_rtt_estimator)."""

    def __init__(self) -> None:
        self.scaled = self.deviation = 0  # eighths, quarters
        self.least = 0

    def sample(self, time: int) -> None:
        """A measured round trip in us."""
        time = max(time, 1)
        self.least = time if self.least == 0 else min(self.least, time)
        if self.scaled == 0:
            self.scaled, self.deviation = time << 3, time << 1
            return
        error = time - (self.scaled >> 3)
        self.scaled += error
        self.deviation += abs(error) - (self.deviation >> 2)

    @property
    def smoothed(self) -> int:
        """us."""
        return self.scaled >> 3

    @property
    def timeout(self) -> int:
        """The retransmission timeout in us, before doubling."""
        return max(FLOOR, (self.scaled >> 3) + self.deviation) if self.scaled else FIRST_TIMEOUT


class Window:
    """How many frames may be on their way. After a loss or mark it comes down by proportional rate reduction
    (RFC 6937), until ``point`` of the stream is acknowledged."""

    def __init__(self, profile: Profile) -> None:
        self.control = profile.control
        self.hystart = profile.hystart
        self.idle_restart = profile.idle_restart
        self.first = profile.initial_window
        self.size = profile.initial_window
        self.threshold = ENDLESS
        self.memory = [0] * MEMORY
        self.trips = RoundTrips()
        self.state = OPEN
        self.point = 0
        self.lost_at = -1  # what was acknowledged at the last timeout
        self.limited = False  # in this round trip the window kept data back
        self.most = 0  # frames on their way at once in this round trip
        self.round_end = 0
        self.acked = self.marked = 0  # frames in this round trip
        self.samples, self.quickest = 0, 0
        self.before = self.delivered = self.sent = 0  # of the reduction: window, frames

    def burst(self, transfer: "Transfer") -> int:
        """Frames of the largest burst that the socket makes at its present rate (tcp_tso_autosize)."""
        whole, mss, trips = transfer.path.burst, transfer.mss, self.trips
        if not whole:
            return 1
        largest = max(1, (whole - TCP_IP) // mss)
        if not trips.scaled:
            return largest
        gain = GAIN_EARLY if self.size < self.threshold // 2 else GAIN
        rate = self.size * mss * gain * MICROSECOND // 100 // max(trips.smoothed, 1)  # bytes per second
        size = (rate >> RATE_SHIFT) + (whole >> min(trips.least >> NEAR_SHIFT, 31))
        return min(largest, max(size // mss, FEWEST))

    def measured(self, time: int) -> None:
        """A round trip in us."""
        self.trips.sample(time)
        if self.hystart and self.size < self.threshold:
            self.samples += 1
            self.quickest = time if self.samples == 1 else min(self.quickest, time)
            patience = min(max(self.trips.least >> 3, HYSTART_LEAST), HYSTART_MOST)
            if self.samples >= HYSTART_SAMPLES and self.quickest >= self.trips.least + patience:
                self.threshold = self.size

    def count(self, frames: int, marked: int) -> None:
        """So many frames arrived, some of them marked."""
        self.acked += frames
        self.marked += marked

    def turn(self, following: int) -> None:
        """A round trip is over; the next ends when ``following``, the next byte to be sent, is acknowledged."""
        self.control.window(self.acked, self.marked, self.memory)
        self.round_end, self.acked, self.marked, self.samples = following, 0, 0, 0
        self.limited, self.most = False, 0

    def grow(self, frames: int, now: int) -> None:
        """Open the window for frames that arrived."""
        if self.size < self.threshold:
            if self.size >= 2 * self.most:
                return
            more = min(frames, self.threshold - self.size)
            self.size, frames = self.size + more, frames - more
        if frames and self.limited:
            clock = (now // MICROSECOND, self.trips.smoothed, self.trips.least)
            self.size = self.control.grow(self.size, frames, clock, self.memory)

    def reduce(self, state: int, threshold: int, point: int) -> None:
        """Begin to come down to ``threshold``."""
        self.state, self.threshold, self.point = state, threshold, point
        self.before, self.delivered, self.sent = self.size, 0, 0

    def lost(self, point: int) -> None:
        """Acknowledgements told of a loss; a window that comes down already does so no faster."""
        if self.state == REDUCING:
            self.state, self.point = RECOVERY, point
            return
        self.reduce(RECOVERY, self.control.shrink(self.size, self.memory), point)

    def echoed(self, point: int) -> None:
        """Acknowledgements told of a mark."""
        self.reduce(REDUCING, self.control.mark(self.size, self.memory), point)

    def timed_out(self, una: int, point: int) -> None:
        """Nothing came back: begin with one segment again. A window that is coming down already, or one that has timed
        out without progress since, keeps its threshold (tcp_enter_loss)."""
        if self.state == OPEN or (self.state == LOSS and una > self.lost_at):
            self.threshold = self.control.shrink(self.size, self.memory)
        if self.state != LOSS:
            self.control.reset(self.memory)
        self.state, self.point, self.size, self.most, self.lost_at = LOSS, point, 1, 0, una

    def over(self) -> None:
        """What was sent before the loss or mark is acknowledged."""
        if self.state != LOSS:
            self.size = self.threshold
        self.state = OPEN

    def proportion(self, arrived: int, flying: int, advanced: bool) -> None:
        """Set the window during a reduction, from the frames that an acknowledgement told of."""
        if arrived <= 0 and self.sent:
            return
        self.delivered += arrived
        above = self.threshold - flying
        if above < 0:
            more = -(-self.threshold * self.delivered // self.before) - self.sent
        else:
            more = min(above, max(self.delivered - self.sent, arrived) + advanced)
        self.size = flying + max(more, 0 if self.sent else 1)

    def rest(self, idle: int) -> None:
        """Nothing was on its way for ``idle`` us: half the window for every timeout (tcp_cwnd_restart)."""
        self.control.idle(idle, self.memory)
        if not self.idle_restart or idle <= self.trips.timeout:
            return
        left, restart = idle - self.trips.timeout, min(self.first, self.size)
        self.threshold = max(self.threshold, self.size - (self.size >> 2))
        while left > 0 and self.size > restart:
            self.size, left = self.size >> 1, left - self.trips.timeout
        self.size = max(self.size, restart)
