"""Patience: how long a sender waits for an acknowledgement, and what it does when none comes."""

from typing import TYPE_CHECKING

from netsim.engines.reference.alarm import Alarm
from netsim.engines.reference.scoreboard import FLYING
from netsim.engines.reference.window import LONGEST_TIMEOUT, MICROSECOND, OPEN
from netsim.program import REASON

if TYPE_CHECKING:
    from netsim.engines.reference.sender import Sender

RETRIES = 15  # net.ipv4.tcp_retries2
ALONE = 200_000  # us that a probe waits longer where the receiver may delay its acknowledgement (TCP_RTO_MIN)
SOONEST = 2_000  # us that every other such timer waits longer (TCP_TIMEOUT_MIN_US)
TIMEOUT, PROBE, REORDER, PERSIST = range(4)  # what is waited for


class Patience:
    """The one timer of a sender, for a timeout, a tail loss probe, late packets, or a closed window."""

    def __init__(self, sender: "Sender") -> None:
        self.sender = sender
        self.alarm = Alarm(sender.connection, sender.phase, self.due)
        self.awaited = TIMEOUT
        self.backoff = 0
        self.probed = False

    def pushed(self, again: bool) -> None:
        """Something is on its way; ``again``: what is missing first, sent once more (tcp_xmit_retransmit_queue)."""
        if self.awaited == PERSIST:
            self.backoff = 0
        if not self.alarm.armed or self.awaited == PERSIST or (again and self.awaited == TIMEOUT):
            self.expect()

    def advanced(self) -> None:
        """New data was acknowledged."""
        self.backoff, self.probed = 0, False

    def look_again(self, wait: int, advanced: bool) -> None:
        """After an acknowledgement: look for losses in ``wait`` ps, -1 for never; else wait anew for the next."""
        if wait >= 0:
            self.arm(REORDER, wait // MICROSECOND + SOONEST)
        elif advanced or self.awaited == REORDER:
            self.expect()

    def closed(self) -> None:
        """The receiver's window is closed and nothing is on its way: ask again later (RFC 9293, 3.8.6.1)."""
        if not self.alarm.armed:
            self.arm(PERSIST, min(self.sender.window.trips.timeout << self.backoff, LONGEST_TIMEOUT))

    def expect(self) -> None:
        """Wait for the acknowledgement of what is on its way: with a probe first (RACK-TLP), then a timeout."""
        trips = self.sender.window.trips
        if not self.sender.board.pieces:
            self.alarm.clear()
            return
        timeout = min(trips.timeout << self.backoff, LONGEST_TIMEOUT)
        probe = 2 * trips.smoothed + (ALONE if self.sender.board.flying <= 1 else SOONEST)
        may_probe = self.sender.profile.rack and not self.probed and self.sender.window.state == OPEN and trips.scaled
        if may_probe and not self.sender.board.sacked:
            self.arm(PROBE, min(probe, timeout))
        else:
            self.arm(TIMEOUT, timeout)

    def arm(self, awaited: int, time: int) -> None:
        """Wait ``time`` us for something."""
        self.awaited = awaited
        self.alarm.set(self.sender.network.clock._now + time * MICROSECOND)

    def due(self) -> None:
        """Act on the alarm."""
        if self.awaited == TIMEOUT:
            self.timed_out()
        elif self.awaited == PROBE:
            self.probe()
        elif self.awaited == REORDER:
            self.sender.arrived(0, 0, False)
            if not self.alarm.armed:
                self.expect()
            self.sender.fill()
        elif self.sender.queue:
            self.backoff += 1
            self.sender.connection.ask(self.sender.phase)
            self.sender.block()

    def probe(self) -> None:
        """Send the last segment again, for its acknowledgement to show what is missing (RFC 8985, 7)."""
        self.probed = True
        piece = self.sender.board.pieces[-1]
        if self.sender.window.state == OPEN and not self.sender.busy and piece.state == FLYING:
            if piece.frames > 1:
                piece = self.sender.board.split(piece, piece.start + (piece.frames - 1) * piece.transfer.mss)
            self.sender.board.lose(piece)
            self.sender.launch(self.sender.resend(piece))
        self.expect()

    def timed_out(self) -> None:
        """Nothing was acknowledged in time: all of it is lost, and sent again segment by segment at first."""
        if self.backoff >= RETRIES:
            self.sender.connection.abort(REASON["transfer-timeout"])
            return
        self.backoff += 1
        self.sender.board.lose_all()
        self.sender.window.timed_out(self.sender.una, self.sender.next)
        if self.sender.board.pieces:
            self.sender.network.recorder.timed_out(self.sender.board.pieces[0].transfer)
        self.expect()
        self.sender.fill()
