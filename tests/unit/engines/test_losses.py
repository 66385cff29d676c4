"""What becomes of lost packets: retried handshakes, parts of bursts, and refusals, each in a scenario made for it."""

from typing import Any

import numpy as np

from netsim.analysis.laws import check
from netsim.engines import run
from netsim.program import REASON, Phase, Program
from netsim.records import Records
from tests.documents import document, program
from tests.properties import checker

FLOOD = {"stages": [{"duration": "20ms", "target": "5k/s"}]}
NEW = {"mode": "perRequest"}


def outcome(spec: dict[str, Any]) -> tuple[Program, Records]:
    """A run of a scenario with three nodes, in which every law holds."""
    cluster = {"nodePools": [{"name": "a", "count": 3, "nics": [{"bandwidth": "100Mbit", "ring": 16}]}]}
    whole = {
        "run": {"duration": "3s", "warmup": "0", "seed": 3},
        "cluster": cluster,
        "services": [{"name": "web", "selector": "deployment/web", "type": "NodePort"}],
        "cni": {"plugin": "calico", "encapsulation": "IPIPCrossSubnet"},
        **spec,
    }
    found = program(document(whole))
    records = run(found, log=True)
    assert not [verdict for verdict in check(found, records) if verdict.broken]
    assert checker.faults(found, records) == []
    return found, records


def test_a_syn_that_is_sent_again_keeps_to_the_way_of_its_server() -> None:
    """The first attempt chose the pod; the second one must not walk the route to some other relation."""
    _found, records = outcome(
        {
            "fabric": {"topology": "flat", "portBuffer": "3100B"},
            "workloads": [
                {"target": "pod/one", "node": "a-0"},
                {"target": "deployment/many", "replicas": 6},
                {"target": "deployment/web", "replicas": 3, "ports": [80]},
            ],
            "traffic": [
                {"name": "flood", "from": "deployment/many", "to": "svc/web", "rate": FLOOD, "request": "60kB"},
                {
                    "name": "small",
                    "from": "pod/one",
                    "to": "svc/web",
                    "rate": FLOOD,
                    "request": "1B",
                    "connections": NEW,
                },
            ],
        }
    )
    moved = records.transfers
    assert np.count_nonzero((moved.phase == Phase.SYN) & (moved.timeouts > 0) & (moved.finished >= 0)) >= 3


def test_a_burst_that_comes_in_part_is_repaired_by_what_it_lacks() -> None:
    """Also at a client on the internet, whose machine is not modelled: it has no socket that waits for the gap."""
    _, records = outcome(
        {
            "fabric": {"topology": "leaf-spine", "leafUplink": {"bandwidth": "10Mbit", "buffer": "20kB"}},
            "workloads": [{"target": "deployment/web", "replicas": 3, "ports": [80]}],
            "traffic": [
                {
                    "name": "users",
                    "from": "internet",
                    "to": "svc/web",
                    "via": "nodePort",
                    "users": 4,
                    "response": "60kB",
                }
            ],
        }
    )
    book = records.ledger
    again = book.bytes_sent - int(records.transfers.payload[records.transfers.bursts > 0].sum())
    assert sum(book.dropped) == book.dropped[REASON["buffer"]] > 5
    assert 0 < again <= book.bytes_dropped, "only what was lost is sent again"
    assert np.count_nonzero(records.requests.outcome == 0) > 5


def small_table(users: int, connections: dict[str, str]) -> tuple[Program, Records]:
    """Users of one pod who call another node's pod, where five connections can be tracked."""
    pool = {"name": "a", "count": 2, "sysctls": {"net.netfilter.nf_conntrack_max": 5}}
    traffic = {"name": "t", "from": "pod/one", "to": "svc/web", "users": users, "thinkTime": "1ms"}
    return outcome(
        {
            "cluster": {"nodePools": [pool]},
            "workloads": [
                {"target": "pod/one", "node": "a-0"},
                {"target": "deployment/web", "replicas": 1, "node": "a-1", "ports": [80], "serviceTime": "2ms"},
            ],
            "traffic": [traffic | {"connections": connections}],
        }
    )


def test_a_full_connection_table_refuses_new_connections_only() -> None:
    found, records = small_table(9, {"mode": "pooled"})
    assert records.conntrack_peak.max() == found.nodes.conntrack_max[0] == 5
    assert set(records.drops.reason.tolist()) == {REASON["conntrack"]}
    assert np.count_nonzero(records.requests.outcome == 0) > 5


def test_a_full_connection_table_makes_room_from_closed_connections() -> None:
    found, records = small_table(3, NEW)
    assert records.conntrack_peak.max() == found.nodes.conntrack_max[0] == 5
    assert not len(records.drops.reason)
    assert np.count_nonzero(records.requests.outcome == 0) > 5


def test_a_node_without_a_pod_refuses_under_policy_local() -> None:
    """A SYN to a node port without a local pod vanishes; the client tries for 127 s, then gives up."""
    service = {"name": "web", "selector": "deployment/web", "type": "NodePort", "externalTrafficPolicy": "Local"}
    _, records = outcome(
        {
            "run": {"duration": "140s", "warmup": "0", "seed": 3},
            "cluster": {"nodePools": [{"name": "a", "count": 3}], "externals": [{"name": "far"}]},
            "services": [service],
            "workloads": [{"target": "deployment/web", "replicas": 1, "node": "a-1", "ports": [80]}],
            "traffic": [
                {
                    "name": "t",
                    "from": "external/far",
                    "to": "svc/web",
                    "via": "nodePort",
                    "rate": "1/s",
                    "connections": NEW,
                }
            ],
        }
    )
    asked = records.requests
    early = asked.intended < 12 * 10**12
    served, refused = asked.outcome == 0, asked.outcome == 1 + REASON["connect-timeout"]
    assert np.all(served[early] | refused[early])
    assert served[early].any()
    waited = (asked.completed - asked.intended)[refused]
    # 1 + 2 + 4 + 8 + 16 + 32 + 64 s: tcp_syn_retries 6 of Linux.
    assert len(waited) > 2
    assert np.all(np.abs(waited - 127 * 10**12) < 10**9)


def test_what_a_full_tunnel_queue_leaves_of_a_burst_travels_on() -> None:
    _, records = outcome(
        {
            "cni": {"plugin": "flannel", "backend": "udp"},
            "cluster": {"nodePools": [{"name": "a", "count": 2}]},
            "workloads": [
                {"target": "pod/one", "node": "a-0"},
                {"target": "deployment/web", "replicas": 1, "node": "a-1", "ports": [80]},
            ],
            "traffic": [
                {"name": "t", "from": "pod/one", "to": "svc/web", "users": 1, "thinkTime": "1ms", "request": "1200kB"}
            ],
        }
    )
    assert REASON["tunnel"] in records.drops.reason
    assert records.transfers.resent.max() > 0
    assert np.count_nonzero(records.requests.outcome == 0) > 0
