"""The way of streams through a cluster: which machines and links lie between their ends."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from netsim.analysis.goodput import chosen, streaming
from netsim.program import Entry, Program
from netsim.records import Records

_ENTERED = (Entry.NODE_PORT, Entry.LOAD_BALANCER, Entry.EGRESS_GATEWAY)


def sides(program: Program, runs: Sequence[Records], traffic: int) -> dict[str, list[int]]:
    """The nodes of the ``sender`` and of the ``receiver`` of a traffic's streams."""
    return {
        side: _nodes(program, (pair[place] for pair in _pairs(runs, traffic)))
        for place, side in enumerate(("sender", "receiver"))
    }


def crossed_nodes(program: Program, runs: Sequence[Records], traffic: int) -> list[int]:
    """The nodes at either end; all of them where streams come in, or go out, through any node."""
    entry = Entry(int(program.calls.entry[program.traffic.call[traffic]]))
    if entry in _ENTERED:
        return list(range(len(program.names.nodes)))
    ends = sides(program, runs, traffic)
    return sorted({*ends["sender"], *ends["receiver"]})


def crossed_links(program: Program, runs: Sequence[Records], traffic: int) -> set[int]:
    """The links between the ends, there and back, on any of several equal ways; all where streams come in through
    any node."""
    entry = Entry(int(program.calls.entry[program.traffic.call[traffic]]))
    if entry in _ENTERED:
        return set(range(len(program.stations.kind)))
    place = program.endpoints.place.tolist()
    pairs = {(place[client], place[server]) for client, server in _pairs(runs, traffic) if server >= 0}
    return set().union(*(_between(program, *ends) for pair in pairs for ends in (pair, pair[::-1])))


def machines_of(program: Program, runs: Sequence[Records], traffic: int) -> set[int]:
    """The nodes on which a traffic of any kind begins or ends; of requests also those of the calls that follow."""
    if streaming(program, traffic):
        return set(crossed_nodes(program, runs, traffic))
    tables = [run.requests for run in runs]
    found = [np.unique(getattr(one, side)[one.traffic == traffic]) for one in tables for side in ("client", "server")]
    parties = {int(row) for rows in found for row in rows}
    return set(_nodes(program, [*parties, *_called(program, traffic)]))


def company(program: Program, runs: Sequence[Records], traffic: int) -> list[int]:
    """The other traffics that use a machine of this one."""
    mine = machines_of(program, runs, traffic)
    rest = [row for row in range(len(program.names.traffic)) if row != traffic]
    return [row for row in rest if mine & machines_of(program, runs, row)]


def _called(program: Program, traffic: int) -> Iterator[int]:
    """The pods behind the Services in a traffic's tree of calls."""
    waiting = [int(program.traffic.call[traffic])]
    while waiting:
        call = waiting.pop()
        service = int(program.calls.service[call])
        if service >= 0:
            first = int(program.services.first[service])
            yield from program.backends[first : first + int(program.services.members[service])].tolist()
        for group in range(int(program.calls.groups[call])):
            row = int(program.calls.first_group[call]) + group
            first = int(program.groups.first[row])
            waiting += range(first, first + int(program.groups.calls[row]))


def wire_rate(program: Program, runs: Sequence[Records], traffic: int) -> int:
    """The bit/s that the links out of the senders' machines, and those into the receivers', let through at most; 0
    where the streams cross none."""
    place, fabric = program.endpoints.place.tolist(), program.fabric
    out, into = set[int](), set[int]()
    for client, server in _pairs(runs, traffic):
        here, there = place[client], place[server]
        group = int(fabric.next_hop[here][there]) if server >= 0 and here != there else -1
        if group >= 0:
            first = int(fabric.group_first[group])
            out |= set(fabric.members[first : first + int(fabric.group_size[group])].tolist())
            into |= {link for link in _between(program, here, there) if int(program.stations.place[link]) == there}
    return min(sum(int(program.stations.rate[link]) for link in links) for links in (out, into))


def _between(program: Program, here: int, there: int) -> set[int]:
    """The links from one place to another, on any of several equal ways."""
    fabric, found, open_ends, seen = program.fabric, set[int](), [here], {here}
    while open_ends:
        place = open_ends.pop()
        group = int(fabric.next_hop[place][there]) if place != there else -1
        if group < 0:
            continue
        first = int(fabric.group_first[group])
        for link in fabric.members[first : first + int(fabric.group_size[group])].tolist():
            found.add(link)
            beyond = int(program.stations.place[link])
            if beyond not in seen:
                seen.add(beyond)
                open_ends.append(beyond)
    return found


def _pairs(runs: Sequence[Records], traffic: int) -> set[tuple[int, int]]:
    """Client and server of every stream."""
    tables = [chosen(run, traffic) for run in runs]
    return {pair for table in tables for pair in zip(table.client.tolist(), table.server.tolist(), strict=True)}


def _nodes(program: Program, endpoints: Iterable[int]) -> list[int]:
    found = {int(program.endpoints.node[row]) for row in endpoints if row >= 0}
    return sorted(found - {-1})
