"""Ports: as many connections as there are, and none more until TIME_WAIT is over."""

from netsim.engines.reference.ports import TIME_WAIT, Ports


def test_a_port_in_time_wait_is_free_after_a_minute() -> None:
    ports = Ports(2)
    assert ports.take(0)
    assert ports.take(0)
    assert not ports.take(1)
    ports.keep(5 + TIME_WAIT)
    assert not ports.take(4 + TIME_WAIT)
    assert ports.take(5 + TIME_WAIT)
    assert ports.most == 2


def test_a_released_port_is_free_at_once() -> None:
    ports = Ports(1)
    assert ports.take(0)
    ports.release()
    assert ports.take(0)
    assert not ports.take(0)
    assert ports.most == 1
