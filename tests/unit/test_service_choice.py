"""Which endpoint a connection goes to, and what finding it takes: short runs of small clusters."""

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from netsim.engines import run, session
from netsim.program import REASON, Op, Program, Role
from netsim.program_edits import SetView
from netsim.records import Records
from netsim.units import ms
from tests.documents import document, program

PER_REQUEST = {"connections": {"mode": "perRequest"}}


def spec(service: dict[str, Any], traffic: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Four nodes in two zones; one pod of web on n-0, three on n-1, none on n-2 and n-3."""
    pools = [
        {"name": name, "count": 2, "labels": {"topology.kubernetes.io/zone": f"zone-{name}"}} for name in ("n", "m")
    ]
    nodes = ("n-0", "n-1", "n-1", "n-1")
    return {
        "run": {"duration": "400ms", "warmup": "0"},
        "cluster": {"nodePools": pools},
        "workloads": [
            {
                "target": "deployment/web",
                "ports": [80],
                "pods": [{"name": f"web-{place}", "node": node} for place, node in enumerate(nodes)],
            },
            *({"target": f"pod/on-{node}", "node": node} for node in ("n-0", "n-1", "m-0")),
        ],
        "services": [{"name": "web", "selector": "deployment/web", **service}],
        "traffic": [{"to": "svc/web", "rate": "1000/s", **PER_REQUEST, **one} for one in traffic],
        **more,
    }


def of_pods(*names: str) -> list[dict[str, Any]]:
    """Traffic from the pods of these nodes."""
    return [{"name": name, "from": f"pod/on-{name}"} for name in names]


def done(whole: dict[str, Any]) -> tuple[Program, Records]:
    found = program(document(whole))
    return found, run(found)


def served(found: Program, records: Records, traffic: str) -> Counter[str]:
    """How many answered requests of a traffic each endpoint had."""
    mine = (records.requests.traffic == found.names.traffic.index(traffic)) & (records.requests.outcome == 0)
    return Counter(found.names.endpoints[row] for row in records.requests.server[mine].tolist())


FROM_OUTSIDE = [{"name": "in", "from": "internet", "via": "loadBalancer", "clients": 500, "rate": "4000/s"}]


def test_local_gives_a_pod_a_load_in_inverse_proportion_to_the_pods_of_its_node() -> None:
    service = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}
    found, records = done(spec(service, FROM_OUTSIDE))
    counts = served(found, records, "in")
    total = sum(counts.values())
    assert total > 1400
    for pod, share in (("web-0", 1 / 2), ("web-1", 1 / 6), ("web-2", 1 / 6), ("web-3", 1 / 6)):
        assert counts[f"default/{pod}"] == pytest.approx(share * total, abs=4 * (share * (1 - share) * total) ** 0.5)


def crossings(found: Program, records: Records) -> float:
    """Share of answered requests that an entry node passed on to another node."""
    rows = np.flatnonzero((found.visits.op == Op.WIRE) & (found.visits.role == Role.ENTRY))
    onward = set(rows[found.visits.peer[rows] == Role.SERVER].tolist())
    spans = zip(records.requests.first_step.tolist(), records.requests.steps.tolist(), strict=True)
    visits = records.steps.visit.tolist()
    met = [any(visit in onward for visit in visits[first : first + count]) for first, count in spans if count]
    return sum(met) / len(met)


def test_cluster_sends_all_but_one_of_n_requests_to_another_node() -> None:
    whole = spec({"type": "NodePort"}, [{**FROM_OUTSIDE[0], "via": "nodePort"}])
    nodes = ("n-0", "n-1", "m-0", "m-1")
    whole["workloads"][0]["pods"] = [{"name": f"web-{place}", "node": node} for place, node in enumerate(nodes)]
    found, records = done(whole)
    count = int((records.requests.outcome == 0).sum())
    assert crossings(found, records) == pytest.approx(3 / 4, abs=4 * (3 / 16 / count) ** 0.5)
    whole["services"][0]["externalTrafficPolicy"] = "Local"
    assert crossings(*done(whole)) == 0


def test_internal_local_keeps_connections_on_their_node_and_answers_nobody_without_one() -> None:
    whole = spec({"internalTrafficPolicy": "Local"}, of_pods("n-0", "n-1", "m-0"))
    found, records = done(whole)
    assert set(served(found, records, "n-0")) == {"default/web-0"}
    assert set(served(found, records, "n-1")) == {"default/web-1", "default/web-2", "default/web-3"}
    assert not served(found, records, "m-0")
    assert records.ledger.dropped[REASON["no-endpoint"]] > 0, "no RST: the client tries again"
    assert records.ledger.dropped[REASON["refused"]] == 0


def test_traffic_stays_in_its_zone_or_on_its_node_where_that_is_preferred() -> None:
    whole = spec({"trafficDistribution": "PreferSameNode"}, of_pods("n-0", "n-1", "m-0"))
    found, records = done(whole)
    assert set(served(found, records, "n-0")) == {"default/web-0"}
    assert len(served(found, records, "n-1")) == 3
    assert len(served(found, records, "m-0")) == 4, "its zone has none"
    whole["services"][0]["trafficDistribution"] = "PreferClose"
    whole["workloads"][0]["pods"][3]["node"] = "m-1"
    found, records = done(whole)
    assert len(served(found, records, "n-0")) == 3
    assert set(served(found, records, "m-0")) == {"default/web-3"}


def test_a_client_with_affinity_stays_with_its_endpoint_until_it_is_forgotten() -> None:
    whole = spec({"sessionAffinity": "ClientIP"}, of_pods("n-0", "n-1", "m-0"))
    found, records = done(whole)
    assert [len(served(found, records, name)) for name in ("n-0", "n-1", "m-0")] == [1, 1, 1]
    whole["services"][0]["sessionAffinityTimeout"] = "1s"
    whole["run"]["duration"] = "20s"
    whole["traffic"] = [{**whole["traffic"][0], "rate": "1/s", "arrivals": "poisson"}]
    found, records = done(whole)
    order = records.requests.server[np.argsort(records.requests.intended)].tolist()
    gaps = np.diff(np.sort(records.requests.intended)) / 10**12
    changed = [one != other for one, other in pairwise(order)]
    assert any(changed)
    assert not [gap for gap, change in zip(gaps, changed, strict=True) if change and gap < 0.99]


def test_headless_services_are_reached_at_their_pods_without_kube_proxy() -> None:
    whole = spec({"headless": True}, of_pods("m-0"))
    found, records = done(whole)
    assert len(served(found, records, "m-0")) == 4
    plain, others = done(spec({}, of_pods("m-0")))
    mean = [records.requests.connect[records.requests.outcome == 0].mean() for records in (records, others)]
    assert mean[0] < mean[1]
    assert found.services.walk[0] < 0 <= plain.services.walk[0]


def test_a_headless_service_without_an_endpoint_has_no_address() -> None:
    """What is asked then fails at once; who is asked later is one of those that are there later."""
    found = program(document(spec({"headless": True}, of_pods("m-0"))))
    row, pods = int(found.calls.service[0]), tuple(found.backends.tolist())
    with session(found) as running:
        running.advance(ms(100))
        running.apply(SetView(row, -1, ()))
        running.advance(ms(200))
        running.apply(SetView(row, -1, pods[:2]))
        records = running.finish()
    intended = records.requests.intended
    asked = (intended >= ms(100)) & (intended < ms(200))
    assert set(records.requests.outcome[asked].tolist()) == {1 + REASON["no-endpoint"]}
    assert set(records.requests.outcome[~asked].tolist()) <= {0, -1}
    assert set(records.requests.server[intended >= ms(200)].tolist()) == set(pods[:2])


@pytest.mark.parametrize("cni", ["flannel", "weave", "kubenet"])
def test_a_pod_that_calls_itself_through_a_service(cni: str) -> None:
    """Answered where hairpins are allowed, with the node's address; without an answer in one case of four elsewhere."""
    off = "none" if cni == "kubenet" else False
    whole = spec({}, [{"name": "self", "from": "deployment/web", "rate": "400/s"}], cni={"plugin": cni})
    found, records = done(whole)
    assert set(found.services.hairpin.tolist()) == {1}
    own = records.requests.server == records.requests.client
    assert own.mean() == pytest.approx(1 / 4, abs=0.15)
    assert set(records.requests.outcome.tolist()) <= {0, -1}
    found, records = done({**whole, "cni": {"plugin": cni, "hairpinMode": off}})
    stuck = records.requests.outcome != 0
    assert stuck.mean() == pytest.approx(1 / 4, abs=0.15)


@pytest.mark.parametrize(("scheduler", "choices"), [("rr", 4), ("lc", 4), ("sh", 1), ("mh", 1), ("dh", 1), ("sed", 1)])
def test_schedulers_of_ipvs_choose_for_one_client(scheduler: str, choices: int) -> None:
    """By address: always the same. By connections: an idle Service has its first endpoint again and again."""
    traffic = [{"name": "t", "from": "pod/on-m-0", "rate": "100/s", "arrivals": "constant"}]
    whole = spec({}, traffic, proxy={"mode": "ipvs", "scheduler": scheduler})
    counts = served(*done(whole), "t")
    assert len(counts) == choices
    assert choices == 1 or max(counts.values()) - min(counts.values()) <= 1, "in turn"


def connect_and_answer(proxy: dict[str, str], services: int) -> tuple[float, float]:
    """us at the median to connect to the last of so many Services, and for an answer over a connection that is open."""
    more = [{"name": f"a-{number}", "selector": "deployment/web"} for number in range(services - 1)]
    traffic = [
        {"name": "new", "from": "pod/on-m-0", "rate": "500/s"},
        {"name": "kept", "from": "pod/on-n-0", "rate": "500/s", "connections": {"mode": "persistent"}},
    ]
    whole = spec({}, traffic, proxy=proxy)
    whole["services"] += more
    found, records = done(whole)
    rows = [records.requests.traffic == found.names.traffic.index(name) for name in ("new", "kept")]
    times = (records.requests.completed - records.requests.intended)[rows[1]][50:]
    return float(np.median(records.requests.connect[rows[0]]) / 1e6), float(np.median(times) / 1e6)


def test_iptables_connects_in_time_linear_in_the_services_and_answers_as_ever() -> None:
    sizes = (1, 1000, 2000, 4000)
    times = [connect_and_answer({"mode": "iptables"}, size) for size in sizes]
    connects = [connect for connect, _ in times]
    # 15.6 ns a rule at the client, which has it last, and as much again at the server, where none matches; times a
    # jitter whose median is 0.906.
    points = pairwise(zip(sizes, connects, strict=True))
    slopes = [(after - before) / (other - one) for (one, before), (other, after) in points]
    assert max(slopes) < 1.06 * min(slopes), "medians of samples with jitter"
    assert 0.906 * 2 * 0.0156 < slopes[0] < 2 * 0.0156
    answers = [answer for _, answer in times]
    assert max(answers) - min(answers) < 0.01 * (connects[-1] - connects[0]), "both meet on the same cores"


@pytest.mark.parametrize("mode", ["ipvs", "nftables"])
def test_ipvs_and_nftables_connect_as_quickly_whatever_the_number_of_services(mode: str) -> None:
    one, many = (connect_and_answer({"mode": mode}, size) for size in (1, 4000))
    assert many == one
