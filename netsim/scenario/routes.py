"""Routes: which Service an Ingress or HTTPRoute sends a request to, by its host and path."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from netsim.errors import Problem, quote
from netsim.scenario.validation import Source

EXACT, PREFIX = "Exact", "Prefix"


@dataclass(frozen=True, slots=True)
class Backend:
    """A Service (``ns/name``) and its port, by number or name; None: there is none to go to. ``weight`` is its share
    among those of the same rule."""

    service: str
    port: int | str | None
    source: Source
    weight: int = 1


@dataclass(frozen=True, slots=True)
class RouteRule:
    """Requests to ``host`` ("" is any) with this path go to one of ``backends``."""

    host: str
    path: str
    kind: str  # EXACT | PREFIX
    backends: tuple[Backend, ...]


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """An Ingress or HTTPRoute. ``rules`` are in the order of the file; ``rest`` is where all else goes. ``deep`` says
    whether a wildcard stands for several labels of a host name (Gateway API) or for one (Ingress)."""

    kind: str  # "ingress" | "httpRoute"
    namespace: str
    name: str
    rules: tuple[RouteRule, ...]
    source: Source
    rest: tuple[Backend, ...] = ()
    tls: bool = False
    deep: bool = False
    parents: tuple[str, ...] = ()  # Gateways, ns/name
    class_name: str = ""

    @property
    def path(self) -> str:
        """``ingress/ns/name``."""
        return f"{self.kind}/{self.namespace}/{self.name}"

    def backends(self, host: str, path: str) -> tuple[Backend, ...]:
        """Where a request goes; () where nobody takes it."""
        rule = best(self.rules, host, path, self.deep)
        return self.rest if rule is None else rule.backends

    def towards(self, service: str) -> RouteRule | None:
        """The first rule that leads to a Service (``ns/name``)."""
        found = (rule for rule in self.rules if service in [backend.service for backend in rule.backends])
        return next(found, None)

    def all_backends(self) -> Iterator[Backend]:
        """Every backend of every rule."""
        for rule in self.rules:
            yield from rule.backends
        yield from self.rest


def best(rules: tuple[RouteRule, ...], host: str, path: str, deep: bool = False) -> RouteRule | None:
    """The rule for a request: the closest host first, then an exact path, then the longest prefix, then the first.

    kubernetes.io/docs/concepts/services-networking/ingress (multiple matches); gateway-api HTTPRouteRule.
    """
    fits = [rule for rule in rules if fits_host(rule.host, host, deep)]
    closest = max((closeness(rule.host) for rule in fits), default=None)
    able = [rule for rule in fits if closeness(rule.host) == closest and fits_path(rule, path)]
    return max(able, key=lambda rule: (rule.kind == EXACT, len(rule.path.rstrip("/"))), default=None)


def closeness(host: str) -> tuple[int, int]:
    """How much a rule's host says: a name more than a wildcard, that more than nothing, longer more than shorter."""
    return (0 if not host else 1 if host.startswith("*.") else 2, len(host))


def fits_host(pattern: str, host: str, deep: bool = False) -> bool:
    """Whether a host name is meant; the ``*`` of ``*.example.com`` stands for one label, or with ``deep`` for more."""
    if not pattern or pattern.lower() == host.lower():
        return True
    if not pattern.startswith("*."):
        return False
    first, dot, rest = host.lower().partition(".")
    suffix = pattern[2:].lower()
    return bool(first and dot) and (rest == suffix or (deep and rest.endswith(f".{suffix}")))


def fits_path(rule: RouteRule, path: str) -> bool:
    """Exact to the letter, or by whole elements between slashes; a slash at the end of a prefix says nothing."""
    if rule.kind == EXACT:
        return rule.path == path
    wanted = rule.path.rstrip("/").split("/")
    return path.split("/")[: len(wanted)] == wanted


def lost(routes: Iterable[RoutePlan], services: Collection[str]) -> Iterator[Problem]:
    """A notice for every backend that is no Service (``ns/name``)."""
    for route in routes:
        for backend in route.all_backends():
            if backend.service not in services:
                message = f"{route.path} leads to Service {quote(backend.service)}, which does not exist"
                yield backend.source.problem(message)
