"""The scoreboard of a sender: which stretches of its stream are on their way, acknowledged, or lost (RFC 6675)."""

from collections import deque
from typing import TYPE_CHECKING

from netsim.engines.reference.spans import Span

if TYPE_CHECKING:
    from netsim.engines.reference.flight import Transfer

QUEUED, FLYING, SACKED, LOST = range(4)
THRESHOLD = 3  # duplicate acknowledgements (RFC 5681), or as many segments acknowledged above a gap
LATE_SHARE = 4  # RACK waits a quarter of the least round trip for packets that overtook each other (RFC 8985, 6.2)


class Piece:
    """A stretch of the stream that was sent in one burst; QUEUED until its thread has let go of it."""

    __slots__ = ("end", "frames", "retried", "sent", "start", "state", "transfer")

    def __init__(self, transfer: "Transfer", start: int, end: int, frames: int) -> None:
        self.transfer = transfer
        self.start = start
        self.end = end
        self.frames = frames
        self.state = QUEUED
        self.sent = -1
        self.retried = 0


class Scoreboard:
    """Pieces in the order of the stream. ``flying`` counts frames that are neither acknowledged nor taken for lost."""

    def __init__(self) -> None:
        self.pieces: deque[Piece] = deque()
        self.flying = self.sacked = self.lost = self.resent = 0  # frames; resent ones are among the flying
        self.highest = self.before = 0  # end of what was acknowledged beyond a gap: now, and one acknowledgement ago
        self.reordering = False  # was ever seen
        self.latest = (-1, -1)  # (sent, end) of what was sent last among all that arrived
        self.round_trip = 0  # of that
        self.newest: Piece | None = None  # what the present acknowledgement tells of, never sent twice

    def launched(self, piece: Piece) -> None:
        """A piece goes out, for the first time or again."""
        if piece.state == LOST:
            self.lost -= piece.frames
            piece.retried += 1
            self.resent += piece.frames
        else:
            self.pieces.append(piece)
        piece.state = QUEUED
        self.flying += piece.frames

    def split(self, piece: Piece, at: int) -> Piece:
        """Cut a piece in two; returns the latter."""
        rest = Piece(piece.transfer, at, piece.end, 0)
        rest.state, rest.sent, rest.retried = piece.state, piece.sent, piece.retried
        piece.end = at
        self.pieces.insert(self.pieces.index(piece) + 1, rest)
        self.recount(piece)
        self.recount(rest)
        return rest

    def recount(self, piece: Piece) -> None:
        """Count the frames of a piece anew, after its borders or the size of a frame have changed."""
        more = max(1, -(-(piece.end - piece.start) // piece.transfer.mss)) - piece.frames
        piece.frames += more
        if piece.state == SACKED:
            self.sacked += more
        elif piece.state == LOST:
            self.lost += more
        else:
            self.flying += more
            self.resent += more if piece.retried else 0

    def acknowledge(self, ack: int, spans: tuple[Span, ...], now: int, least: int) -> int:
        """Strike out what has arrived; returns the frames that were not known to have. ``least`` is the least round
        trip, below which an answer cannot be to what was sent again."""
        pieces, found = self.pieces, 0
        self.newest, self.before = None, self.highest
        while pieces and pieces[0].end <= ack:
            found += self.arrived(pieces.popleft(), now, least)
        if pieces and pieces[0].start < ack:
            self.split(pieces[0], ack)
            found += self.arrived(pieces.popleft(), now, least)
        for start, end in spans:
            self.highest = max(self.highest, end)
            for piece in [one for one in pieces if one.start < end and one.end > start and one.state != SACKED]:
                found += self.select(piece, start, end, (now, least))
        return found

    def select(self, piece: Piece, start: int, end: int, times: tuple[int, int]) -> int:
        """Mark what of a piece lies in a span that arrived beyond a gap."""
        if piece.start < start:
            piece = self.split(piece, start)
        if piece.end > end:
            self.split(piece, end)
        found = self.arrived(piece, *times)
        piece.state = SACKED
        self.sacked += piece.frames
        return found

    def arrived(self, piece: Piece, now: int, least: int) -> int:
        """Take a piece that has arrived out of the counts; returns its frames, 0 where that was known."""
        frames = piece.frames
        if piece.state == SACKED:
            self.sacked -= frames
            return 0
        if piece.state == LOST:
            self.lost -= frames
        else:
            self.flying -= frames
            self.resent -= frames if piece.retried else 0
        if piece.state == QUEUED or (piece.retried and now - piece.sent < least):
            return frames  # it answers an earlier sending
        if not piece.retried:
            self.newest = piece
            self.reordering |= piece.state == LOST or piece.end <= self.before
        if (piece.sent, piece.end) > self.latest:
            self.latest, self.round_trip = (piece.sent, piece.end), now - piece.sent
        return frames

    def lose(self, piece: Piece) -> None:
        """Take a flying piece for lost."""
        piece.state = LOST
        self.flying -= piece.frames
        self.resent -= piece.frames if piece.retried else 0
        self.lost += piece.frames

    def lose_all(self) -> None:
        """A timeout: all that was not acknowledged is lost."""
        for piece in self.pieces:
            if piece.state == FLYING:
                self.lose(piece)

    def first_lost(self) -> Piece | None:
        """The earliest piece to be sent again."""
        return next((piece for piece in self.pieces if piece.state == LOST), None) if self.lost else None

    def late(self, now: int, patience: int) -> tuple[int, int]:
        """RACK: take for lost what was sent before something that arrived, ``patience`` and a round trip ago.

        Returns (frames lost, ps until more are, -1 where none will).
        """
        found, wait = 0, -1
        for piece in self.pieces:
            if piece.state != FLYING or (piece.sent, piece.end) >= self.latest:
                continue
            left = piece.sent + self.round_trip + patience - now
            if left <= 0:
                self.lose(piece)
                found += piece.frames
            else:
                wait = max(wait, left)
        return found, wait

    def passed(self) -> int:
        """Take for lost what has three segments acknowledged above it, unless it was sent again; returns the frames."""
        found = above = 0
        for piece in reversed(self.pieces):
            if piece.state == SACKED:
                above += piece.frames
            elif piece.state == FLYING and not piece.retried and above >= THRESHOLD:
                self.lose(piece)
                found += piece.frames
        return found
