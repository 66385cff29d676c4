"""Cilium's policy map: two look-ups in the pod's own trie of (identity, port), however many policies there are.

Source: cilium/cilium bpf/lib/policy.h (__policy_can_access): one look-up for the peer's identity, one for any peer.
Every packet of a flow's own direction makes them, whether there are policies or not; that is part of tc-bpf, whose
measurements had it. What policies add is the depth of the trie, which a flow's first packet finds cold.
"""

from netsim.model.datapath import Policing, Walk
from netsim.model.policy import Judgement, NetworkPolicy

MAP = "policy-map"
LOOK_UPS = 2


def walk(judgement: Judgement, protocol: str, policies: tuple[NetworkPolicy, ...]) -> Walk:
    """The same for every verdict."""
    return ((MAP, LOOK_UPS),) if judgement.isolating else ()


def policing(rejects: bool = False) -> Policing:
    """With ``rejects`` a client is told by ICMP what its own egress policies deny (policy-deny-response: icmp)."""
    return Policing(
        title="Cilium policy map",
        entries=(MAP,),
        walk=walk,
        rejects=("egress",) if rejects else (),
        blocks_match_pods=False,
        sources=(
            "cilium/cilium bpf/lib/policy.h: two look-ups in an LPM trie",
            "cilium/cilium Documentation/security/policy/intro.rst: policy-deny-response",
            "cilium/cilium Documentation/security/policy/language.rst: CIDR rules do not apply between endpoints",
        ),
    )
