"""A full conntrack table keeps new flows out, for 1 s, 3 s, 7 s, and leaves those that have an entry alone."""

from collections.abc import Mapping

import numpy as np
import pytest

from tests.pathologies.shipped import MILLISECOND, SECOND, Ran, retries, run_all

ENTRIES, HELD = 500, 3500 * MILLISECOND  # as the file says
ATTEMPTS = {0: 0, 1: 1, 3: 2, 7: 3, 15: 4}  # seconds until the SYN that gets through: how many before it were lost
FULL, LARGE = "table-of-500", "table-of-kube-proxy"


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    return run_all("01_conntrack_table_full")


def test_the_table_fills_up_to_its_last_entry_and_no_further(ran: Mapping[str, Ran]) -> None:
    back = ran[FULL].program.names.nodes.index("back-0")
    assert ran[FULL].records.conntrack_peak[back] == ENTRIES


def test_those_who_come_first_get_in_and_the_next_one_does_not(ran: Mapping[str, Ran]) -> None:
    intended, connects = ran[FULL].of("connecting", "intended"), ran[FULL].connected("connecting")
    room = ENTRIES - 1  # one connection of the other traffic is there
    assert intended[room] < HELD  # nobody has left yet
    assert (connects[:room] < MILLISECOND).all()
    assert connects[room] >= SECOND


def test_connecting_takes_whole_retries_of_the_syn(ran: Mapping[str, Ran]) -> None:
    assert ran[FULL].outcomes("connecting").keys() == {"answered"}
    took = retries(ran[FULL].connected("connecting"))
    assert set(took) <= set(ATTEMPTS)
    assert min(took[1], took[3], took[7]) > 0
    lost = sum(ATTEMPTS[seconds] * count for seconds, count in took.items())
    assert ran[FULL].dropped() == {("conntrack", "back-0"): lost}


def test_who_is_connected_notices_nothing(ran: Mapping[str, Ran]) -> None:
    connected = {name: one.latencies("connected") for name, one in ran.items()}
    assert ran[FULL].outcomes("connected") == ran[LARGE].outcomes("connected")
    assert connected[FULL].max() < MILLISECOND
    # The same requests with the same luck: the other traffic costs them less than a tenth on the whole.
    assert np.median(connected[FULL]) == pytest.approx(np.median(connected[LARGE]), rel=0.1)


def test_a_larger_table_mends_it(ran: Mapping[str, Ran]) -> None:
    assert not ran[LARGE].dropped()
    assert set(retries(ran[LARGE].connected("connecting"))) == {0}
