"""Calico's eBPF policy programs: the rules of a pod's policies compiled one after the other; pods are sets in one trie.

Source: projectcalico/calico felix/bpf/polprog/pol_prog_builder.go: a rule compares protocol, nets, sets and ports in a
row, and jumps on at the first that differs. The program runs when conntrack knows nothing of a flow.
"""

from netsim.model.datapath import Policing, Walk
from netsim.model.policy import Judgement, NetworkPolicy
from netsim.policy.counting import walked

RULE, SET = "policy-bpf-rule", "policy-map"


def walk(judgement: Judgement, protocol: str, policies: tuple[NetworkPolicy, ...]) -> Walk:
    """Rules of the program and look-ups in sets up to the verdict."""
    rules = sets = 0
    for _, lines, _ in walked(judgement, protocol):
        rules += len(lines)
        sets += sum(line.selects + line.named for line in lines if line.protocol in ("", protocol))
    return tuple((entry, times) for entry, times in ((RULE, rules), (SET, sets)) if times)


POLICING = Policing(
    title="Felix, eBPF",
    entries=(RULE, SET),
    walk=walk,
    sources=("projectcalico/calico felix/bpf/polprog/pol_prog_builder.go: policy programs",),
)
