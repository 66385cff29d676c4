"""DNS: which names are asked for, how often, and what a lost answer costs."""

from typing import Any

import numpy as np
import pytest

from netsim.analysis.laws import check
from netsim.engines import run
from netsim.program import REASON, Phase, Program
from netsim.records import Mark, Records
from netsim.scenario.names import asked
from netsim.scenario.schema_dns import DnsSection
from tests.documents import document, program
from tests.properties import checker

SECOND = 10**12
CART = "cart.shop.svc.cluster.local"
QUESTIONS = (Phase.DATAGRAM, Phase.FIRST_DATAGRAM)


def tries(exists: str, namespace: str = "default", **written: Any) -> list[str]:
    """The names that are asked for."""
    return asked(DnsSection(**written), namespace, exists)


def test_a_service_of_the_same_namespace_is_the_first_of_the_search_list() -> None:
    assert tries(CART, "shop") == [CART]


def test_a_service_of_another_namespace_is_the_second() -> None:
    assert tries(CART) == ["cart.shop.default.svc.cluster.local", CART]


def test_its_whole_name_has_too_few_dots() -> None:
    found = tries(CART, name=CART)
    assert found == [f"{CART}.default.svc.cluster.local", f"{CART}.svc.cluster.local", f"{CART}.cluster.local", CART]
    assert tries(CART, name=f"{CART}.") == [CART], "a dot at the end makes it absolute"
    assert tries(CART, name=CART, ndots=4) == [CART]


def test_names_outside_go_through_the_whole_search_list() -> None:
    assert len(tries("api.example.com", name="api.example.com")) == 4
    assert tries("api.example.com", name="api.example.com", ndots=2) == ["api.example.com"]
    assert tries("api.example.com", name="api.example.com", ndots=1, search=["example.org"]) == ["api.example.com"]
    found = tries("api.example.com", name="api.example.com", search=["one.org", "two.org"])
    assert found == ["api.example.com.one.org", "api.example.com.two.org", "api.example.com"]


def test_an_alias_exists_as_it_is_written() -> None:
    assert tries(CART, name="basket", search=["a.org"]) == ["basket.a.org", "basket"]


def asking(dns: dict[str, Any], to: str = "svc/shop/cart", proxy: dict[str, str] | None = None, **more: Any) -> Program:
    """A pod that asks three times, once a second, or as ``more`` says."""
    run_ = {"duration": more.pop("duration", "20s"), "warmup": "0", "seed": 1}
    rate = {"stages": [{"duration": "4s", "target": "1/s"}]}
    cni = more.pop("cni", None)
    stream = {"name": "t", "from": "pod/client", "to": to, "rate": rate, "arrivals": "constant", "dns": dns, **more}
    return program(
        document(
            {
                "run": run_,
                "cluster": {"nodePools": [{"name": "n", "count": 2}], "externals": [{"name": "far"}]},
                **({"proxy": proxy} if proxy else {}),
                **({"cni": cni} if cni else {}),
                "workloads": [
                    {"target": "pod/client", "node": "n-0"},
                    {"target": "deployment/shop/cart", "replicas": 2, "ports": [80]},
                    {"target": "deployment/kube-system/coredns", "replicas": 2, "ports": [53], "cpuTime": "58us"},
                ],
                "services": [
                    {"name": "shop/cart", "selector": "deployment/shop/cart"},
                    {
                        "name": "kube-system/kube-dns",
                        "selector": "deployment/kube-system/coredns",
                        "port": 53,
                        "protocol": "both",
                    },
                ],
                "traffic": [stream],
            }
        )
    )


def sound(found: Program) -> Records:
    """A run in which every law holds."""
    records = run(found, log=True)
    assert [verdict for verdict in check(found, records) if verdict.broken] == []
    assert checker.faults(found, records) == []
    return records


def questions(records: Records) -> int:
    """Datagrams towards DNS."""
    return int(np.isin(records.transfers.phase, QUESTIONS).sum())


COUNTS: list[tuple[dict[str, Any], str, int]] = [
    ({}, "svc/shop/cart", 4),
    ({"name": CART}, "svc/shop/cart", 8),
    ({"name": f"{CART}."}, "svc/shop/cart", 2),
    ({"name": "api.example.com"}, "external/far", 8),
    ({"name": "api.example.com", "ndots": 2}, "external/far", 2),
    ({"name": "api.example.com", "aaaa": False}, "external/far", 4),
    ({"name": "api.example.com", "singleRequestReopen": True}, "external/far", 8),
    ({"name": "api.example.com", "protocol": "TCP"}, "external/far", 0),
]


@pytest.mark.parametrize(("dns", "to", "count"), COUNTS)
def test_questions_for_each_request(dns: dict[str, Any], to: str, count: int) -> None:
    records = sound(asking({"lookup": "perRequest", "raceProbability": "0%", **dns}, to))
    assert records.requests.outcome.tolist() == [0] * 3
    assert questions(records) == 3 * count


def test_questions_for_each_connection() -> None:
    assert questions(sound(asking({"raceProbability": "0%"}))) == 4
    each = {"connections": {"mode": "perRequest"}}
    assert questions(sound(asking({"raceProbability": "0%"}, **each))) == 3 * 4
    shared = {"connections": {"mode": "persistent"}}
    assert questions(sound(asking({"raceProbability": "0%"}, **shared))) == 4


def test_no_question_without_lookup() -> None:
    assert questions(sound(asking({"lookup": "never"}))) == 0


@pytest.mark.parametrize("proxy", ["iptables", "nftables"])
def test_the_race_costs_exactly_the_timeout(proxy: str) -> None:
    dns = {"lookup": "perRequest", "name": f"{CART}."}
    mode = {"mode": proxy}
    lost = sound(asking({**dns, "raceProbability": "100%"}, proxy=mode))
    assert lost.ledger.dropped[REASON["insert-failed"]] == 3
    waits = lost.steps.queue[lost.steps.visit == Mark.ATTEMPT]
    assert waits.tolist() == [5 * SECOND] * 3
    times = lost.requests.completed - lost.requests.intended
    assert (times > 5 * SECOND).all()
    assert (times < 5 * SECOND + 10**9).all(), "the question is asked again at once, and answered"
    calm = sound(asking({**dns, "raceProbability": "0%"}, proxy=mode))
    assert calm.ledger.dropped[REASON["insert-failed"]] == 0
    assert ((calm.requests.completed - calm.requests.intended) < 10**9).all()


MENDED: list[tuple[dict[str, Any], dict[str, str] | None]] = [
    ({"singleRequestReopen": True}, None),
    ({"protocol": "TCP"}, None),
    ({"nodeLocalCache": True}, None),
    ({"aaaa": False}, None),
    ({}, None),
    ({}, {"mode": "ipvs"}),
]


@pytest.mark.parametrize(("dns", "proxy"), MENDED)
def test_what_mends_the_race(dns: dict[str, Any], proxy: dict[str, str] | None) -> None:
    cni = {} if dns or proxy else {"cni": {"plugin": "cilium"}}  # which translates at the socket
    records = sound(asking({"lookup": "perRequest", "raceProbability": "100%", **dns}, proxy=proxy, **cni))
    assert records.requests.outcome.tolist() == [0] * 3
    assert sum(records.ledger.dropped) == 0
    assert ((records.requests.completed - records.requests.intended) < 10**9).all()


def test_without_an_answer_the_request_fails_after_all_attempts() -> None:
    """One attempt of 2 s, whose AAAA is lost."""
    dns = {"lookup": "perRequest", "raceProbability": "100%", "attempts": 1, "timeout": "2s", "name": f"{CART}."}
    records = sound(asking(dns))
    assert records.requests.outcome.tolist() == [1 + REASON["timeout"]] * 3
    assert (records.requests.completed - records.requests.intended).tolist() == [2 * SECOND] * 3
    assert not np.isin(records.transfers.phase, (Phase.SYN, Phase.REQUEST)).any(), "it never knew an address"


def test_a_request_that_gives_up_before_its_name_is_known_leaves_room_for_others() -> None:
    dns = {"raceProbability": "100%", "name": f"{CART}."}
    traffic = {"connections": {"mode": "pooled", "perClient": 1}, "timeout": "1s"}
    records = sound(asking(dns, **traffic))
    assert records.requests.outcome.tolist() == [1 + REASON["timeout"]] * 3
    assert (records.requests.completed - records.requests.intended).tolist() == [SECOND] * 3


def test_the_cache_of_the_own_node_asks_for_what_it_does_not_know() -> None:
    rate = {"stages": [{"duration": "2s", "target": "200/s"}]}
    dns = {"lookup": "perRequest", "nodeLocalCache": True, "cacheHits": "75%", "name": f"{CART}."}
    found = asking(dns, rate=rate, duration="3s")
    records = sound(found)
    moved, names = records.transfers, found.names.endpoints
    local = moved.target[np.isin(moved.phase, QUESTIONS)]
    assert {names[end] for end in local.tolist()} == {"node/n-0"}
    missed = [names[end] for end in moved.target[moved.phase == Phase.REQUEST].tolist()]
    share = sum("coredns" in name for name in missed) / len(local)
    assert abs(share - 0.25) < 4 * (0.25 * 0.75 / len(local)) ** 0.5  # a binomial of 798 questions
    # With the two outer flows that flannel's VXLAN adds: three for the connection to CoreDNS, three for the requests'.
    assert records.conntrack_peak[0] == 6, "the questions themselves are not tracked"


def test_flows_of_datagrams_stay_in_conntrack_for_half_a_minute() -> None:
    """One entry a second on the client's node. When one is made, those of the last 30 s are there, and one that is a
    fraction of a millisecond short of being forgotten; beside them the entry of the requests' own connection."""
    dns = {"lookup": "perRequest", "raceProbability": "0%", "name": f"{CART}."}
    rate = {"stages": [{"duration": "70s", "target": "1/s"}]}
    records = sound(asking(dns, rate=rate, duration="70s", cni={"plugin": "calico", "encapsulation": "None"}))
    assert records.conntrack_peak[0] == 31 + 1
