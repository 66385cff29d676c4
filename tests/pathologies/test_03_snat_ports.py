"""Where no source port is left, connecting to a machine outside takes 1 s, 3 s or 7 s."""

from collections.abc import Mapping

import pytest

from tests.pathologies.shipped import MILLISECOND, SECOND, Ran, retries, run_all

PORTS, KEPT = 500, 120 * SECOND  # as the file says; nf_conntrack_tcp_timeout_time_wait
ATTEMPTS = {0: 0, 1: 1, 3: 2, 7: 3}  # seconds until the SYN that gets through: how many before it were lost


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    return run_all("03_snat_ports")


def test_the_first_job_has_every_port_and_the_next_connection_none(ran: Mapping[str, Ran]) -> None:
    connects = ran["500-ports"].of("queries", "connect")
    assert (connects[:PORTS] < MILLISECOND).all()
    assert ran["500-ports"].of("queries", "intended")[PORTS] < KEPT
    assert connects[PORTS] >= SECOND or ran["500-ports"].of("queries", "outcome")[PORTS] < 0


def test_connecting_takes_whole_retries_of_the_syn(ran: Mapping[str, Ran]) -> None:
    took = retries(ran["500-ports"].connected("queries"))
    assert set(took) <= set(ATTEMPTS)
    assert min(took[1], took[3]) > 0


def test_no_port_is_used_twice_within_two_minutes(ran: Mapping[str, Ran]) -> None:
    one = ran["500-ports"]
    answered = one.of("queries", "outcome") == 0
    opened = sorted((one.of("queries", "intended") + one.of("queries", "connect"))[answered].tolist())
    assert all(later - earlier > KEPT for earlier, later in zip(opened[:-PORTS], opened[PORTS:], strict=True))


def test_every_syn_that_was_lost_was_lost_for_want_of_a_port(ran: Mapping[str, Ran]) -> None:
    dropped = ran["500-ports"].dropped()
    assert set(dropped) == {("nat-ports", "node-0")}
    took = retries(ran["500-ports"].connected("queries"))
    lost = sum(ATTEMPTS[seconds] * count for seconds, count in took.items())
    waiting = ran["500-ports"].outcomes("queries")["under way"]
    # Those still waiting at the end came in the last 11 s: they have lost 1 to 4 SYNs (after 0, 1, 3 and 7 s).
    assert lost + waiting <= dropped["nat-ports", "node-0"] <= lost + 4 * waiting


@pytest.mark.parametrize("variant", ["kept-connections", "ports-1024-65535"])
def test_what_mends_it(ran: Mapping[str, Ran], variant: str) -> None:
    assert not ran[variant].dropped()
    assert set(ran[variant].outcomes("queries")) == {"answered"}
    assert ran[variant].latencies("queries").max() < MILLISECOND
