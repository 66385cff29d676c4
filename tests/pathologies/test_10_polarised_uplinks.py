"""Flows in IPIP between two nodes take one uplink of four; in VXLAN they spread over all."""

from collections.abc import Mapping

import pytest

from tests.pathologies.shipped import Ran, run_all
from tests.theory import goodput_ceiling

UPLINK, SPINES = 10_000_000_000, 4
WARM = 1 / 3  # of the run, as the file says


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    return run_all("10_polarised_uplinks")


def uplinks(one: Ran) -> list[float]:
    """How busy the sender's leaf was towards each spine, the busiest first."""
    return sorted((one.busy(f"leaf1->spine{spine}") for spine in range(1, SPINES + 1)), reverse=True)


def test_ipip_fills_one_uplink_and_leaves_the_others_empty(ran: Mapping[str, Ran]) -> None:
    busiest, *others = uplinks(ran["ipip"])
    assert busiest > 0.95
    assert others == [0.0] * (SPINES - 1)
    assert len(ran["ipip"].records.streams.stream) == 32


def test_thirty_two_streams_get_what_one_uplink_carries(ran: Mapping[str, Ran]) -> None:
    carried = ran["ipip"].goodput("copies", WARM) / UPLINK
    assert carried <= goodput_ceiling(1480, 20)
    assert carried == pytest.approx(goodput_ceiling(1480, 20), rel=0.02)


def test_vxlan_fills_them_all(ran: Mapping[str, Ran]) -> None:
    # That 32 flows leave one of 4 uplinks out has the probability 4 (3/4)^32 = 0.0004.
    assert min(uplinks(ran["vxlan"])) > 0.9
    carried = ran["vxlan"].goodput("copies", WARM) / UPLINK
    assert carried == pytest.approx(SPINES * goodput_ceiling(1450, 50), rel=0.02)


def test_an_elephant_has_one_uplink_also_in_vxlan(ran: Mapping[str, Ran]) -> None:
    busiest, *others = uplinks(ran["vxlan-1-stream"])
    assert others == [0.0] * (SPINES - 1)
    assert ran["vxlan-1-stream"].goodput("copies", WARM) <= UPLINK * goodput_ceiling(1450, 50)
    assert busiest > 0.9
