"""Identities: endpoints that no policy can tell apart count as one, so that thousands of pods are a few dozen."""

from collections.abc import Iterable
from dataclasses import replace

from netsim.model.policy import Block, NetworkPolicy, Peer, Selector
from netsim.policy.matching import contains
from netsim.policy.parties import Party

Key = tuple[Party, tuple[bool, ...]]


class Identities:
    """Numbers for parties, equal for those that all of the given policies treat alike.

    Only the label keys and port names that some policy mentions count, and of an address which blocks it is in. The
    policies may be several sets: those that hold at first and those that come later.
    """

    def __init__(self, policies: Iterable[NetworkPolicy], blocks_match_pods: bool = True) -> None:
        self.blocks_match_pods = blocks_match_pods
        self.parties: list[Party] = []
        self._keys: set[str] = set()
        self._ports: set[str] = set()
        blocks: dict[Block, None] = {}
        for policy in policies:
            self._learn(policy.pods)
            for rule in (*(policy.ingress or ()), *(policy.egress or ())):
                self._ports.update(port.port for port in rule.ports if isinstance(port.port, str))
                for peer in rule.peers:
                    self._learn_peer(peer, blocks)
        self._blocks = tuple(blocks)
        self._numbers: dict[Key, int] = {}
        self._known: dict[Party, int] = {}

    def number(self, party: Party) -> int:
        """The identity of a party."""
        known = self._known.get(party)
        if known is not None:
            return known
        seen = self.seen(party)
        by_address = self.blocks_match_pods or not party.inside
        inside = tuple(by_address and contains(block, party.address) for block in self._blocks)
        key = replace(seen, address=None), inside
        if key not in self._numbers:
            self._numbers[key] = len(self.parties)
            self.parties.append(seen)
        self._known[party] = self._numbers[key]
        return self._known[party]

    def seen(self, party: Party) -> Party:
        """The party with what policies look at alone; its address stands for those of all that are alike."""
        labels = tuple(pair for pair in party.labels if pair[0] in self._keys)
        return replace(party, labels=labels, ports=tuple(port for port in party.ports if port[0] in self._ports))

    def _learn(self, selector: Selector) -> None:
        self._keys.update(key for key, _ in selector.labels)
        self._keys.update(requirement.key for requirement in selector.expressions)

    def _learn_peer(self, peer: Peer, blocks: dict[Block, None]) -> None:
        if peer.block is not None:
            blocks.setdefault(peer.block)
        if peer.pods is not None:
            self._learn(peer.pods)
