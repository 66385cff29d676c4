"""The sender in small runs: frames that are too large, ports that run out, probes, and the idle window."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netsim.analysis.laws import check
from netsim.engines import run
from netsim.program import REASON, Program
from netsim.records import Records
from tests.documents import document, program
from tests.dumbbell import GBIT, MILLISECOND, MSS, Dumbbell, socket
from tests.programs import SHARED, column

SECOND = 10**12
SMALL = 1400  # bytes: MTU of a link on the way
SIZE = 200 * MSS


def narrow(discovery: int, reports: int = 1) -> tuple[Program, Records]:
    """A transfer of 200 segments over a link with an MTU of 1,400 in the middle of a path of 1,500."""
    sockets = socket(discovery=discovery)
    bell = Dumbbell(
        rate=GBIT, round_trip=MILLISECOND, duration=30 * SECOND, size=SIZE, burst=65_535, transports=sockets
    )
    found = bell.program()
    found = replace(
        found, paths=replace(found.paths, mss=column(0, 0, 0)),
        stations=replace(found.stations, mtu=column(SMALL, -1, -1), reports=column(reports, 0, 0)),
    )  # fmt: skip
    records = run(found)
    assert set(records.drops.reason.tolist()) == {REASON["mtu"]}
    book = records.ledger
    assert book.bytes_sent == book.bytes_delivered + book.bytes_dropped + book.bytes_in_flight
    return found, records


def test_discovery_finds_the_size_that_fits() -> None:
    """The first window of ten is lost whole; the report makes frames of 1,348 bytes of what is left and of what was
    lost, and everything arrives in a few round trips."""
    _, records = narrow(discovery=1)
    assert records.drops.frames.tolist() == [10]
    assert records.streams.outcome.tolist() == [0]
    assert records.streams.delivered.tolist() == [SIZE]
    assert records.streams.resent.tolist() == [10 * MSS]
    assert records.streams.timeouts.tolist() == [0]
    assert records.streams.finished[0] < 20 * MILLISECOND


@pytest.mark.parametrize(("discovery", "reports"), [(0, 1), (1, 0)])
def test_without_reports_the_handshake_works_and_bulk_stalls(discovery: int, reports: int) -> None:
    _, records = narrow(discovery, reports)
    assert records.transfers.finished[:2].min() > 0, "SYN and SYN-ACK are small"
    assert records.streams.delivered.tolist() == [0]
    assert records.streams.outcome.tolist() == [-1]
    assert records.streams.timeouts[0] >= 6
    assert records.sockets.open == 1


def test_the_tail_of_a_transfer_is_probed_after_two_round_trips() -> None:
    """RACK-TLP: with its last two segments lost, a sender does not wait for the timeout of 200 ms (RFC 8985, 7)."""
    times = {}
    for rack in (0, 1):
        bell = Dumbbell(
            rate=GBIT, round_trip=10 * MILLISECOND, duration=2 * SECOND, size=9 * MSS + 100,
            transports=socket(rack=rack),
        )  # fmt: skip
        found = bell.program()
        # Room for eight full frames in front of the link: the ninth and the short one behind it are lost.
        found = replace(found, stations=replace(found.stations, room=column(8 * 1538 + 50, -1, -1)))
        records = run(found)
        assert records.drops.frames.tolist() == [2]
        assert records.streams.resent.tolist() == [MSS + 100]
        times[rack] = int(records.streams.finished[0])
        assert records.streams.timeouts.tolist() == [1 - rack]
    assert times[0] - times[1] > 100 * MILLISECOND
    assert times[1] < 60 * MILLISECOND, "handshake, flight, two round trips, probe, repair: 5 round trips and waits"


def test_one_connection_carries_transfers_in_order_and_stays_open() -> None:
    found = Dumbbell(rate=GBIT, duration=SECOND, size=10 * MSS).program()
    found = replace(found, calls=replace(found.calls, mode=column(SHARED)))
    records = run(found)
    assert records.streams.outcome.tolist() == [0]
    assert (records.sockets.opened, records.sockets.open) == (1, 1)


def connecting(sysctls: dict[str, Any], traffic: dict[str, Any]) -> tuple[Program, Records]:
    """A pod that opens a connection for every request, on a node with these settings."""
    found = program(
        document(
            {
                "run": {"duration": "200ms", "warmup": "0", "seed": 1},
                "cluster": {"nodePools": [{"name": "a", "count": 2, "sysctls": sysctls}]},
                "cni": {"plugin": "flannel"},
                "workloads": [
                    {"target": "pod/one", "node": "a-0"},
                    {"target": "deployment/web", "replicas": 1, "node": "a-1", "ports": [80]},
                ],
                "services": [{"name": "web", "selector": "deployment/web", "type": "NodePort"}],
                "traffic": [{"name": "t", "from": "pod/one", "to": "svc/web"} | traffic],
            }
        )
    )
    records = run(found)
    assert not [verdict for verdict in check(found, records) if verdict.broken]
    return found, records


def test_a_client_without_ports_is_refused_and_counted() -> None:
    """50 ports, each a minute in TIME_WAIT: the 51st request of the run and all later ones fail at once."""
    ports = {"net.ipv4.ip_local_port_range": "32768 32817"}
    _, records = connecting(ports, {"rate": "1k/s", "connections": {"mode": "perRequest"}})
    asked, sockets = records.requests, records.sockets
    refused = asked.outcome == 1 + REASON["ports"]
    assert np.count_nonzero(~refused) == 50
    assert np.all(asked.completed[refused] == asked.intended[refused])
    assert sockets.refused == np.count_nonzero(refused) > 50
    assert sockets.most_ports == 50
    assert sockets.opened == sockets.closed + sockets.reset + sockets.refused + sockets.open


def test_the_side_that_closes_first_keeps_the_port() -> None:
    ports = {"net.ipv4.ip_local_port_range": "32768 32817"}
    _, records = connecting(ports, {"transactions": {"connect": True}})
    assert records.sockets.refused == 0
    assert records.sockets.closed > 50
    assert records.sockets.most_ports < 50


def test_a_node_without_ports_for_translation_drops_and_counts() -> None:
    """A client outside comes by a node port: the node translates its source, with 20 ports for two minutes each."""
    found = program(
        document(
            {
                "run": {"duration": "300ms", "warmup": "0", "seed": 1},
                "cluster": {"nodePools": [{"name": "a", "count": 2}], "externals": [{"name": "far"}]},
                "cni": {"plugin": "flannel"},
                "workloads": [{"target": "deployment/web", "replicas": 1, "node": "a-1", "ports": [80]}],
                "services": [{"name": "web", "selector": "deployment/web", "type": "NodePort"}],
                "traffic": [
                    {
                        "name": "t", "from": "external/far", "to": "svc/web", "via": "nodePort", "rate": "1k/s",
                        "connections": {"mode": "perRequest"},
                    }
                ],
            }
        )
    )  # fmt: skip
    few = replace(found, nodes=replace(found.nodes, nat_ports=np.full_like(found.nodes.nat_ports, 20)))
    records = run(few)
    assert records.drops.reason.tolist() == [REASON["nat-ports"]] * len(records.drops.reason)
    assert records.drops.frames.sum() > 50
    answered = np.count_nonzero(records.requests.outcome == 0)
    assert 20 <= answered <= 40, "20 at each of the two nodes"
    assert np.all(records.requests.outcome[records.requests.outcome != 0] == -1), "SYNs are tried again for 127 s"
