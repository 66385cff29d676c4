"""A connection for each request: within a minute the client can open as many as it has ports, and not one more."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from netsim.experiment.options import Options, applied
from netsim.model.load import OpenLoop
from tests.pathologies.shipped import MILLISECOND, SECOND, Ran, run, run_all, variants

NAME = "22_ephemeral_ports"
LINUX = 60999 - 32768 + 1  # net.ipv4.ip_local_port_range
PORTS = 60999 - 57471 + 1  # as the file says
TIME_WAIT = 60 * SECOND


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    return run_all(NAME)


def exhausted(one: Ran, ports: int) -> None:
    """As many connections open as there are ports; every later request fails."""
    assert one.program.duration < TIME_WAIT  # no port comes free
    outcomes = one.of("calls", "outcome")
    assert one.outcomes("calls") == {"answered": ports, "ports": len(outcomes) - ports}
    assert (outcomes[:ports] == 0).all()
    assert (outcomes[ports:] > 0).all()


def test_as_many_connections_open_as_there_are_ports(ran: Mapping[str, Ran]) -> None:
    assert PORTS * 8 == LINUX
    exhausted(ran["connection-each"], PORTS)


@pytest.mark.slow
def test_of_linuxs_own_ports_connection_28_233_fails() -> None:
    # The variant with all ports, long enough for 28,500 requests at 10,000/s.
    assert LINUX == 28_232
    exhausted(run(applied(variants(NAME)["ports-of-linux"], Options(duration=2850 * MILLISECOND))), LINUX)


def test_the_client_is_told_at_once(ran: Mapping[str, Ran]) -> None:
    one = ran["connection-each"]
    failed = one.of("calls", "outcome") > 0
    assert failed.any()
    assert (one.of("calls", "completed")[failed] == one.of("calls", "intended")[failed]).all()


def test_two_pods_behind_the_service_are_no_help(ran: Mapping[str, Ran]) -> None:
    served = ran["connection-each"].served("calls")
    assert len(served) == 2
    assert sum(served.values()) == PORTS


@pytest.mark.parametrize(("ports", "enough"), [(60, False), (61, True)])
def test_a_port_is_free_again_after_a_minute(ports: int, enough: bool) -> None:
    # A request a second: the port of the first comes free a little after request 61 wants one.
    scenario = variants(NAME)["connection-each"]
    [calls] = scenario.traffic
    assert isinstance(calls.load, OpenLoop)
    length = 90 * SECOND
    slow = replace(calls, load=replace(calls.load, stages=((length, 1000),)))
    nodes = tuple(replace(node, kernel=replace(node.kernel, ports=ports)) for node in scenario.cluster.nodes)
    few = replace(scenario, cluster=replace(scenario.cluster, nodes=nodes), traffic=(slow,))
    outcomes = run(replace(few, run=replace(few.run, duration=length))).of("calls", "outcome")
    assert (outcomes[:ports] == 0).all()
    assert (outcomes[60] == 0) == enough
    assert (outcomes[61:] == 0).all()


@pytest.mark.parametrize("variant", ["kept", "ports-of-linux"])
def test_what_mends_it(ran: Mapping[str, Ran], variant: str) -> None:
    assert set(ran[variant].outcomes("calls")) == {"answered"}


def test_kept_connections_need_few_ports(ran: Mapping[str, Ran]) -> None:
    assert ran["kept"].records.sockets.most_ports < 100
