"""Reach: on which ports one party may open flows to another, as ranges."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from netsim.model.policy import EGRESS, INGRESS, Rule
from netsim.policy.evaluator import Evaluator
from netsim.policy.parties import Party

PROTOCOLS = ("TCP", "UDP", "SCTP")
LAST = 65_535
Span = tuple[str, int, int]
"""A protocol, and the first and last of a range of ports."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The ports that are open, in the order of PROTOCOLS and of their numbers."""

    spans: tuple[Span, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every port of every protocol is open."""
        return self == EVERYTHING

    def __sub__(self, other: "Reach") -> "Reach":
        """The ports that are open here and not there."""
        return _joined(span for mine in self.spans for span in _left(mine, other.spans))

    def __or__(self, other: "Reach") -> "Reach":
        """The ports that are open here or there."""
        return self if self == other else _joined((*self.spans, *(other - self).spans))

    @cache  # noqa: B019 - there are few different ones
    def texts(self) -> tuple[str, ...]:
        """Such as ``80/TCP``, ``8000-8080/TCP``, ``UDP`` for all ports of a protocol; ``all`` where all is open."""
        return ("all",) if self.whole else tuple(_text(span) for span in self.spans)

    @cache  # noqa: B019
    def told(self) -> str:
        """The same in few words: ``none``, ``80/TCP``, ``all but 25/TCP``."""
        closed = EVERYTHING - self
        if self.spans and closed.spans and len(closed.spans) < len(self.spans):
            return f"all but {' '.join(closed.texts())}"
        return " ".join(self.texts()) or "none"


EVERYTHING = Reach(tuple((protocol, 1, LAST) for protocol in PROTOCOLS))


class Reaches:
    """The ports on which parties may open flows to each other under the policies of an evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._opened: dict[tuple[object, ...], Reach] = {}
        self._shared: dict[tuple[int, int], Reach] = {}

    def of(self, client: Party, server: Party) -> Reach:
        """On which ports the client may open flows to the server."""
        out, into = self._way(EGRESS, (client, server), server), self._way(INGRESS, (server, client), server)
        if out is into:
            return out
        key = id(out), id(into)
        if key not in self._shared:
            self._shared[key] = out - (out - into)
        return self._shared[key]

    def _way(self, direction: str, ends: tuple[Party, Party], server: Party) -> Reach:
        """What the policies of the first of two parties open towards the other."""
        isolating = self.evaluator.isolating(direction, ends[0])
        if not isolating:
            return EVERYTHING
        hits = tuple(self.evaluator.hits(direction, policy, ends[1]) for policy in isolating)
        key = (server.ports, *map(id, hits))
        if key not in self._opened:
            rules = [rule for some in hits for _, _, rule in some]
            self._opened[key] = _joined(span for rule in rules for span in _spans(rule, server))
        return self._opened[key]


def reach(evaluator: Evaluator, client: Party, server: Party) -> Reach:
    """On which ports the client may open flows to the server."""
    return Reaches(evaluator).of(client, server)


def _spans(rule: Rule, server: Party) -> Iterator[Span]:
    """The ports of a rule, names as the server has them."""
    if not rule.ports:
        yield from EVERYTHING.spans
    for port in rule.ports:
        if port.port is None:
            yield port.protocol, 1, LAST
        elif isinstance(port.port, int):
            yield port.protocol, port.port, port.end or port.port
        else:
            named = [number for name, number, kind in server.ports if (name, kind) == (port.port, port.protocol)]
            yield from ((port.protocol, number, number) for number in named)


def _joined(spans: Iterable[Span]) -> Reach:
    """Spans in order, those that touch or overlap made one."""
    found: list[Span] = []
    for protocol, low, high in sorted(spans, key=lambda span: (PROTOCOLS.index(span[0]), span[1])):
        if found and found[-1][0] == protocol and found[-1][2] >= low - 1:
            found[-1] = (protocol, found[-1][1], max(high, found[-1][2]))
        else:
            found.append((protocol, low, high))
    return Reach(tuple(found))


def _left(span: Span, others: Iterable[Span]) -> list[Span]:
    """What is left of a span without others."""
    rest = [span]
    for protocol, low, high in others:
        rest = [
            piece
            for kind, first, last in rest
            for piece in (
                [(kind, first, min(last, low - 1)), (kind, max(first, high + 1), last)]
                if kind == protocol
                else [(kind, first, last)]
            )
            if piece[1] <= piece[2]
        ]
    return rest


def _text(span: Span) -> str:
    protocol, low, high = span
    if (low, high) == (1, LAST):
        return protocol
    return f"{low}/{protocol}" if low == high else f"{low}-{high}/{protocol}"
