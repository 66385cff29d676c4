"""Calico's and Canal's iptables rules: a chain per pod and direction that jumps to a chain per policy; pods are sets.

Counted from projectcalico/calico felix/rules/endpoints.go and policy.go: two rules around each policy (jump, return if
accepted), two for each line of it (mark, return), blocks of rules where ports or exceptions do not fit into one match,
and a last one that drops. What the chain of a pod without policies has too is not counted. Established packets leave
the chain at its first rule.
"""

from netsim.model.datapath import Policing, Walk
from netsim.model.policy import Judgement, NetworkPolicy
from netsim.policy.counting import Line, walked

RULE, SET = "policy-rule", "policy-set"
TIER = 1  # clears the mark that passes a packet on
JUMP, RETURN, DENY = 1, 1, 1


def walk(judgement: Judgement, protocol: str, policies: tuple[NetworkPolicy, ...]) -> Walk:
    """Rules and look-ups in sets up to the verdict."""
    if not judgement.isolating:
        return ()
    rules = TIER + (not judgement.allowed) * DENY
    sets = 0
    for _, lines, whole in walked(judgement, protocol):
        rules += JUMP + RETURN + sum(rules_of(line) for line in lines)
        rules -= whole and bool(lines)  # a return at the end of a chain is left out
        sets += sum(sets_of(line, protocol) for line in lines)
    return tuple((entry, times) for entry, times in ((RULE, rules), (SET, sets)) if times)


def rules_of(line: Line) -> int:
    """The rules that a line becomes."""
    blocks = 0
    if line.port_matches > 1:
        blocks += line.port_matches
    if line.who.block is not None and line.who.block.excluded:
        blocks += len(line.who.block.excluded)
    return 2 + blocks + bool(blocks)  # a block's first rule clears its marks


def sets_of(line: Line, protocol: str) -> int:
    """Look-ups of a line; the protocol is matched before."""
    return (line.selects + line.named) * (line.protocol in ("", protocol))


def policing(rejects: bool = False) -> Policing:
    """With ``rejects`` both directions answer by ICMP (FelixConfiguration iptablesFilterDenyAction: Reject)."""
    return Policing(
        title="Felix, iptables and ipsets",
        entries=(RULE, SET),
        walk=walk,
        rejects=("egress", "ingress") if rejects else (),
        sources=(
            "projectcalico/calico felix/rules/endpoints.go, felix/rules/policy.go: chains and their rules",
            "projectcalico/calico libcalico-go/lib/backend/k8s/conversion/conversion.go: a rule per protocol and peer",
        ),
    )
