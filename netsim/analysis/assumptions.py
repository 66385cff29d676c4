"""Assumptions: the stages that were crossed and whose cost has no measured source."""

from collections.abc import Iterable, Iterator

import numpy as np

from netsim.program import Entry, Program, Relation, TrafficKind
from netsim.records import Column, Mark, Records

_SHAKEN = ("tls-client", "tls-server")  # worked by threads once per handshake, in no visit
_PATHS = {
    TrafficKind.BULK: ("syn", "synack", "request", "ack_back"),
    TrafficKind.DATAGRAMS: ("opening", "datagram"),
}


def assumed(program: Program, records: Records) -> set[str]:
    """The assumed stages that answered requests and streams crossed."""
    steps = records.steps
    visits = np.unique(np.concatenate([steps.visit[steps.visit >= 0], _ids(_visits(program, records))]))
    walks = np.unique(np.concatenate([steps.walk[steps.walk >= 0], _ids(_walks(program, records))]))
    works = program.works
    rows = np.concatenate([_spans(program.visits.first_work[visits], program.visits.works[visits]), walks])
    stages = program.stages.name[_spans(works.first_stage[rows], works.stages[rows])]
    names = program.names
    found = {names.stages[row] for row in stages.tolist()}
    found |= set(_SHAKEN) & set(names.stages) if (steps.visit == Mark.TLS).any() else set()
    trust = dict(zip(names.stages, names.confidence, strict=True))
    return {name for name in found if trust[name] == "assumed"}


def _visits(program: Program, records: Records) -> Iterator[int]:
    """The visits of the paths that streams took: no step is kept of them."""
    paths = program.paths
    for traffic, route in _routes(program, records):
        kind = TrafficKind(int(program.traffic.kind[traffic]))
        for name in _PATHS[kind]:
            path = int(getattr(program.routes, name)[route])
            if path >= 0:
                yield from range(int(paths.first[path]), int(paths.first[path] + paths.visits[path]))


def _routes(program: Program, records: Records) -> set[tuple[int, int]]:
    """(traffic, row of Routes) of the streams that came to send."""
    found = set()
    parties, table = program.endpoints, records.streams
    for traffic, client, server in zip(*(c.tolist() for c in (table.traffic, table.client, table.server)), strict=True):
        if server < 0:
            continue
        entry = Entry(int(program.calls.entry[program.traffic.call[traffic]]))
        index = program.routes.index[entry][int(parties.kind[client])][int(parties.kind[server])]
        found |= {(traffic, int(index[relation])) for relation in _relations(program, entry, client, server)}
    return {(traffic, route) for traffic, route in found if route >= 0}


def _relations(program: Program, entry: Entry, client: int, server: int) -> Iterable[Relation]:
    """How the two may stand to each other; behind a NodePort that hangs on the node which was entered."""
    if entry in (Entry.NODE_PORT, Entry.LOAD_BALANCER, Entry.EGRESS_GATEWAY):
        return (Relation.SAME_NODE, Relation.SAME_SUBNET, Relation.OTHER_SUBNET)
    here, there = int(program.endpoints.node[client]), int(program.endpoints.node[server])
    if here == there or entry == Entry.HOST_PORT:
        return (Relation.SAME_NODE,)
    subnets = [int(program.nodes.subnet[node]) if node >= 0 else -1 for node in (here, there)]
    if min(subnets) < 0:
        return (Relation.FROM_OUTSIDE if subnets[0] < 0 else Relation.OUTSIDE,)
    return (Relation.SAME_SUBNET if subnets[0] == subnets[1] else Relation.OTHER_SUBNET,)


def _walks(program: Program, records: Records) -> Iterator[int]:
    """The rules of the Services that streams were addressed to."""
    for traffic in np.unique(records.streams.traffic).tolist():
        service = int(program.calls.service[program.traffic.call[traffic]])
        if service >= 0 and (walk := int(program.services.walk[service])) >= 0:
            yield walk


def _ids(rows: Iterable[int]) -> Column:
    return np.fromiter(rows, dtype=np.int64)


def _spans(first: Column, counts: Column) -> Column:
    """The rows first, first + 1, ... of every span."""
    spans = [np.arange(begin, begin + count) for begin, count in zip(first, counts, strict=True)]
    return np.concatenate([np.zeros(0, dtype=np.int64), *spans])
