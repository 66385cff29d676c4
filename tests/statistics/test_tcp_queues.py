"""Senders that meet at one buffer: the queue that DCTCP keeps, the cliff of incast, CUBIC's curve after one loss."""

from collections.abc import Callable

import numpy as np
import pytest

from netsim.engines import run
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.link import Link
from netsim.program import REASON
from netsim.records import Records
from tests.dumbbell import FULL_WIRE, GBIT, MILLISECOND, MSS, Dumbbell, socket
from tests.theory import cubic_window

SECOND = 10**12
K = 65 * FULL_WIRE  # bytes: what RFC 8257's authors mark from at 10 Gbit/s (Alizadeh et al., DCTCP, SIGCOMM 2010, 3.5)
BUFFER = 1_000_000


def queue(control: str, senders: int) -> tuple[float, Records]:
    """Mean bytes in the bottleneck's buffer over the second half of 200 ms, and the run."""
    ecn = int(control == "dctcp")
    bell = Dumbbell(
        senders=senders, round_trip=MILLISECOND // 5, access=40 * GBIT, duration=200 * MILLISECOND, room=BUFFER,
        mark=K if ecn else -1, burst=65_535, transports=socket(control, ecn=ecn, receive_window=1 << 22),
    )  # fmt: skip
    records = run(bell.program(), log=True)
    log = records.log
    here = (log.station == bell.bottleneck) & (log.arrive >= bell.duration // 2)
    sizes = log.work[here] * bell.rate // (8 * SECOND)
    present = (log.start - log.arrive)[here] + log.work[here] / 2
    return float((sizes * present).sum() / (bell.duration / 2)), records


@pytest.mark.parametrize("senders", [2, 4])
def test_dctcp_keeps_the_queue_near_its_threshold_where_cubic_fills_the_buffer(senders: int) -> None:
    """The queue swings below K + N (SIGCOMM 2010, equation 5, N segments of N flows' growth), by the bursts of 64 KiB:
    its mean is within half of K and K and a half. The link stays busy all the same."""
    mean, records = queue("dctcp", senders)
    print(f"{senders} senders: dctcp {mean / K:.2f} K")
    assert K / 2 < mean < 1.5 * K
    assert len(records.drops.frames) == 0
    later = records.log.arrive[records.log.station == 0] >= 100 * MILLISECOND
    assert records.log.work[records.log.station == 0][later].sum() > 0.99 * 100 * MILLISECOND
    filled, _ = queue("cubic", senders)
    print(f"{senders} senders: cubic {filled / BUFFER:.2f} of the buffer")
    assert filled > BUFFER / 2


def incast(senders: int, control: str = "cubic") -> float:
    """Goodput in bit/s until the last of N answers of 64 KiB, asked for at once, is complete."""
    size = 65_536
    bell = Dumbbell(
        senders=senders, round_trip=MILLISECOND // 20, access=10 * GBIT, duration=5 * SECOND, room=256 * 1024,
        size=size, burst=65_535, transports=socket(control),
    )  # fmt: skip
    records = run(bell.program())
    assert records.streams.outcome.tolist() == [0] * senders
    return senders * size * 8 * SECOND / int(records.streams.finished.max())


def test_incast_falls_off_the_cliff_of_the_retransmission_timeout() -> None:
    """A few senders fill the link; beyond some number whole windows are lost, and one timeout of 200 ms costs more than
    all the rest (Phanishayee et al., FAST 2008)."""
    found = {senders: incast(senders) for senders in (4, 8, 16, 32, 48, 64)}
    print({senders: f"{rate / 1e9:.2f}" for senders, rate in found.items()})
    assert found[8] > 5 * GBIT
    assert found[64] < found[8] / 3
    assert found[64] < 64 * 65_536 * 8 * 5, "some sender waits for 200 ms at least"


def test_cubic_grows_along_its_curve_after_a_single_loss() -> None:
    """The window, as frames that leave in a round trip, against C (t - K)^3 + W_max, up to K.

    One frame is lost, once, in slow start. The epoch begins when it is repaired, two round trips later, with
    717/1024 of W_max, which tells W_max.
    """
    trip, lost = 50 * MILLISECOND, 250 * MILLISECOND
    bell = Dumbbell(
        rate=100 * GBIT, round_trip=trip, duration=8 * SECOND, quantum=1, loss=1, transports=socket("cubic")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Link, "spoil", one_loss(lost))
        records = run(bell.program(), log=True)
    assert records.streams.recoveries[0] == 1
    assert records.streams.resent[0] == MSS
    log = records.log
    times = log.start[(log.station == 0) & (log.work > 100_000)]
    epoch = lost + 2 * trip
    windows = np.bincount((times[times >= epoch] - epoch) // trip)
    most = windows[0] * 1024 / 717
    reach = (most * (1 - 717 / 1024) / 0.4) ** (1 / 3)
    print(f"W_max {most:.0f}, K {reach:.2f} s", windows.tolist())
    for number in range(1, int(reach * SECOND / trip)):
        cube = cubic_window(number * trip / SECOND, most, beta=717 / 1024)
        said = max(cube, windows[0] + number * 3 * 0.3 / 1.7)  # no slower than Reno with the same beta (RFC 9438, 4.3)
        assert windows[number] == pytest.approx(said, rel=0.02, abs=3), f"{number} round trips after the loss"


def one_loss(after: int) -> Callable[[Link, Burst], None]:
    """In place of Link.spoil: the first frame behind ``after`` is lost, and no other."""
    done = []

    def spoil(link: Link, train: Burst) -> None:
        if not done and link.clock.now >= after:
            done.append(train)
            link.network.transport.lose_parts(train, train.parts()[:1], 1, (link.totals, REASON["loss"]))

    return spoil
