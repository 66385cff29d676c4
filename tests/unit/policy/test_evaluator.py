"""NetworkPolicy semantics, one sentence of the documentation at a time."""

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

from netsim.model.policy import Block, NetworkPolicy, Peer, PolicyPort, Requirement, Rule, Selector
from netsim.policy import Evaluator, Identities, Party, applied, namespace_labels, selects
from netsim.policy.matching import contains
from netsim.policy.parties import client_outside
from netsim.policy.reach import EVERYTHING, Reach, reach

HTTP = (80, "TCP")
ALL = Selector()
EMPTY = Rule()
SPACES = {"shop": (("team", "web"),), "other": ()}


def pod(namespace: str = "shop", address: str = "10.0.0.1", ports: Any = (), **labels: str) -> Party:
    return Party(True, True, namespace, tuple(sorted(labels.items())), ports, IPv4Address(address))


WEB, DB, SPY = pod(app="web"), pod(app="db", address="10.0.0.2"), pod("other", "10.0.1.1", app="web")
NODE = Party(address=IPv4Address("192.168.0.1"))
WORLD = client_outside(0)


def labelled(**labels: str) -> Selector:
    return Selector(tuple(labels.items()))


def policy(name: str = "p", pods: Selector = ALL, namespace: str = "shop", **directions: Any) -> NetworkPolicy:
    return NetworkPolicy(namespace, name, pods, **directions)


def allowed(client: Party, server: Party, *policies: NetworkPolicy, port: Any = HTTP, pods: bool = True) -> bool:
    return Evaluator(policies, SPACES, pods).allows(client, server, port)


def test_without_policies_everybody_may_talk_to_everybody() -> None:
    assert allowed(WEB, DB)
    assert allowed(WORLD, DB)


def test_a_selected_pod_is_isolated_in_that_direction_only() -> None:
    deny = policy(pods=labelled(app="db"), ingress=())
    assert not allowed(WEB, DB, deny)
    assert allowed(DB, WEB, deny)
    assert allowed(WEB, pod(app="cache"), deny)


def test_both_ends_must_allow() -> None:
    out = policy("out", labelled(app="web"), egress=())
    into = policy("into", labelled(app="db"), ingress=(EMPTY,))
    assert not allowed(WEB, DB, out, into)
    assert allowed(WEB, DB, policy("out", labelled(app="web"), egress=(EMPTY,)), into)


def test_policies_add_up_in_no_order() -> None:
    deny = policy("a", ingress=())
    allow = policy("z", ingress=(Rule((Peer(labelled(app="web")),)),))
    assert allowed(WEB, DB, deny, allow)
    assert allowed(WEB, DB, allow, deny)
    assert not allowed(SPY, DB, allow, deny)


def test_peers_pod_selector_means_the_own_namespace() -> None:
    one = policy(ingress=(Rule((Peer(pods=labelled(app="web")),)),))
    assert allowed(WEB, DB, one)
    assert not allowed(SPY, DB, one)


def test_both_selectors_in_one_peer_are_and_in_two_peers_or() -> None:
    web, other = labelled(app="web"), Selector((("kubernetes.io/metadata.name", "other"),))
    both = policy(ingress=(Rule((Peer(web, other),)),))
    either = policy(ingress=(Rule((Peer(web), Peer(namespaces=other))),))
    thief = pod("other", app="thief")
    assert [allowed(one, DB, both) for one in (WEB, SPY, thief)] == [False, True, False]
    assert [allowed(one, DB, either) for one in (WEB, SPY, thief)] == [True, True, True]


def test_namespaces_are_chosen_by_their_labels() -> None:
    one = policy(ingress=(Rule((Peer(namespaces=labelled(team="web")),)),))
    assert allowed(WEB, DB, one)
    assert not allowed(SPY, DB, one)
    assert dict(namespace_labels("other"))["kubernetes.io/metadata.name"] == "other"


@pytest.mark.parametrize(
    ("operator", "values", "hits"),
    [("In", ("a", "b"), [True, False, False]), ("NotIn", ("a", "b"), [False, True, True])],
)
def test_values(operator: str, values: tuple[str, ...], hits: list[bool]) -> None:
    chosen = Selector((), (Requirement("app", operator, values),))
    assert [selects(chosen, labels) for labels in ((("app", "a"),), (("app", "c"),), ())] == hits


def test_keys() -> None:
    exists, absent = (Selector((), (Requirement("app", word),)) for word in ("Exists", "DoesNotExist"))
    assert [selects(exists, labels) for labels in ((("app", ""),), ())] == [True, False]
    assert [selects(absent, labels) for labels in ((("app", ""),), ())] == [False, True]


def test_an_address_block_has_exceptions() -> None:
    block = Block(IPv4Network("10.0.0.0/8"), (IPv4Network("10.1.0.0/16"), IPv4Network("10.2.0.0/16")))
    inside = ["10.0.0.1", "10.1.0.1", "10.2.255.255", "11.0.0.1"]
    assert [contains(block, IPv4Address(text)) for text in inside] == [True, False, False, False]
    assert not contains(block, None)


def test_whether_blocks_mean_pods_is_the_implementations_choice() -> None:
    """Calico filters addresses, whoever has them; Cilium's CIDR rules are about the world outside."""
    one = policy(ingress=(Rule((Peer(block=Block(IPv4Network("0.0.0.0/0"))),)),))
    assert [allowed(who, DB, one) for who in (WEB, NODE, WORLD)] == [True, True, True]
    assert [allowed(who, DB, one, pods=False) for who in (WEB, NODE, WORLD)] == [False, False, True]


def test_named_ports_are_those_of_the_server() -> None:
    old, new = (pod(app="db", ports=(("sql", number, "TCP"),)) for number in (5432, 6432))
    one = policy(ingress=(Rule((), (PolicyPort("sql"),)),))
    assert allowed(WEB, old, one, port=(5432, "TCP"))
    assert not allowed(WEB, new, one, port=(5432, "TCP"))
    assert allowed(WEB, new, one, port=(6432, "TCP"))
    assert not allowed(WEB, old, one, port=(5432, "UDP"))


def test_ranges_and_protocols() -> None:
    one = policy(ingress=(Rule((), (PolicyPort(80, 82), PolicyPort(None, None, "UDP"))),))
    ports = [(79, "TCP"), (80, "TCP"), (82, "TCP"), (83, "TCP"), (80, "SCTP"), (53, "UDP")]
    assert [allowed(WEB, DB, one, port=port) for port in ports] == [False, True, True, False, False, True]


def test_a_port_that_is_not_known_passes_only_where_all_do() -> None:
    for rule, verdict in ((EMPTY, True), (Rule((), (PolicyPort(),)), True), (Rule((), (PolicyPort(80),)), False)):
        assert allowed(WEB, DB, policy(ingress=(rule,)), port=(None, "TCP")) is verdict


def test_what_shares_a_nodes_network_is_neither_selected_nor_matched() -> None:
    deny = policy(ingress=(), egress=())
    assert allowed(WORLD, NODE, deny)
    assert not allowed(NODE, DB, policy(ingress=(Rule((Peer(ALL, ALL),)),)))
    assert not allowed(WEB, NODE, policy(egress=(Rule((Peer(ALL, ALL),)),)))


def test_verdicts_name_their_policies() -> None:
    deny, allow = policy("deny", ingress=()), policy("web", labelled(app="db"), ingress=(EMPTY,))
    asked = Evaluator((allow, deny), SPACES)
    assert asked.judge("ingress", WEB, DB, HTTP).reason == "shop/web ingress[0]"
    assert asked.judge("ingress", WEB, WEB, HTTP).reason == "ingress shop/deny"
    assert asked.judge("egress", WEB, DB, HTTP).reason == ""
    many = Evaluator([policy(f"d{number}", ingress=()) for number in range(5)], SPACES)
    assert many.judge("ingress", WEB, DB, HTTP).reason == "ingress shop/d0, shop/d1, shop/d2 and 2 more"


def test_applying_replaces_by_name() -> None:
    old, new = policy("a", ingress=()), policy("a", egress=())
    assert applied((old, policy("b")), (new, policy("c"))) == (new, policy("b"), policy("c"))


def test_identities_know_only_what_policies_look_at() -> None:
    block = Peer(block=Block(IPv4Network("10.1.0.0/16")))
    numbers = Identities([policy(pods=labelled(app="db"), ingress=(Rule((block,)),))])
    same = [pod(app="a", run="1"), pod(app="a", run="2", address="10.0.9.9")]
    others = [pod(app="b"), pod("other", app="a"), pod(app="a", address="10.1.0.1")]
    assert len({numbers.number(one) for one in same}) == 1
    assert len({numbers.number(one) for one in (*same, *others)}) == 4


def test_reach_is_exact_to_the_port() -> None:
    ports = (PolicyPort(80, 89), PolicyPort(90), PolicyPort(None, None, "UDP"))
    one = policy(ingress=(Rule((Peer(labelled(app="web")),), ports),))
    assert reach(Evaluator((one,), SPACES), WEB, DB).texts() == ("80-90/TCP", "UDP")
    assert reach(Evaluator((one,), SPACES), SPY, DB) == Reach()
    assert reach(Evaluator((), SPACES), SPY, DB).whole
    few = Reach((("TCP", 25, 25),))
    assert (EVERYTHING - few).told() == "all but 25/TCP"
    assert (EVERYTHING - few) | few == EVERYTHING
    assert (few - few).told() == "none"
