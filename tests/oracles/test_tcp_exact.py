"""TCP to the picosecond, where a few lines of arithmetic say it: slow start, timeouts, delayed ACKs, windows."""

from dataclasses import replace

import numpy as np
import pytest

from netsim.engines import run
from netsim.program import REASON, Program
from netsim.records import Records
from tests.dumbbell import FULL_WIRE, GBIT, MILLISECOND, MSS, Dumbbell, socket
from tests.programs import SHARED, column

SECOND, RATE = 10**12, 100 * GBIT
FRAME = FULL_WIRE * 8 * SECOND // RATE  # ps that a full frame takes
SMALLEST = 90  # bytes on the wire of a packet without payload: 52 of headers, and 38 around them
FAST = RATE * 1000  # bit/s of the way back in a Dumbbell
SHORT, BACK = -(-SMALLEST * 8 * SECOND // RATE), -(-SMALLEST * 8 * SECOND // FAST)  # ps of a pure ACK


def departures(program: Program, records: Records, full: bool = True) -> np.ndarray:
    """When frames of data began to be sent on the bottleneck."""
    log = records.log
    return log.start[(log.station == 0) & ((log.work == FRAME) == full)]


def checked(bell: Dumbbell) -> tuple[Program, Records]:
    """A run whose books are in balance: every frame and byte that was sent arrived, was lost, or is on its way."""
    program = bell.program()
    records = run(program, log=True)
    book = records.ledger
    assert book.bytes_sent == book.bytes_delivered + book.bytes_dropped + book.bytes_in_flight
    assert book.frames_sent == book.frames_delivered + book.frames_dropped + book.frames_in_flight
    sockets, streams = records.sockets, records.streams
    assert sockets.opened == sockets.closed + sockets.reset + sockets.refused + sockets.open
    assert book.bytes_sent == streams.sent.sum()
    assert np.all(streams.sent - streams.resent >= streams.delivered), "each byte is delivered once"
    ended = streams.outcome >= 0
    assert np.array_equal(ended, streams.finished >= 0)
    if bell.size:
        assert np.all(streams.delivered[streams.outcome == 0] == bell.size)
    return program, records


def test_slow_start_doubles_the_window_every_round_trip() -> None:
    """10, 20, 40, ... segments; a segment leaves the instant its acknowledgement is back."""
    trip = 100 * MILLISECOND
    bell = Dumbbell(rate=RATE, round_trip=trip, duration=700 * MILLISECOND, quantum=1, transports=socket(delayed_ack=0))
    times = departures(*checked(bell))
    handshake = trip + SHORT + BACK
    rounds = (times - handshake) // trip
    assert np.bincount(rounds).tolist() == [10, 20, 40, 80, 160, 320]
    assert np.array_equal(times[:10], handshake + FRAME * np.arange(10))
    # Each of the first ten is acknowledged at once and lets two go: they leave back to back.
    assert np.array_equal(times[rounds == 1], handshake + FRAME + trip + BACK + FRAME * np.arange(20))


def test_timeouts_double_until_the_connection_is_given_up() -> None:
    """0.2, 0.4, 0.8, ... s, 120 s at most; after 15 retransmissions the connection is reset."""
    trip = 10 * MILLISECOND
    bell = Dumbbell(rate=RATE, round_trip=trip, duration=1000 * SECOND, quantum=1, transports=socket(rack=0))
    program = bell.program()
    handshake = trip + SHORT + BACK
    wall = replace(program.stations, mtu=column(1000, -1, -1))  # the handshake passes, full frames never do
    records = run(replace(program, stations=wall), log=False)
    assert records.streams.timeouts[0] == 15
    sent = np.cumsum([min(200 << k, 120_000) * MILLISECOND for k in range(16)])
    assert records.streams.outcome[0] == 1 + REASON["transfer-timeout"]
    assert records.streams.finished[0] - handshake == sent[-1]
    assert records.drops.reason.tolist() == [REASON["mtu"]]
    assert records.drops.frames.tolist() == [10 + 15]
    assert records.sockets.reset == 1


def test_an_odd_last_segment_is_acknowledged_after_the_delay() -> None:
    """After 16 acknowledgements at once there is one for every second segment, and one for a last one 40 ms later."""
    trip, delay, sockets = MILLISECOND, 40 * MILLISECOND, socket(rack=0)
    bell = Dumbbell(
        rate=RATE, round_trip=trip, duration=300 * MILLISECOND, quantum=1, size=71 * MSS, transports=sockets
    )
    program = bell.program()
    program = replace(program, calls=replace(program.calls, mode=column(SHARED)))  # which stays open
    log = run(program, log=True).log
    received = log.depart[(log.station == 0) & (log.work == FRAME)] + trip // 2
    answers = log.arrive[(log.station == 1)][1:]  # the first was the SYN-ACK
    assert len(received) == 71
    assert np.array_equal(answers[:16], received[:16])
    assert np.array_equal(answers[16:-1], received[17::2])
    assert answers[-1] == received[-1] + delay


@pytest.mark.parametrize("segments", [5, 17, 65])
def test_the_receive_window_limits_throughput_to_a_window_per_round_trip(segments: int) -> None:
    """What an acknowledgement offers lacks the segment that it is sent for, which nobody has read yet: of ``segments``
    all but one may be on their way. There is one acknowledgement for two of them."""
    trip = 10 * MILLISECOND
    sockets = socket(receive_window=segments * MSS)
    bell = Dumbbell(rate=RATE, round_trip=trip, duration=1000 * MILLISECOND, quantum=1, transports=sockets)
    times = departures(*checked(bell))
    steady = times[times > 500 * MILLISECOND]
    turn = 2 * FRAME + trip + BACK
    assert np.all(steady[segments - 1 :] - steady[: 1 - segments] == turn)


def test_bytes_are_conserved_under_loss_and_every_stream_ends() -> None:
    """30 transfers through 2 % loss: each byte is delivered once, what was lost was sent again, and nothing else."""
    for rack in (0, 1):
        bell = Dumbbell(
            rate=GBIT, round_trip=MILLISECOND, senders=30, size=200_000, duration=120_000 * MILLISECOND, burst=65_535,
            loss=20_000_000, room=60_000, transports=socket(rack=rack),
        )  # fmt: skip
        _, records = checked(bell)
        assert records.streams.outcome.tolist() == [0] * 30
        assert records.sockets.closed == 30
        assert records.ledger.bytes_in_flight == 0
        assert records.streams.resent.sum() >= records.ledger.bytes_dropped > 0
