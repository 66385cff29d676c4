"""Counting: the lines that a rule of a policy becomes where it is a list of matches, and those walked to a verdict."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsim.model.policy import Judgement, NetworkPolicy, Peer, PolicyPort, Rule

EVERYBODY = Peer()  # in place of the peers of a rule that has none
MULTIPORT = 15  # ports in one match of iptables' multiport (net/netfilter/xt_multiport.h); a range counts as two


@dataclass(frozen=True, slots=True)
class Line:
    """One match of a rule: one peer and all ports of one protocol ("" for every protocol)."""

    rule: int
    peer: int
    who: Peer
    protocol: str
    ports: tuple[PolicyPort, ...]

    @property
    def selects(self) -> bool:
        """Whether its peer is looked up in a set of addresses."""
        return self.who.pods is not None or self.who.namespaces is not None

    @property
    def named(self) -> int:
        """Port names, each a set of (address, port) of its own."""
        return len({port.port for port in self.ports if isinstance(port.port, str)})

    @property
    def port_matches(self) -> int:
        """Matches of at most 15 numbers, and sets of names, among which the port may be."""
        slots = sum(1 if port.end is None else 2 for port in self.ports if isinstance(port.port, int))
        return -(-slots // MULTIPORT) + self.named


def lines_of(rules: tuple[Rule, ...]) -> Iterator[Line]:
    """The lines of a direction's rules, in their order: Calico makes one per protocol and peer
    (libcalico-go/lib/backend/k8s/conversion/conversion.go)."""
    for number, rule in enumerate(rules):
        protocols: dict[str, list[PolicyPort]] = {}
        for port in rule.ports:
            protocols.setdefault(port.protocol, []).append(port)
        for protocol, ports in protocols.items() or {"": []}.items():
            for place, peer in enumerate(rule.peers or (EVERYBODY,)):
                yield Line(number, place, peer, protocol, tuple(ports))


def walked(judgement: Judgement, protocol: str) -> Iterator[tuple[NetworkPolicy, list[Line], bool]]:
    """The policies that are evaluated up to the verdict, each with its lines up to the one that matches, and whether
    that is the last of its chain."""
    for place, policy in enumerate(judgement.isolating):
        lines = list(lines_of(policy.rules(judgement.direction) or ()))
        if place != judgement.policy:
            yield policy, lines, True
            continue
        hit = next(
            number
            for number, line in enumerate(lines)
            if (line.rule, line.peer) == (judgement.rule, judgement.peer) and line.protocol in ("", protocol)
        )
        yield policy, lines[: hit + 1], hit + 1 == len(lines)
        return
