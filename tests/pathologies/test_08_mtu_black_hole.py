"""A network narrower than its interfaces say: what is small gets through, the first full segment never does."""

from collections.abc import Mapping

import pytest

from tests.pathologies.shipped import MILLISECOND, Ran, run_all

NARROW, MENDED = "pods-1450", ("pods-1400", "network-1500")
SIZE = 4 << 20


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    return run_all("08_mtu_black_hole")


def test_the_connection_opens_and_not_a_byte_arrives(ran: Mapping[str, Ran]) -> None:
    streams = ran[NARROW].records.streams
    assert streams.started.tolist() != [-1]
    assert streams.delivered.tolist() == [0]
    assert streams.outcome.tolist() == [-1]


def test_it_is_sent_again_at_doubled_intervals(ran: Mapping[str, Ran]) -> None:
    # A timeout of 200 ms at least, doubled each time: at 0.2, 0.6 and 1.4 s within 2 s.
    assert ran[NARROW].records.streams.timeouts.tolist() == [3]
    assert {reason for reason, _ in ran[NARROW].dropped()} == {"mtu"}


def test_what_is_small_notices_nothing(ran: Mapping[str, Ran]) -> None:
    found = ran[NARROW].outcomes("small")
    assert set(found) == {"answered"}
    assert found == ran[MENDED[0]].outcomes("small")
    assert ran[NARROW].latencies("small").max() < MILLISECOND


@pytest.mark.parametrize("variant", MENDED)
def test_what_mends_it(ran: Mapping[str, Ran], variant: str) -> None:
    assert not ran[variant].dropped()
    assert ran[variant].records.streams.delivered.tolist() == [SIZE]
    assert ran[variant].records.streams.timeouts.tolist() == [0]
