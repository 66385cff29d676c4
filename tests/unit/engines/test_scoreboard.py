"""The scoreboard by hand: pieces of ten segments of 100 bytes, and what acknowledgements make of them."""

from types import SimpleNamespace
from typing import Any

import pytest

from netsim.engines.reference.scoreboard import FLYING, LOST, QUEUED, SACKED, Scoreboard

MSS, MILLISECOND = 100, 10**9
TRANSFER: Any = SimpleNamespace(mss=MSS)


def launch(board: Scoreboard, *spans: tuple[int, int], at: int = 0) -> None:
    """Send these segments, each span in a burst, at ``at`` ps."""
    for start, end in spans:
        piece = piece_of(board, start, end)
        board.launched(piece)
        piece.state, piece.sent = FLYING, at


def piece_of(board: Scoreboard, start: int, end: int) -> Any:
    """The piece with these segments: a new one, or one that was lost."""
    from netsim.engines.reference.scoreboard import Piece

    known = [piece for piece in board.pieces if (piece.start, piece.end) == (start * MSS, end * MSS)]
    return known[0] if known else Piece(TRANSFER, start * MSS, end * MSS, end - start)


def states(board: Scoreboard) -> list[tuple[int, int, int]]:
    """Segments and state of every piece."""
    return [(piece.start // MSS, piece.end // MSS, piece.state) for piece in board.pieces]


def counts(board: Scoreboard) -> tuple[int, int, int]:
    """Flying, selectively acknowledged, lost; and they are what the pieces say."""
    for state, count in ((SACKED, board.sacked), (LOST, board.lost)):
        assert count == sum(piece.frames for piece in board.pieces if piece.state == state)
    assert board.flying == sum(piece.frames for piece in board.pieces if piece.state in (QUEUED, FLYING))
    assert all(piece.frames == (piece.end - piece.start) // MSS for piece in board.pieces)
    return board.flying, board.sacked, board.lost


def acknowledge(board: Scoreboard, ack: int, *spans: tuple[int, int], now: int = MILLISECOND) -> int:
    """The frames that an acknowledgement tells of."""
    return board.acknowledge(ack * MSS, tuple((a * MSS, b * MSS) for a, b in spans), now, 1)


def test_a_cumulative_acknowledgement_cuts_a_burst() -> None:
    board = Scoreboard()
    launch(board, (0, 10), (10, 20))
    assert counts(board) == (20, 0, 0)
    assert acknowledge(board, 4) == 4
    assert states(board) == [(4, 10, FLYING), (10, 20, FLYING)]
    assert acknowledge(board, 20) == 16
    assert counts(board) == (0, 0, 0)


def test_selective_acknowledgements_count_once() -> None:
    board = Scoreboard()
    launch(board, (0, 10), (10, 20))
    assert acknowledge(board, 0, (5, 7), (12, 20)) == 10
    assert acknowledge(board, 0, (5, 7), (12, 20)) == 0
    assert states(board) == [(0, 5, FLYING), (5, 7, SACKED), (7, 10, FLYING), (10, 12, FLYING), (12, 20, SACKED)]
    assert counts(board) == (10, 10, 0)
    assert acknowledge(board, 20) == 10
    assert counts(board) == (0, 0, 0)


@pytest.mark.parametrize(("above", "lost"), [(2, 0), (3, 1)])
def test_three_segments_above_a_gap_make_a_loss(above: int, lost: int) -> None:
    board = Scoreboard()
    launch(board, *((number, number + 1) for number in range(5)))
    acknowledge(board, 0, (1, 1 + above))
    assert board.passed() == lost
    assert counts(board) == (5 - above - lost, above, lost)
    assert board.passed() == 0, "nothing is lost twice"


def test_what_was_sent_again_is_not_lost_by_duplicates() -> None:
    board = Scoreboard()
    launch(board, *((number, number + 1) for number in range(5)))
    acknowledge(board, 0, (1, 5))
    assert board.passed() == 1
    launch(board, (0, 1), at=2 * MILLISECOND)
    assert board.resent == 1
    assert board.passed() == 0
    assert counts(board) == (1, 4, 0)
    assert acknowledge(board, 5, now=3 * MILLISECOND) == 1
    assert board.resent == 0


def test_rack_waits_a_round_trip_and_its_patience() -> None:
    """Sent 1 us apart; the third arrives after 1 ms: the first two are late 1 ms + patience after they were sent."""
    board = Scoreboard()
    for number in range(3):
        launch(board, (number, number + 1), at=number * 1000)
    now = 2000 + MILLISECOND
    acknowledge(board, 0, (2, 3), now=now)
    assert board.late(now, 5000) == (0, 1000 + MILLISECOND + 5000 - now)
    assert board.late(now + 3000, 5000) == (1, 1000)
    assert board.late(now + 4000, 5000) == (1, -1)
    assert counts(board) == (0, 1, 2)


def test_rack_finds_a_lost_retransmission() -> None:
    board = Scoreboard()
    launch(board, (0, 1), (1, 2))
    acknowledge(board, 0, (1, 2))
    assert board.late(MILLISECOND, 0) == (1, -1)
    launch(board, (0, 1), at=MILLISECOND)
    launch(board, (2, 3), at=MILLISECOND + 1)
    acknowledge(board, 0, (1, 3), now=2 * MILLISECOND + 1)
    assert board.late(2 * MILLISECOND + 1, 0) == (1, -1)
    assert counts(board) == (0, 2, 1)


def test_the_answer_to_an_earlier_sending_is_no_round_trip() -> None:
    board = Scoreboard()
    launch(board, (0, 1))
    board.lose_all()
    assert counts(board) == (0, 0, 1)
    launch(board, (0, 1), at=5 * MILLISECOND)
    board.acknowledge(MSS, (), 5 * MILLISECOND + 1, MILLISECOND)
    assert board.newest is None
    assert board.latest == (-1, -1)


def test_reordering_is_seen_when_an_older_segment_comes_after_a_newer() -> None:
    board = Scoreboard()
    launch(board, (0, 1), (1, 2))
    acknowledge(board, 0, (1, 2))
    assert not board.reordering
    acknowledge(board, 2, now=MILLISECOND + 1)
    assert board.reordering
