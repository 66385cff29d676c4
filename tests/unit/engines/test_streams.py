"""Bulk streams and datagrams at the edges: stops before the start, refusals, and what a stalled stream leaves."""

from typing import Any

import numpy as np
import pytest

from netsim.analysis.laws import check
from netsim.engines import run
from netsim.program import REASON, Program
from netsim.records import Records
from tests.documents import document, program
from tests.properties import checker

MILLISECOND = 10**9


def outcome(traffic: dict[str, Any], duration: str = "5ms", **spec: Any) -> tuple[Program, Records]:
    """A run of one stream of traffic from one node to another, in which every law holds."""
    nodes = {"name": "n", "count": 2, "nics": [{"bandwidth": "1Gbit"}], **spec.pop("pool", {})}
    found = program(
        document(
            {
                "run": {"duration": duration, "warmup": "0", "seed": spec.pop("seed", 1)},
                "cluster": {"nodePools": [nodes], "externals": [{"name": "far", "latency": "50ms"}]},
                "cni": {"plugin": "calico"},
                "workloads": [
                    {"target": "pod/a", "node": "n-0"},
                    {"target": "pod/b", "node": "n-1", "ports": [80]},
                ],
                "services": [{"name": "b", "selector": "pod/b", "port": 80}],
                "traffic": [{"name": "x", "from": "pod/a", "to": "pod/b", **traffic}],
                **spec,
            }
        )
    )
    records = run(found, log=True)
    assert not [verdict for verdict in check(found, records) if verdict.broken]
    assert checker.faults(found, records) == []
    return found, records


def test_the_time_of_a_stream_begins_when_its_connection_is_open() -> None:
    """50 ms away, one millisecond long: it has sent something, and ends."""
    _, records = outcome({"to": "external/far", "bulk": {"duration": "1ms"}}, "1s")
    [started], [finished] = records.streams.started, records.streams.finished
    assert started > 100 * MILLISECOND
    assert 50 * MILLISECOND <= finished - started < 51 * MILLISECOND, "ten segments were sent at once, then nothing"
    assert records.streams.outcome.tolist() == [0]
    assert (
        records.streams.sent.tolist() == records.streams.delivered.tolist() == records.requests.request_bytes.tolist()
    )


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_stream_that_is_stopped_when_all_was_read_ends_there(seed: int) -> None:
    outcome({"bulk": {"duration": "1ms"}}, "3ms", transport={"receiveWindow": "1500B"}, seed=seed)


def test_a_stream_that_was_given_up_is_not_stopped_again() -> None:
    """Nothing large gets through a switch with a smaller MTU: 15 retransmissions, 924 s, then its time is over."""
    fabric = {"topology": "flat", "mtu": 1400}
    _, records = outcome({"bulk": {"duration": "1000s"}}, "1200s", fabric=fabric)
    assert records.streams.outcome.tolist() == [1 + REASON["transfer-timeout"]]
    assert records.streams.delivered.tolist() == [0]
    assert set(records.drops.reason.tolist()) == {REASON["mtu"]}
    assert records.sockets.reset == 1


@pytest.mark.parametrize("target", ["pod/b", "svc/b"])
def test_a_full_connection_table_refuses_all_datagrams_of_a_flow(target: str) -> None:
    pool = {"sysctls": {"net.netfilter.nf_conntrack_max": 1}}
    datagrams = {"to": target, "datagrams": {"streams": 2, "size": "100B", "rate": "10Mbit"}}
    _, records = outcome(datagrams, pool=pool)
    assert records.conntrack_peak.tolist()[0] == 1
    sent, received = records.streams.datagrams, records.streams.received
    assert sent.min() > 50, "a refusal does not stop the sender"
    assert sorted(received.tolist())[0] == 0
    assert received.max() > 50
    refused = records.lost.datagrams[records.lost.reason == REASON["conntrack"]]
    assert refused.sum() == sent[received == 0][0]


def test_a_thread_that_is_refused_sends_on() -> None:
    """Cilium looks at connect() time what a socket may do; the host's own sockets meet conntrack in their thread."""
    pool = {"sysctls": {"net.netfilter.nf_conntrack_max": 1}}
    datagrams = {"to": "svc/b", "datagrams": {"streams": 2, "size": "100B", "rate": "10Mbit"}}
    _, records = outcome(datagrams, pool=pool, cni={"plugin": "host"})
    assert records.streams.datagrams.min() > 50
    assert np.all(records.streams.unsent <= 1)


@pytest.mark.parametrize("discovery", [True, False])
def test_smaller_frames_after_a_report_are_counted_by_the_byte(discovery: bool) -> None:
    fabric = {"topology": "leaf-spine", "leaves": 2, "spines": 2, "mtu": 1400, "cableLoss": "1%"}
    load = {"users": 4, "request": "9000B", "response": "9000B", "thinkTime": "1ms"}
    transport = {"pathMtuDiscovery": discovery}
    _, records = outcome(load, "300ms", fabric=fabric, transport=transport, pool={"cpuSpeed": "20%"})
    answered = int((records.requests.outcome == 0).sum())
    assert answered > 100 if discovery else answered == 0


def test_what_a_host_sends_through_wireguard_is_received_behind_the_wire() -> None:
    """Its thread is back in its lane after the encryption: nothing is received there; what is lost is sent again."""
    spec: dict[str, Any] = {
        "from": "node/n-0",
        "to": "svc/b",
        "bulk": {"size": "600kB"},
        "cni": {"plugin": "calico", "wireguard": True},
        "fabric": {"topology": "flat", "cableLoss": "5%"},
    }
    traffic = {key: spec.pop(key) for key in ("from", "to", "bulk")}
    _, records = outcome(traffic, "3s", **spec)
    assert records.ledger.bytes_dropped > 20_000
    assert records.streams.outcome.tolist() == [0]
    assert records.ledger.bytes_delivered >= 600_000
    assert records.streams.resent[0] > 20_000
