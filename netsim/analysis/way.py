"""The way of streams through a cluster: which machines and links lie between their ends."""

from collections.abc import Iterable, Sequence

from netsim.analysis.goodput import chosen
from netsim.program import Entry, Program
from netsim.records import Records

_ENTERED = (Entry.NODE_PORT, Entry.LOAD_BALANCER)


def sides(program: Program, runs: Sequence[Records], traffic: int) -> dict[str, list[int]]:
    """The nodes of the ``sender`` and of the ``receiver`` of a traffic's streams."""
    return {
        side: _nodes(program, (pair[place] for pair in _pairs(runs, traffic)))
        for place, side in enumerate(("sender", "receiver"))
    }


def crossed_nodes(program: Program, runs: Sequence[Records], traffic: int) -> list[int]:
    """The nodes at either end; all of them where streams come in through any node."""
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
