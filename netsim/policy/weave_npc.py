"""Weave Net's policy controller: one chain for all policies of the cluster, each rule with a set for either end.

Source: weaveworks/weave npc/analyser.go and npc/rule.go: a rule per peer and port, ACCEPT at the first that matches;
rules that are equal are kept once. New flows of isolated pods walk the chain; others are let through before it.
"""

from netsim.model.datapath import Policing, Walk
from netsim.model.policy import Judgement, NetworkPolicy, Peer, PolicyPort, Rule, Selector
from netsim.policy.counting import EVERYBODY

RULE, SET = "policy-rule", "policy-set"
Written = tuple[str, Selector, Peer, PolicyPort | None]


def walk(judgement: Judgement, protocol: str, policies: tuple[NetworkPolicy, ...]) -> Walk:
    """Rules and look-ups in sets up to the verdict: all policies of the direction, in the order of their paths."""
    if not judgement.isolating:
        return ()
    hit = judgement.isolating[judgement.policy] if judgement.policy >= 0 else None
    seen: dict[Written, None] = {}
    for policy in policies:
        rules = policy.rules(judgement.direction) or ()
        last = policy == hit
        for number, rule in enumerate(rules[: judgement.rule + 1] if last else rules):
            peers = rule.peers or (EVERYBODY,)
            ends = last and number == judgement.rule
            seen |= dict.fromkeys(_written(policy, rule, peers[: judgement.peer + 1] if ends else peers))
        if last:
            break
    same = sum(1 for one in seen if one[3] is None or one[3].protocol == protocol)
    # A set is looked at where the protocol is right; the second one, of the other end, at the rule that matches.
    sets = same + (hit is not None)
    return tuple((entry, times) for entry, times in ((RULE, len(seen) + (hit is None)), (SET, sets)) if times)


def _written(policy: NetworkPolicy, rule: Rule, peers: tuple[Peer, ...]) -> list[Written]:
    """The rules of iptables that a rule becomes for some of its peers."""
    return [(policy.namespace, policy.pods, peer, port) for peer in peers for port in rule.ports or (None,)]


POLICING = Policing(
    title="weave-npc, iptables and ipsets",
    entries=(RULE, SET),
    walk=walk,
    sources=("weaveworks/weave npc/analyser.go, npc/rule.go: rules per peer and port",),
)
