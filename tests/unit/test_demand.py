"""Demand: each kind of traffic as rows of a Program, with its sizes, times and sockets."""

from dataclasses import fields, replace

import pytest

from netsim import cni
from netsim.lowering import lower
from netsim.model.cluster import Scenario, Traffic
from netsim.model.law import constant
from netsim.model.load import Bulk, ClosedLoop, Datagrams, Load, OpenLoop, Transactions
from netsim.model.transport import Connections, Transport
from netsim.program import Program, TrafficKind
from tests.modes import scenario

SECOND = 10**12
RENO = Transport(
    congestion_control="reno",
    ecn=True,
    initial_window=4,
    receive_window=1 << 16,
    delayed_ack=10**9,
    loss_detection="dupack",
    slow_start_after_idle=False,
    hystart=True,
    path_mtu_discovery=False,
)


def sending(*streams: Traffic) -> Scenario:
    """The small cluster with these streams."""
    return replace(scenario(cni.load("flannel").Config()), traffic=streams)


def stream(name: str, load: Load, start: int = 0, **call: object) -> Traffic:
    """A stream from the client to the pod of the other node."""
    [model] = [one for one in scenario(cni.load("flannel").Config()).traffic if one.name == "near"]
    asked = replace(model.call, request=constant(1400), **call)  # type: ignore[arg-type]
    return replace(model, name=name, load=load, start=start, call=asked)


def row(found: Program, name: str) -> dict[str, int]:
    """A row of Traffic by the stream's name."""
    number = found.names.traffic.index(name)
    return {field.name: int(getattr(found.traffic, field.name)[number]) for field in fields(found.traffic)}


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        (OpenLoop(((SECOND, 1000),)), {"kind": 0, "users": 0, "stop": -1, "interval": 0}),
        (ClosedLoop(7, constant(5)), {"kind": 0, "users": 7, "stop": -1, "interval": 0}),
        (Bulk(3), {"kind": TrafficKind.BULK, "users": 3, "stop": -1, "interval": 0}),
        (Bulk(1, 2 * SECOND), {"kind": TrafficKind.BULK, "users": 1, "stop": 2 * SECOND + 9, "interval": 0}),
        (Datagrams(2), {"kind": TrafficKind.DATAGRAMS, "users": 2, "stop": -1, "interval": 0}),
        (Datagrams(1, 17, SECOND), {"kind": TrafficKind.DATAGRAMS, "users": 1, "stop": SECOND + 9, "interval": 17}),
        (Transactions(32), {"kind": TrafficKind.TRANSACTIONS, "users": 32, "stop": -1, "interval": 0}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_kinds_of_traffic(load: Load, expected: dict[str, int]) -> None:
    found = lower(sending(stream("it", load, start=9)), 1)
    it = row(found, "it")
    assert {name: it[name] for name in expected} == expected
    assert it["start"] == 9
    assert (it["arrivals"] > 0) == (found.arrivals.size > 0) == isinstance(load, OpenLoop)
    assert (it["think"] >= 0) == isinstance(load, ClosedLoop)
    assert found.laws[found.calls.request[it["call"]]].tolist() == [1400] * found.laws.shape[1]


def test_sockets_that_behave_alike_share_a_row() -> None:
    found = lower(
        sending(
            stream("a", Bulk()),
            stream("b", Bulk(), transport=RENO),
            stream("c", Bulk(), transport=replace(RENO)),
            stream("d", Bulk(), transport=Transport(congestion_control="dctcp", ecn=True)),
        ),
        1,
    )
    rows = found.calls.transport[[row(found, name)["call"] for name in "abcd"]].tolist()
    assert rows == [0, 1, 1, 2]
    assert found.names.congestion == ("cubic", "reno", "dctcp")
    columns = {field.name: getattr(found.transports, field.name).tolist() for field in fields(found.transports)}
    assert columns == {
        "congestion": [0, 1, 2],
        "ecn": [0, 1, 1],
        "initial_window": [10, 4, 10],
        "receive_window": [3 << 20, 1 << 16, 3 << 20],
        "delayed_ack": [40 * 10**9, 10**9, 40 * 10**9],
        "rack": [1, 0, 1],
        "idle_restart": [1, 0, 1],
        "hystart": [0, 1, 0],
        "discovery": [1, 0, 1],
    }


def test_who_closes_a_connection_first() -> None:
    by_server = Connections(mode="perRequest", closed_by="server")
    found = lower(sending(stream("a", Transactions(1)), stream("b", Transactions(1, True), connections=by_server)), 1)
    closers = {name: int(found.calls.closer[row(found, name)["call"]]) for name in "ab"}
    assert closers == {"a": 0, "b": 1}
