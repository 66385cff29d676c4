"""May A talk to B? The policies of a cluster, asked about one flow's first packet.

Sources: kubernetes.io/docs/concepts/services-networking/network-policies; kubernetes/api networking/v1/types.go.
Policies add up and have no order. A pod that some policy selects for a direction may only do in that direction what a
rule of one of these allows; both ends must allow a flow. Answers to what was allowed always pass.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from netsim.model.policy import EGRESS, INGRESS, Judgement, Labels, NetworkPolicy, Peer, Rule
from netsim.policy.matching import contains, namespace_labels, opens, selects
from netsim.policy.parties import Party, Port

Hit = tuple[int, int, Rule]
"""The place of a rule that means a party, that of its first peer that does (0 where it has none), and the rule."""


class Evaluator:
    """A set of policies in a cluster whose namespaces have these labels.

    ``blocks_match_pods`` says whether an ipBlock also matches the addresses of pods and nodes. Kubernetes leaves that
    open; what filters by address does so (Calico, Weave), what knows who a packet comes from does not (Cilium, where
    CIDR rules apply to the world outside only: Documentation/security/policy/language.rst).
    """

    def __init__(
        self, policies: Iterable[NetworkPolicy], namespaces: Mapping[str, Labels], blocks_match_pods: bool = True
    ) -> None:
        self.policies = tuple(sorted(policies, key=lambda policy: policy.path))
        self.blocks_match_pods = blocks_match_pods
        self.namespaces = {name: namespace_labels(name, labels) for name, labels in namespaces.items()}
        self._of_namespace: dict[str, list[NetworkPolicy]] = defaultdict(list)
        for policy in self.policies:
            self._of_namespace[policy.namespace].append(policy)
        self._isolating: dict[tuple[str, str, Labels], tuple[NetworkPolicy, ...]] = {}
        # By identity, since a matrix asks about the same few parties a million times; the parties are kept, so that
        # no other object takes the place of one.
        self._hits: dict[tuple[int, str, int], tuple[Party, tuple[Hit, ...]]] = {}
        self._alike: dict[tuple[int, str, tuple[tuple[int, int], ...]], tuple[Hit, ...]] = {}

    def isolating(self, direction: str, party: Party) -> tuple[NetworkPolicy, ...]:
        """The policies that select a pod for "ingress" or "egress"; none ever selects what is no pod."""
        if not party.is_pod:
            return ()
        key = direction, party.namespace, party.labels
        found = self._isolating.get(key)
        if found is None:
            found = self._isolating[key] = tuple(
                policy
                for policy in self._of_namespace.get(party.namespace, ())
                if policy.rules(direction) is not None and selects(policy.pods, party.labels)
            )
        return found

    def judge(self, direction: str, client: Party, server: Party, port: Port) -> Judgement:
        """What the client's policies ("egress"), or the server's ("ingress"), make of a flow to ``port``.

        That a node reaches the pods on it whatever policies say is the caller's to know.
        """
        pod, other = (client, server) if direction == EGRESS else (server, client)
        isolating = self.isolating(direction, pod)
        for place, policy in enumerate(isolating):
            for number, peer, rule in self.hits(direction, policy, other):
                if opens(rule.ports, port, server.ports):
                    return Judgement(direction, isolating, place, number, peer)
        return Judgement(direction, isolating)

    def allows(self, client: Party, server: Party, port: Port) -> bool:
        """Whether both ends allow a flow."""
        return all(self.judge(direction, client, server, port).allowed for direction in (EGRESS, INGRESS))

    def hits(self, direction: str, policy: NetworkPolicy, other: Party) -> tuple[Hit, ...]:
        """The rules of one of the policies that mean a party, on whatever ports; the same object for the same rules."""
        key = id(policy), direction, id(other)
        if key not in self._hits:
            rules = policy.rules(direction) or ()
            peers = [self._peer(rule, policy.namespace, other) for rule in rules]
            places = tuple((number, peer) for number, peer in enumerate(peers) if peer >= 0)
            made = tuple((number, peer, rules[number]) for number, peer in places)
            self._hits[key] = other, self._alike.setdefault((id(policy), direction, places), made)
        return self._hits[key][1]

    def _peer(self, rule: Rule, namespace: str, party: Party) -> int:
        """The place of the first peer of a rule that matches, 0 where it has none, -1 where none matches."""
        for place, peer in enumerate(rule.peers):
            if self.matches(peer, namespace, party):
                return place
        return -1 if rule.peers else 0

    def matches(self, peer: Peer, namespace: str, party: Party) -> bool:
        """Whether an entry of ``from`` or ``to`` of a policy in ``namespace`` means this party."""
        if peer.block is not None:
            by_address = self.blocks_match_pods or not party.inside
            return by_address and contains(peer.block, party.address)
        if not party.is_pod or (peer.pods is None and peer.namespaces is None):
            return False
        if peer.namespaces is None:
            right = party.namespace == namespace
        else:
            right = selects(peer.namespaces, self.namespaces.get(party.namespace) or namespace_labels(party.namespace))
        return right and (peer.pods is None or selects(peer.pods, party.labels))
