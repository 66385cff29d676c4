"""Connections from outside, run: which machines they cross, who answers whom, and whose address the server sees."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from netsim.analysis.laws import check
from netsim.analysis.sources import source_seen
from netsim.engines import run
from netsim.program import REASONS, Program
from netsim.records import Records
from tests.documents import document, program

NATIVE = {"plugin": "cilium", "routing": "native"}
HOST_GW = {"plugin": "flannel", "backend": "host-gw"}
OUTSIDE = {"from": "internet", "to": "svc/web", "connections": {"mode": "perRequest"}}


def ran(traffic: dict[str, Any], cluster: dict[str, Any] | None = None, **spec: Any) -> tuple[Program, Records]:
    """Four nodes, two pods of a Service on n-0 and n-1, 200 requests of 100 B that are answered by 20 kB."""
    stream = {"name": "t", "rate": "2k/s", "arrivals": "constant", "request": "100B", "response": "20kB"}
    service = {"name": "web", "selector": "deployment/web", "type": "LoadBalancer", **spec.pop("service", {})}
    pods = [{"name": "web-0", "node": "n-0"}, {"name": "web-1", "node": "n-1"}]
    whole = {
        "run": {"duration": "150ms", "warmup": "0"},
        "cluster": {"nodePools": [{"name": "n", "count": 4}], **(cluster or {})},
        "workloads": [
            {"target": "deployment/web", "pods": pods, "ports": [80]},
            {"target": "pod/client", "node": "n-3"},
        ],
        "services": [service],
        "traffic": [{**stream, **traffic}],
        **spec,
    }
    found = program(document(whole))
    records = run(found, log=True)
    assert [verdict.violations for verdict in check(found, records) if verdict.violations] == []
    return found, records


def carried(found: Program, records: Records) -> dict[str, int]:
    """Time in ps that each link serialised."""
    names = found.names.stations
    return {name: int(records.stations.busy[row]) for row, name in enumerate(names) if "->" in name}


def test_with_direct_return_only_the_pods_own_nodes_send_answers() -> None:
    """Behind SNAT the 20 kB that a pod elsewhere answers leave by the entry node too."""
    way = {**OUTSIDE, "via": "nodePort"}
    direct = carried(*ran(way, cni={**NATIVE, "loadBalancerMode": "dsr"}))
    through = carried(*ran(way, cni=NATIVE))
    idle = ("n-2->tor", "n-3->tor")  # nodes without a pod: they only pass on what came in
    for link in idle:
        assert 0 < direct[link] < through[link] / 5
    assert direct["n-0->tor"] + direct["n-1->tor"] < through["n-0->tor"] + through["n-1->tor"]


def test_layer_2_brings_everything_to_the_leader_and_bgp_to_all() -> None:
    way = {**OUTSIDE, "via": "loadBalancer"}
    by_arp, records = ran(way, {"loadBalancer": {"kind": "metallb-l2"}})
    leaders = {by_arp.names.nodes[row] for row in by_arp.entries.tolist()}
    assert len(leaders) == 1
    [leader] = leaders
    sent = carried(by_arp, records)
    others = [name for name in by_arp.names.nodes if name not in (leader, "n-0", "n-1")]
    assert all(sent[f"tor->{name}"] == 0 for name in others), "nobody else sees a packet"
    assert sent[f"{leader}->tor"] > 0
    sent = carried(*ran(way, {"loadBalancer": {"kind": "metallb-bgp"}}))
    assert all(sent[f"tor->n-{number}"] > 0 for number in range(4))


def test_policy_local_announces_where_pods_are() -> None:
    local = {"externalTrafficPolicy": "Local"}
    for kind in ("metallb-bgp", "passthrough"):
        sent = carried(*ran({**OUTSIDE, "via": "loadBalancer"}, {"loadBalancer": {"kind": kind}}, service=local))
        assert sent["tor->n-2"] == sent["tor->n-3"] == 0
        assert sent["tor->n-0"] > 0
        assert sent["tor->n-1"] > 0


def test_a_balancer_of_pods_never_touches_another_node() -> None:
    found, records = ran({**OUTSIDE, "via": "loadBalancer"}, {"loadBalancer": {"kind": "pods"}}, cni=HOST_GW)
    sent = carried(found, records)
    assert sent["tor->n-2"] == sent["tor->n-3"] == 0
    assert sent["load-balancer->tor"] > 0
    served = Counter(records.requests.server.tolist())
    assert {found.names.endpoints[row] for row in served} == {"default/web-0", "default/web-1"}


def test_an_egress_gateway_sends_and_receives_for_its_pods() -> None:
    cluster = {
        "externals": [{"name": "db"}],
        "egressGateways": [{"name": "g", "nodes": ["n-2"], "workloads": ["pod/client"]}],
    }
    way = {"from": "pod/client", "to": "external/db"}
    found, records = ran(way, cluster)
    sent = carried(found, records)
    assert sent["n-2->tor"] > 0
    assert sent["tor->n-2"] > 0
    assert (records.requests.outcome == 0).all()
    del cluster["egressGateways"]
    sent = carried(*ran(way, cluster))
    assert sent["n-2->tor"] == sent["tor->n-2"] == 0


def test_a_gateways_ports_are_its_own() -> None:
    """With four ports to one destination, and TIME_WAIT, the fifth connection finds none."""
    cluster = {
        "externals": [{"name": "db"}],
        "egressGateways": [{"name": "g", "nodes": ["n-2"], "workloads": ["pod/client"]}],
    }
    way = {"from": "pod/client", "to": "external/db", "connections": {"mode": "perRequest"}}
    spec = document(
        {
            "run": {"duration": "20ms", "warmup": "0"},
            "cluster": {"nodePools": [{"name": "n", "count": 4}], **cluster},
            "workloads": [{"target": "pod/client", "node": "n-3"}],
            "traffic": [{"name": "t", "rate": "1k/s", "arrivals": "constant", **way}],
        }
    )
    found = program(spec)
    limits = found.nodes.nat_ports.copy()
    limits[found.names.nodes.index("n-2")] = 4
    object.__setattr__(found.nodes, "nat_ports", limits)
    records = run(found)
    assert int((records.requests.outcome == 0).sum()) == 4
    unlimited = program(spec)
    limits = unlimited.nodes.nat_ports.copy()
    limits[unlimited.names.nodes.index("n-3")] = 4  # the pod's own node translates nothing
    object.__setattr__(unlimited.nodes, "nat_ports", limits)
    assert (run(unlimited).requests.outcome == 0).all()


@pytest.mark.parametrize(("cidr", "let_in"), [("203.0.113.0/25", True), ("198.51.100.0/24", False), (None, True)])
def test_source_ranges_let_in_whom_they_name(cidr: str | None, let_in: bool) -> None:
    ranges = {"loadBalancerSourceRanges": ["203.0.113.0/24"]}
    way = {**OUTSIDE, "via": "loadBalancer", **({"cidr": cidr} if cidr else {})}
    _, records = ran(way, service=ranges)
    answered = int((records.requests.outcome == 0).sum())
    assert answered == (len(records.requests.outcome) if let_in else 0)
    lost = {REASONS[row] for row in np.flatnonzero(records.ledger.dropped)} if not let_in else set()
    assert lost == (set() if let_in else {"policy"})


def test_source_ranges_do_not_hold_at_node_ports() -> None:
    ranges = {"loadBalancerSourceRanges": ["203.0.113.0/24"]}
    _, records = ran({**OUTSIDE, "via": "nodePort", "cidr": "198.51.100.0/24"}, service=ranges)
    assert (records.requests.outcome == 0).all()


# -- whose address the server sees ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("traffic", "cluster", "spec", "seen"),
    [
        ({"from": "pod/client", "to": "svc/web"}, {}, {}, "pod"),
        ({"from": "pod/client", "to": "external/db"}, {"externals": [{"name": "db"}]}, {}, "node"),
        ({"from": "node/n-3", "to": "svc/web"}, {}, {}, "node"),
        ({**OUTSIDE, "via": "nodePort"}, {}, {}, "node"),
        ({**OUTSIDE, "via": "nodePort"}, {}, {"service": {"externalTrafficPolicy": "Local"}}, "client"),
        ({**OUTSIDE, "via": "nodePort"}, {}, {"cni": {**NATIVE, "loadBalancerMode": "dsr"}}, "client"),
        ({**OUTSIDE, "via": "loadBalancer"}, {"loadBalancer": {"kind": "pods"}}, {"cni": HOST_GW}, "client"),
        ({"from": "internet", "to": "pod/web-0", "via": "pods"}, {}, {"cni": HOST_GW}, "client"),
    ],
)
def test_whose_address_the_server_sees(
    traffic: dict[str, Any], cluster: dict[str, Any], spec: dict[str, Any], seen: str
) -> None:
    found, records = ran(traffic, cluster, **spec)
    answered = int(np.flatnonzero(records.requests.outcome == 0)[0])
    client, server = (int(getattr(records.requests, side)[answered]) for side in ("client", "server"))
    assert source_seen(found, int(found.traffic.call[0]), client, server)[0] == seen


def test_behind_a_proxy_the_server_sees_the_balancer_or_its_entry_node() -> None:
    for policy, seen in (("Local", "balancer"), ("Cluster", "node")):
        service = {"externalTrafficPolicy": policy}
        found, _ = ran({**OUTSIDE, "via": "loadBalancer"}, {"loadBalancer": {"kind": "proxy"}}, service=service)
        machine = found.names.endpoints.index("external/load-balancer")
        pod = found.names.endpoints.index("default/web-0")
        assert source_seen(found, 1, machine, pod)[0] == seen


# -- per connection and per request -----------------------------------------------------------------------------------


def served(found: Program, records: Records) -> list[int]:
    """Requests that each pod of the Service served."""
    rows = [found.names.stations.index(f"default/web-{number}") for number in range(2)]
    return [int(records.stations.visits[row]) for row in rows]


def test_persistent_connections_stay_where_layer_4_put_them_and_layer_7_spreads_them() -> None:
    """One client with HTTP/2: a node port gives all to one pod, a proxy of requests half to each."""
    way = {"from": "external/user", "to": "svc/web", "connections": {"mode": "persistent"}}
    outside = {"externals": [{"name": "user"}]}
    one, other = sorted(served(*ran({**way, "via": "nodePort"}, outside)))
    assert one == 0
    balancer = {"kind": "proxy", "choice": "request", "targets": "pods"}
    shares = served(*ran({**way, "via": "loadBalancer"}, {**outside, "loadBalancer": balancer}, cni=HOST_GW))
    assert sum(shares) == other
    assert abs(shares[0] - shares[1]) <= 1, "round robin"


def test_a_layer_4_proxy_keeps_one_connection_for_each_of_a_clients() -> None:
    """40 clients with a connection each: 40 of the proxy's, to both pods; and each client's go to one pod."""
    way: dict[str, Any] = {"from": "internet", "to": "svc/web", "via": "loadBalancer", "clients": 40}
    way["connections"] = {"mode": "persistent"}
    found, records = ran(way, {"loadBalancer": {"kind": "proxy"}})
    assert int(records.sockets.opened) == 80
    assert min(served(found, records)) > 50


def test_one_of_several_backends_takes_each_request(tmp_path: Any) -> None:
    """Weights of an HTTPRoute: no request goes to both or neither."""
    from netsim.lowering import lower
    from netsim.scenario import load

    (tmp_path / "m.yaml").write_text(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\nspec:\n  rules:\n"
        "  - backendRefs: [{name: a, port: 80, weight: 3}, {name: b, port: 80, weight: 1}]\n"
    )
    (tmp_path / "s.yaml").write_text(
        "apiVersion: netsim/v1alpha1\nkind: Scenario\nmetadata: {name: x}\nspec:\n  manifests: [m.yaml]\n"
        "  run: {duration: 500ms, warmup: '0'}\n  cluster: {nodePools: [{name: n, count: 2}]}\n"
        "  workloads: [{target: pod/a, ports: [80]}, {target: pod/b, ports: [80]}]\n"
        "  services: [{name: a, selector: pod/a}, {name: b, selector: pod/b}]\n"
        "  traffic: [{name: t, from: internet, to: svc/a, via: httpRoute/r, rate: 1k/s, arrivals: constant}]\n"
    )
    found = lower(load(tmp_path / "s.yaml").variants[0], 1)
    records = run(found)
    counts = [int(records.stations.visits[found.names.stations.index(f"default/{name}")]) for name in "ab"]
    total = len(records.requests.outcome)
    assert sum(counts) == total
    # Three quarters, within four standard deviations of a binomial.
    assert abs(counts[0] - 0.75 * total) < 4 * (total * 0.75 * 0.25) ** 0.5
