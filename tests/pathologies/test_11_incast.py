"""Many answers at once overflow the port before the reader, and what is lost last waits for a timeout of 200 ms."""

from collections.abc import Mapping

import numpy as np
import pytest

from netsim.headers import AROUND_FRAME
from tests.pathologies.shipped import MILLISECOND, Ran, run_all

LEAST_TIMEOUT = 200 * MILLISECOND  # TCP_RTO_MIN
SEGMENT, FRAME = 1448, 1500 + AROUND_FRAME  # bytes
BUFFER, ANSWER, FIRST = 192 << 10, 32 << 10, 10  # bytes and segments, as the file and RFC 6928 say
MANY, FEW = 32, 4
MENDED = ("of-32-larger-buffer", "of-32-small-windows")


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    return run_all("11_incast")


def lasted(one: Ran) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """ps that each answer took."""
    streams = one.records.streams
    assert (streams.delivered == ANSWER).all()
    return streams.finished - streams.started


def test_arithmetic_says_who_fits() -> None:
    on_wire = -(-ANSWER // SEGMENT) * FRAME
    assert FEW * on_wire <= BUFFER
    assert MANY * FIRST * FRAME > 2 * BUFFER


def test_only_the_port_before_the_reader_overflows(ran: Mapping[str, Ran]) -> None:
    assert {reason for reason, _ in ran["of-32"].dropped()} == {"buffer"}
    port = ran["of-32"].program.names.stations.index("tor->reader-0")
    drops = ran["of-32"].records.drops
    assert set(drops.station.tolist()) == {port}
    most = int(ran["of-32"].records.stations.most[port])
    assert BUFFER - FRAME <= most <= BUFFER


def test_who_times_out_takes_200_ms_and_who_does_not_a_few(ran: Mapping[str, Ran]) -> None:
    took, timeouts = lasted(ran["of-32"]), ran["of-32"].records.streams.timeouts
    assert 0 < (timeouts > 0).sum() < MANY
    assert (took[timeouts > 0] >= LEAST_TIMEOUT).all()
    # All of it takes 0.95 ms at 10 Gbit/s; who lost nothing, or was told of it by acknowledgements, is done soon after.
    assert (took[timeouts == 0] < 10 * MILLISECOND).all()


def test_few_lose_nothing(ran: Mapping[str, Ran]) -> None:
    assert not ran["of-4"].dropped()
    assert lasted(ran["of-4"]).max() < MILLISECOND


def test_probes_find_most_of_it_in_milliseconds(ran: Mapping[str, Ran]) -> None:
    waited = {name: (ran[name].records.streams.timeouts > 0).sum() for name in ("of-32", "of-32-with-probes")}
    assert ran["of-32-with-probes"].dropped()
    assert waited["of-32-with-probes"] < waited["of-32"]
    assert np.median(lasted(ran["of-32-with-probes"])) < 10 * MILLISECOND


@pytest.mark.parametrize("variant", MENDED)
def test_what_mends_it(ran: Mapping[str, Ran], variant: str) -> None:
    assert not ran[variant].dropped()
    assert ran[variant].records.streams.timeouts.sum() == 0
    assert lasted(ran[variant]).max() < 2 * MILLISECOND
