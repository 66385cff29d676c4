"""Who may talk to whom: the matrix of a variant's workloads, and what a change of policies makes of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from netsim.experiment.ground import Ground
from netsim.model.policy import EGRESS, INGRESS
from netsim.policy.parties import Party
from netsim.policy.reach import LAST, PROTOCOLS, Reach, Reaches, Span

Pair = tuple[str, str]
Row = dict[str, Any]
ANYTHING: Span = (PROTOCOLS[0], 1, LAST)


@dataclass(frozen=True, slots=True)
class Passage:
    """The ports open from one group to another: to and from ``every`` one of their members, and ``some`` of them."""

    every: Reach
    some: Reach


def passages(ground: Ground, namespace: str = "") -> dict[Pair, Passage]:
    """The passages between all groups of which one at least is a workload, in the order of their names.

    ``namespace`` keeps those pairs of which an end is in it.
    """
    found, reaches = {}, Reaches(ground.evaluator)
    for pair in _pairs(ground, namespace):
        whole = [reaches.of(client, server) for client, server in _ends(ground, pair)]
        every, some = whole[0], whole[0]
        for one in whole[1:]:
            if one is not every or one is not some:
                every, some = every - (every - one), some | one
        found[pair] = Passage(every, some)
    return found


def _pairs(ground: Ground, namespace: str) -> Iterator[Pair]:
    names = [*sorted(ground.workloads), *(name for name in ground.groups if name not in ground.workloads)]
    for client in names:
        for server in names:
            inside = not namespace or any(name.split("/")[1:2] == [namespace] for name in (client, server))
            if inside and {client, server} & ground.workloads:
                yield client, server


def _ends(ground: Ground, pair: Pair) -> Iterator[tuple[Party, Party]]:
    for client in ground.groups[pair[0]]:
        for server in ground.groups[pair[1]]:
            yield client, server


def matrix(ground: Ground, namespace: str = "") -> Row:
    """The matrix as plain JSON types."""
    rows = [_row(ground, pair, passage) for pair, passage in passages(ground, namespace).items()]
    return {"kind": "PolicyMatrix", **_head(ground), "pairs": rows}


def _head(ground: Ground) -> Row:
    cluster = ground.scenario.cluster
    return {
        "scenario": ground.scenario.name,
        "variant": ground.scenario.variant,
        "cni": cluster.cni.plugin,  # type: ignore[attr-defined]
        "enforced": ground.policing is not None,
        "policies": len(cluster.policies),
    }


def _row(ground: Ground, pair: Pair, passage: Passage) -> Row:
    spans = passage.some.spans
    return {
        "from": pair[0],
        "to": pair[1],
        "open": passage.some.told(),
        "ports": list(passage.some.texts()),
        "uniform": passage.every == passage.some,
        "because": _because(ground, pair, spans[0] if spans else ANYTHING, bool(spans)),
    }


def _because(ground: Ground, pair: Pair, span: Span, allowed: bool) -> list[str]:
    """The rules that open the first port of a span, or the policies that isolate where it is not open."""
    for client, server in _ends(ground, pair):
        both = [ground.evaluator.judge(way, client, server, (span[1], span[0])) for way in (EGRESS, INGRESS)]
        if all(one.allowed for one in both) == allowed:
            return [one.reason for one in both if one.reason and one.allowed == allowed]
    return []


def difference(before: Ground, after: Ground) -> Row:
    """What a change denies and allows, pair by pair; pairs that only one side has are told apart."""
    old, new = passages(before), passages(after)
    shared = [pair for pair in old if pair in new]
    used = _used(before) | _used(after)
    rows = []
    for pair in shared:
        denied, opened = old[pair].some - new[pair].some, new[pair].some - old[pair].some
        # Where some members could and others could not, fewer or more of them may now.
        fewer = (old[pair].every - new[pair].every) - denied
        more = (new[pair].every - old[pair].every) - opened
        if denied.spans or opened.spans or fewer.spans or more.spans:
            rows.append(
                {
                    "from": pair[0],
                    "to": pair[1],
                    "before": old[pair].some.told(),
                    "after": new[pair].some.told(),
                    "denied": list(denied.texts()),
                    "allowed": list(opened.texts()),
                    "denied_to_some": list(fewer.texts()),
                    "allowed_to_some": list(more.texts()),
                    "traffic": sorted(used.get(pair, ())),
                    "because": _because(after, pair, *_first(denied, opened, fewer, more)),
                }
            )
    return {
        "kind": "PolicyDiff",
        "before": _head(before),
        "after": _head(after),
        "pairs": len(shared),
        "unchanged": len(shared) - len(rows),
        "changes": sorted(rows, key=lambda row: not row["traffic"]),
        "only_before": _names(before.groups, after.groups),
        "only_after": _names(after.groups, before.groups),
    }


def _first(denied: Reach, opened: Reach, fewer: Reach, more: Reach) -> tuple[Span, bool]:
    """A span that shows what has changed, and whether it is open now."""
    lost = denied.spans or fewer.spans
    return (lost[0], False) if lost else ((opened.spans or more.spans)[0], True)


def _names(mine: Iterable[str], theirs: Iterable[str]) -> list[str]:
    return sorted(set(mine) - set(theirs))


def _used(ground: Ground) -> dict[Pair, set[str]]:
    """The traffic between each pair of groups."""
    names = sorted(one.name for one in ground.scenario.traffic)
    found: dict[Pair, set[str]] = {}
    for talk in ground.talks:
        for client in {ground.group_of[row] for row in talk.clients if row in ground.group_of}:
            for server in {ground.group_of[row] for row in talk.servers if row in ground.group_of}:
                found.setdefault((client, server), set()).add(names[talk.traffic])
    return found
