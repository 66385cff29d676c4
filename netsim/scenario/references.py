"""Reads references such as ``svc/shop/cart`` and finds what they name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from netsim.errors import nearest, quote
from netsim.model.cluster import Pod, Service
from netsim.scenario.objects import WORKLOAD_KINDS
from netsim.units import UnitError

LOCALHOST = "localhost"
INTERNET = "internet"
SERVICE = "svc"
NODE = "node"
EXTERNAL = "external"
DEFAULT_NAMESPACE = "default"
SOURCES = (*WORKLOAD_KINDS, NODE, EXTERNAL)
TARGETS = (SERVICE, "pod", EXTERNAL)
_PLAIN = (NODE, EXTERNAL)


def split(text: str, kinds: Collection[str]) -> tuple[str, str, str]:
    """Kind, namespace ("default" if left out, "" for what has none) and name; raises UnitError."""
    kind, *rest = text.split("/")
    if kind not in kinds:
        example = f"Write for example {next(iter(kinds))}/shop/cart."
        raise UnitError(f"{quote(kind)} is not a kind of reference here", nearest(kind, kinds) or example)
    if kind in _PLAIN:
        if len(rest) != 1:
            raise UnitError(f"{quote(text)} is not a reference", f"Write {kind}/name.")
        return kind, "", rest[0]
    if len(rest) == 1:
        rest.insert(0, DEFAULT_NAMESPACE)
    if len(rest) != 2:
        raise UnitError(f"{quote(text)} is not a reference", f"Write {kind}/namespace/name.")
    return kind, rest[0], rest[1]


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything that a reference can name, by its full path."""

    workloads: dict[str, list[Pod]]  # deployment/ns/name and pod/ns/name -> pods
    services: dict[str, Service]  # svc/ns/name
    nodes: frozenset[str]  # node/name
    externals: frozenset[str]  # external/name

    def find(self, text: str, kinds: Collection[str]) -> str:
        """The full path that a reference means; raises UnitError when there is nothing of that name."""
        kind, namespace, name = split(text, kinds)
        path = "/".join(filter(None, (kind, namespace, name)))
        known = self._known(kind)
        if path in known:
            return path
        candidates = [other for other in known if other.startswith(f"{kind}/")]
        raise UnitError(f"there is no {quote(path)}", nearest(path, candidates) or self._elsewhere(kind, name))

    def _known(self, kind: str) -> Collection[str]:
        by_kind: dict[str, Collection[str]] = {
            SERVICE: self.services,
            NODE: self.nodes,
            EXTERNAL: self.externals,
        }
        return by_kind.get(kind, self.workloads)

    def _elsewhere(self, kind: str, name: str) -> str:
        paths: Iterable[str] = (*self.workloads, *self.services, *self.nodes, *self.externals)
        same_name = sorted(path for path in paths if path.endswith(f"/{name}"))
        if same_name:
            return f"Did you mean {quote(same_name[0])}?"
        return f"There is no {kind} at all."
