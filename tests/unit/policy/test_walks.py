"""What enforcement evaluates on the way to a verdict, per CNI: rules counted by hand from the sources."""

from ipaddress import IPv4Network
from typing import Any

import pytest

from netsim import cni, costs
from netsim.model.datapath import Policing
from netsim.model.policy import Block, NetworkPolicy, Peer, PolicyPort, Rule, Selector
from netsim.policy import Evaluator, Party, cilium_map, felix_ebpf, felix_iptables, weave_npc
from netsim.policy.counting import lines_of

WAYS: dict[str, Policing] = {
    "felix": felix_iptables.policing(),
    "ebpf": felix_ebpf.POLICING,
    "cilium": cilium_map.policing(),
    "weave": weave_npc.POLICING,
}
SQL, WEB = (5432, "TCP"), Peer(Selector((("app", "web"),)))
SERVER = Party(True, True, "shop", (("app", "db"),))
CLIENTS = {app: Party(True, True, "shop", (("app", app),)) for app in ("web", "spy")}


def into(name: str, *rules: Rule) -> NetworkPolicy:
    return NetworkPolicy("shop", name, Selector(), rules)


def walked(way: str, client: str, *policies: NetworkPolicy, server: Party = SERVER) -> dict[str, int]:
    asked = Evaluator(policies, {})
    judgement = asked.judge("ingress", CLIENTS[client], server, SQL)
    return dict(WAYS[way].walk(judgement, "TCP", asked.policies))


@pytest.mark.parametrize("way", WAYS)
def test_a_pod_that_nothing_selects_pays_nothing(way: str) -> None:
    elsewhere = NetworkPolicy("other", "x", Selector(), ())
    assert walked(way, "web", elsewhere) == {}


def test_felix_walks_a_deny_to_its_end() -> None:
    """Clear the tier's mark, jump, return if accepted, drop."""
    assert walked("felix", "web", into("deny")) == {"policy-rule": 4}


def test_felix_walks_policy_after_policy() -> None:
    """Mark and return for each line; the last return of a chain is left out. What allows ends the walk."""
    deny, web = into("a-deny"), into("b-web", Rule((WEB,), (PolicyPort(5432),)))
    assert walked("felix", "web", deny, web) == {"policy-rule": 1 + 2 + 2 + 1, "policy-set": 1}
    assert walked("felix", "spy", deny, web) == {"policy-rule": 1 + 2 + 2 + 1 + 1, "policy-set": 1}
    rest = into("c-never", Rule((WEB, WEB, WEB)))
    assert walked("felix", "web", deny, web, rest) == walked("felix", "web", deny, web)
    assert walked("felix", "spy", deny, web, rest) == {"policy-rule": 7 + 2 + 5, "policy-set": 4}


def test_felix_looks_at_sets_of_the_right_protocol_only() -> None:
    udp = into("udp", Rule((WEB,), (PolicyPort(53, None, "UDP"),)))
    assert walked("felix", "web", udp) == {"policy-rule": 1 + 2 + 1 + 1}


@pytest.mark.parametrize(
    ("rule", "rules"),
    [
        (Rule((WEB,), (PolicyPort(5432), PolicyPort(80))), 2),  # one multiport match
        (Rule((WEB,), tuple(PolicyPort(port) for port in range(1, 17))), 2 + 1 + 2),  # 16 numbers are two matches
        (Rule((WEB,), tuple(PolicyPort(port, port + 1) for port in range(1, 9))), 2 + 1 + 2),  # a range is two numbers
        (Rule((WEB,), (PolicyPort("sql"), PolicyPort(80))), 2 + 1 + 2),  # a name is a set of its own
        (Rule((Peer(block=Block(IPv4Network("10.0.0.0/8"))),)), 2),
        (Rule((Peer(block=Block(IPv4Network("10.0.0.0/8"), (IPv4Network("10.1.0.0/16"),) * 2)),)), 2 + 1 + 2),
    ],
)
def test_felix_renders_what_does_not_fit_one_match_as_a_block(rule: Rule, rules: int) -> None:
    assert [felix_iptables.rules_of(line) for line in lines_of((rule,))] == [rules]


def test_felix_makes_a_line_per_protocol_and_peer() -> None:
    ports = (PolicyPort(53, None, "UDP"), PolicyPort(53), PolicyPort(80))
    lines = list(lines_of((Rule((WEB, WEB), ports), Rule())))
    assert [(line.protocol, line.peer, len(line.ports)) for line in lines] == [
        *(("UDP", 0, 1), ("UDP", 1, 1), ("TCP", 0, 2), ("TCP", 1, 2), ("", 0, 0)),
    ]


def test_compiled_rules_are_walked_in_a_row() -> None:
    deny, web = into("a-deny"), into("b-web", Rule((WEB,), (PolicyPort(80),)), Rule((WEB,), (PolicyPort(5432),)))
    assert walked("ebpf", "web", deny, web) == {"policy-bpf-rule": 2, "policy-map": 2}
    assert walked("ebpf", "web", deny) == {}


def test_cilium_pays_the_same_for_any_number_of_policies() -> None:
    many = [into(f"p{number}", Rule((WEB,) * 5)) for number in range(50)]
    assert walked("cilium", "spy", *many) == walked("cilium", "web", many[0]) == {"policy-map": 2}


def test_weave_walks_the_rules_of_all_pods() -> None:
    other = NetworkPolicy("aaa", "first", Selector(), (Rule((WEB, Peer(Selector()))),))
    mine = into("mine", Rule((WEB,)), Rule((WEB,)))
    assert walked("weave", "web", other, mine) == {"policy-rule": 3, "policy-set": 4}
    assert walked("weave", "spy", other, mine) == {"policy-rule": 4, "policy-set": 3}  # equal rules are kept once


def test_felix_is_linear_in_policies_and_cilium_flat() -> None:
    """The cost structure: nanoseconds of an opening packet against the number of policies that select a pod."""
    profile = costs.load()

    def price(way: str, count: int) -> int:
        many = [into(f"p{number:03}", Rule((Peer(Selector((("app", "x"),))),))) for number in range(count)]
        return sum(profile.stage(entry).per_burst * times for entry, times in walked(way, "web", *many).items())

    # Weave keeps rules that are equal once.
    for way, each in (("felix", 3 * 15_600 + 50_000), ("ebpf", 4000 + 107_000), ("weave", 0), ("cilium", 0)):
        assert price(way, 100) - price(way, 50) == 50 * each
    assert price("cilium", 1) == 2 * 107_000


@pytest.mark.parametrize("name", cni.names())
def test_who_enforces(name: str) -> None:
    module = cni.load(name)
    enforces = {module.data_path(config).policing is not None for config in module.variants()}
    assert enforces == {name in ("calico", "canal", "cilium", "weave")}
    for config in module.variants():
        policing = module.data_path(config).policing
        assert policing is None or (policing.sources and set(policing.entries) <= set(costs.load().stages))


def test_who_is_told() -> None:
    """FelixConfiguration's Reject works both ways, Cilium's icmp tells only its own pods."""

    def rejects(plugin: str, **settings: Any) -> tuple[str, ...]:
        policing = cni.load(plugin).data_path(cni.load(plugin).Config(**settings)).policing
        assert policing is not None
        return policing.rejects

    assert rejects("calico") == rejects("cilium") == rejects("weave") == ()
    assert rejects("calico", iptablesFilterDenyAction="Reject") == ("egress", "ingress")
    assert rejects("cilium", policyDenyResponse="icmp") == ("egress",)
