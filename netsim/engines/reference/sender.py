"""The sending half of a TCP socket: cuts transfers into bursts as the window allows, and sends again what was lost."""

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.flight import Transfer
from netsim.engines.reference.patience import Patience
from netsim.engines.reference.scoreboard import FLYING, LATE_SHARE, QUEUED, THRESHOLD, Piece, Scoreboard
from netsim.engines.reference.spans import Span
from netsim.engines.reference.window import LOSS, MICROSECOND, OPEN, RECOVERY, Window
from netsim.program import Op
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection


class Note(NamedTuple):
    """What a receiver tells the sender in every packet: acknowledgement, SACK, window, ECN echo."""

    ack: int
    spans: tuple[Span, ...]  # received beyond a gap
    edge: int  # the first byte that it has no room for
    marked: int  # frames that arrived marked, since the beginning
    asks: bool = False  # wants an answer: the window was closed
    resets: bool = False  # an RST


class Sender:
    """One direction of a connection, seen from the socket that sends."""

    def __init__(self, connection: "Connection", phase: int) -> None:
        self.connection = connection
        self.network = connection.network
        self.phase = phase
        self.profile = connection.call.transport
        self.window = Window(self.profile)
        if connection.handshake >= 0:
            self.window.measured(connection.handshake // MICROSECOND)
        self.board = Scoreboard()
        self.queue: deque[Transfer] = deque()
        self.una = self.next = self.end = 0  # of the stream: acknowledged, sent, asked for
        self.edge = self.profile.receive_window
        self.marked = 0
        self.busy = False  # a burst of this side is in its thread
        self.blocked, self.blocked_since = 0, -1  # ps that the window kept data back
        self.last_sent = -1
        self.patience = Patience(self)

    # -- what the socket is asked to send --------------------------------------------------------------------------

    def enqueue(self, transfer: Transfer) -> None:
        """Send a transfer behind all that was asked for before."""
        now = self.network.clock._now
        transfer.start = self.end
        transfer.blocked = self.blocked
        self.end += transfer.span
        if not self.board.pieces and not self.queue and self.last_sent >= 0:
            self.window.rest((now - self.last_sent) // MICROSECOND)
        self.queue.append(transfer)
        self.fill()

    def cut(self, transfer: Transfer) -> None:
        """End a transfer with what was sent of it (at least one byte)."""
        sent = max(self.next - transfer.start, 0)
        if self.queue and self.queue[0] is transfer and sent:
            self.queue.popleft()
            self.end = self.next
            transfer.missing -= transfer.span - sent
            transfer.payload = sent

    def fill(self) -> None:
        """Send what may be sent: first what was lost, then new data."""
        while not self.busy and (self.queue or self.board.lost):
            burst = self.again() if self.board.lost else self.fresh()
            if burst is None:
                return
            self.launch(burst)

    def again(self) -> Burst | None:
        """The next burst of lost data, as far as the window has room."""
        piece = self.board.first_lost()
        window = self.window
        room = window.size - self.board.flying
        if piece is None or room <= 0:
            return None
        transfer = piece.transfer
        frames = min(room, window.burst(transfer))
        if piece.frames > frames:
            self.board.split(piece, piece.start + frames * transfer.mss)
        return self.resend(piece)

    def resend(self, piece: Piece) -> Burst:
        """A burst with a piece that was sent before."""
        transfer = piece.transfer
        mark = Mark.TIMER if self.window.state == LOSS else Mark.RECOVERY
        burst = Burst(transfer, (piece.start, piece.end), piece.frames)
        self.wait(burst, ((mark, self.network.clock._now - transfer.started),))
        self.network.recorder.resent(transfer, burst.payload)
        burst.piece = piece
        return burst

    def fresh(self) -> Burst | None:
        """The next burst of new data, as far as both windows have room."""
        transfer, window = self.queue[0], self.window
        room = window.size - self.board.flying
        left = transfer.end - self.next
        seen = self.edge - self.next
        if room <= 0 or seen < min(left, transfer.mss):
            window.limited |= room <= 0
            self.block()
            return None
        if self.blocked_since >= 0:
            self.blocked += self.network.clock._now - self.blocked_since
            self.blocked_since = -1
        mss = transfer.mss
        size, frames = left, 1
        if left > mss:
            size = min(left, min(room, window.burst(transfer)) * mss, seen if seen >= left else seen - seen % mss)
            frames = -(-size // mss)
        burst = Burst(transfer, (self.next, self.next + size), frames)
        waited = self.network.clock._now - transfer.started
        if waited:
            windowed = min(waited, self.blocked - transfer.blocked)
            self.wait(burst, ((Mark.SEND, waited - windowed), (Mark.WINDOW, windowed)))
        burst.piece = Piece(transfer, self.next, self.next + size, frames)
        self.next += size
        if size == left:
            self.queue.popleft()
        return burst

    def block(self) -> None:
        """The window keeps data back."""
        if self.blocked_since < 0:
            self.blocked_since = self.network.clock._now
        if not self.board.pieces:
            self.patience.closed()

    def wait(self, burst: Burst, parts: tuple[tuple[Mark, int], ...]) -> None:
        """Begin a burst's critical path with what its bytes waited for since their transfer was asked for."""
        at = burst.flight.started  # type: ignore[attr-defined]
        for mark, time in parts:
            if time:
                burst.trail.extend((mark, -1, at, time, 0, 0, 0, 0, 0, 0, -1))
                at += time

    def launch(self, burst: Burst) -> None:
        """Hand a burst to the sending thread, or straight to the network where none is modelled."""
        piece = burst.piece
        assert piece is not None
        self.board.launched(piece)
        window = self.window
        window.sent += piece.frames
        window.most = max(window.most, self.board.flying)
        self.busy = burst.visits[0].op == Op.APPLICATION
        self.connection.tell(burst)
        self.network.recorder.launched(piece.transfer)
        if piece.transfer.stream is not None:
            piece.transfer.stream.sent += burst.payload
        self.network.transport.send(burst)
        if not self.busy:
            self.pushed(burst)

    def pushed(self, burst: Burst) -> None:
        """A burst has left its thread, which may write on."""
        now = self.network.clock._now
        piece = burst.piece
        assert piece is not None
        if piece.state == QUEUED:
            piece.state = FLYING
        if piece.end != burst.end:  # it was cut meanwhile
            for rest in self.board.pieces:
                if rest.state == QUEUED and rest.start < burst.end and rest.end > burst.start:
                    rest.state, rest.sent = FLYING, now
        piece.sent = self.last_sent = now
        pieces = self.board.pieces
        self.patience.pushed(again=piece.retried > 0 and len(pieces) > 0 and pieces[0] is piece)
        if self.busy:
            self.busy = False
            self.fill()

    # -- what comes back -------------------------------------------------------------------------------------------

    def acknowledged(self, note: Note) -> None:
        """Take notice of what the receiver says; what is older than what is known already is ignored."""
        if note.edge > self.edge:
            self.edge = note.edge
        elif note.ack <= self.una and not note.spans:
            return
        if note.ack < self.una:
            return
        board, window, now = self.board, self.window, self.network.clock._now
        advanced = note.ack > self.una
        self.una = note.ack
        if advanced or note.spans:
            frames = board.acknowledge(note.ack, note.spans, now, window.trips.least * MICROSECOND)
            if board.newest is not None:
                window.measured((now - board.newest.sent) // MICROSECOND)
            self.arrived(frames, max(0, note.marked - self.marked), advanced)
            self.marked = max(self.marked, note.marked)
        self.fill()

    def arrived(self, frames: int, marked: int, advanced: bool) -> None:
        """Frames arrived: move the window, look for losses, and wait anew."""
        board, window, now = self.board, self.window, self.network.clock._now
        if window.state != OPEN and self.una >= window.point:
            window.over()
        if advanced:
            self.patience.advanced()
        wait = self.look(now) if board.sacked or board.resent else -1
        if marked and window.state == OPEN and self.profile.ecn:
            window.echoed(self.next)
            self.count_recovery()
        if window.state in (OPEN, LOSS):
            window.grow(frames, now)
        else:
            window.proportion(frames, board.flying, advanced)
        window.count(frames, marked)
        if self.una >= window.round_end:
            window.turn(self.next)
        self.patience.look_again(wait, advanced)

    def look(self, now: int) -> int:
        """Find losses; returns the ps after which to look again, -1 for never."""
        board, window = self.board, self.window
        wait = -1
        if self.profile.rack:
            sure = not board.reordering and (window.state >= RECOVERY or board.sacked >= THRESHOLD)
            frames, wait = board.late(now, 0 if sure else window.trips.least * MICROSECOND // LATE_SHARE)
        else:
            frames = board.passed()
        if frames and window.state not in (RECOVERY, LOSS):
            window.lost(self.next)
            self.count_recovery()
        return wait

    def count_recovery(self) -> None:
        """The window came down without a timeout."""
        stream = self.connection.stream
        if stream is not None:
            stream.recoveries += 1

    def shorten(self, mss: int) -> None:
        """Make frames smaller; what was sent in larger ones is lost (tcp_simple_retransmit)."""
        board = self.board
        if all(piece.transfer.mss == mss for piece in board.pieces) and all(one.mss == mss for one in self.queue):
            return
        for transfer in self.queue:
            transfer.mss = mss
        for piece in board.pieces:
            piece.transfer.mss = mss
            if piece.state == FLYING:
                board.lose(piece)
            board.recount(piece)
        self.fill()
