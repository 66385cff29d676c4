"""A second opinion on a run: derives from its Log, Transfers and Steps what the totals and requests should say.

It shares no code with netsim.analysis; where both check the same law they do it by different sums.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from netsim.program import Entry, Kind, Op, Phase, Program, Relation, TrafficKind
from netsim.records import Mark, Records

Faults = Iterator[str]
SYN, SYNACK, REQUEST, RESPONSE = map(int, (Phase.SYN, Phase.SYNACK, Phase.REQUEST, Phase.RESPONSE))
ANSWER, FIRST, TLS_BACK = map(int, (Phase.DATAGRAM_BACK, Phase.FIRST_DATAGRAM, Phase.TLS_BACK))
COLUMNS = {
    Phase.SYN: "syn",
    Phase.SYNACK: "synack",
    Phase.REQUEST: "request",
    Phase.RESPONSE: "response",
    Phase.DATAGRAM: "datagram",
    Phase.DATAGRAM_BACK: "datagram_back",
    Phase.FIRST_DATAGRAM: "opening",
    Phase.TLS: "request",
    Phase.TLS_BACK: "response",
}


def faults(program: Program, records: Records) -> list[str]:
    """Everything that is wrong, as sentences; none for a sound run."""
    return [f"{check.__name__}: {fault}" for check in CHECKS for fault in check(program, records)]


# -- stations: N(t), swept event by event ----------------------------------------------------------------------------


def spans(program: Program, records: Records, station: int, begin: str, end: str) -> tuple[np.ndarray, np.ndarray]:
    """Times at which the number between ``begin`` and ``end`` at a station changes, and that number from then on.

    What has not begun does not count; what has not ended counts to the end of the run. At one instant ends come first.
    """
    log = records.log
    here = log.station == station
    start, stop = getattr(log, begin)[here], getattr(log, end)[here].copy()
    stop[stop < 0] = program.duration
    known = (start >= 0) & (start < program.duration) & (stop > start)
    start, stop = start[known], np.minimum(stop[known], program.duration)
    times = np.concatenate([stop, start])
    change = np.concatenate([-np.ones_like(stop), np.ones_like(start)])
    order = np.argsort(times, kind="stable")
    return times[order], np.cumsum(change[order])


def integral(times: np.ndarray, number: np.ndarray) -> int:
    """The area under a staircase that ends at 0."""
    return int(np.sum(np.diff(times) * number[:-1])) if len(times) else 0


def presence(program: Program, records: Records) -> Faults:
    """The integral of the number present is the sojourn, and its peak is no more than the station says."""
    for station, name in enumerate(program.names.stations):
        times, number = spans(program, records, station, "arrive", "depart")
        found, said = integral(times, number), int(records.stations.sojourn[station])
        if found != said:
            yield f"{name}: N(t) integrates to {found} ps, the sojourn is {said} ps"
        peak, most = int(number.max(initial=0)), int(records.stations.most[station])
        if program.stations.kind[station] != Kind.LINK and peak > most:
            yield f"{name}: {peak} present at once, at most {most} said"


def servers(program: Program, records: Records) -> Faults:
    """Never more in service than servers; and where one waits at a pod, tunnel or balancer, all of them work."""
    kinds = program.stations.kind
    for station in np.flatnonzero(np.isin(kinds, (Kind.POD, Kind.DAEMON, Kind.BALANCER))).tolist():
        limit = int(program.stations.servers[station])
        if limit < 0:
            continue
        times, serving = spans(program, records, station, "start", "depart")
        name = program.names.stations[station]
        if serving.max(initial=0) > limit:
            yield f"{name}: {serving.max()} in service, {limit} servers"
        waits, waiting = spans(program, records, station, "arrive", "start")
        for at, number in zip(waits.tolist(), waiting.tolist(), strict=True):
            place = int(np.searchsorted(times, at, side="right")) - 1
            if (
                number > 0
                and at < program.duration
                and at != next_of(waits, at)
                and (place < 0 or serving[place] < limit)
            ):
                yield f"{name}: one waits at {at} ps, {serving[place] if place >= 0 else 0} of {limit} servers work"
                break


def next_of(times: np.ndarray, at: int) -> int:
    """``at`` itself where more happens at that instant than the sweep has seen, else the next time."""
    first, last = np.searchsorted(times, at, side="left"), np.searchsorted(times, at, side="right")
    return at if last - first > 1 else -1


def links(program: Program, records: Records) -> Faults:
    """A link serialises one train after the other and is never idle while one waits."""
    log = records.log
    for station in np.flatnonzero(program.stations.kind == Kind.LINK).tolist():
        here = log.station == station
        start, work, arrive = log.start[here], log.work[here], log.arrive[here]
        order = np.lexsort((start, arrive))
        start, done, arrive = start[order], (start + work)[order], arrive[order]
        free = np.maximum.accumulate(np.concatenate([[0], done[:-1]])) if len(done) else done
        if not np.array_equal(start, np.maximum(arrive, free)):
            yield f"{program.names.stations[station]}: does not start when it is free"


# -- the ledger, from transfers --------------------------------------------------------------------------------------


def traffic_sums(_: Program, records: Records) -> Faults:
    """What was sent is what transfers held, what of them was sent again, and datagrams; signals carry nothing."""
    moved, book, streams = records.transfers, records.ledger, records.streams
    used = moved.bursts > 0
    datagrams = streams.datagrams > 0
    known = int(moved.resent.sum()) + int(streams.sent[datagrams].sum())
    arrived = int(moved.payload[used & (moved.finished >= 0)].sum())
    held = arrived + int(moved.payload[used & (moved.finished < 0)].sum())
    if not arrived + known <= book.bytes_sent <= held + known:
        yield f"{arrived} bytes arrived, {held} held, {known} again or datagrams, but {book.bytes_sent} sent"
    if book.sent < int(moved.bursts.sum()) + int(streams.datagrams.sum()):
        yield f"{moved.bursts.sum()} bursts of transfers, {streams.datagrams.sum()} datagrams, {book.sent} sent"
    if book.bytes_delivered < arrived:
        yield f"{arrived} bytes arrived, {book.bytes_delivered} delivered"
    if (sum(book.dropped) > 0) != (book.frames_dropped > 0) and not book.in_flight:
        yield f"{book.frames_dropped} frames but {book.dropped} bursts dropped"
    if (moved.timeouts[moved.phase <= SYNACK] > 0).any() and not book.frames_dropped:
        yield "a handshake was sent again, though nothing was lost"


# -- requests, from transfers ----------------------------------------------------------------------------------------


def phases(program: Program, records: Records) -> Faults:
    """SYN, SYN-ACK, request and response of every call follow each other, and an answer ends the request. Of a call
    that was tried again only the latter is said."""
    moved, asked = records.transfers, records.requests
    rows: dict[tuple[int, int], dict[tuple[int, int], int]] = defaultdict(dict)
    again: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, key in enumerate(
        zip(*(getattr(moved, name).tolist() for name in ("traffic", "index", "call", "phase")), strict=True)
    ):
        place = key[2], int(Phase.DATAGRAM) if key[3] == FIRST else key[3]
        if place in rows[key[:2]]:
            again[key[:2]] += (rows[key[:2]][place], row)
        rows[key[:2]][place] = row
    for row, (stream, index) in enumerate(zip(asked.traffic.tolist(), asked.index.tolist(), strict=True)):
        mine = rows[stream, index]
        root = int(program.traffic.call[stream])
        repeated = again.get((stream, index), [])
        for call, phase in mine:
            before = mine.get((call, phase - 1))
            if before is None or repeated:
                continue
            if not 0 <= moved.finished[before] <= moved.started[mine[call, phase]]:
                yield f"{stream}/{index}: phase {phase} of call {call} starts before phase {phase - 1} ends"
        if asked.outcome[row] != 0:
            continue
        bulk = program.traffic.kind[stream] == TrafficKind.BULK
        last = mine[root, REQUEST] if bulk else mine.get((root, RESPONSE), mine.get((root, ANSWER), -1))
        size = asked.request_bytes[row] if bulk else asked.response_bytes[row]
        ends = [last, *(one for one in repeated if moved.call[one] == root and moved.phase[one] == moved.phase[last])]
        if not any(moved.finished[one] == asked.completed[row] and moved.payload[one] == size for one in ends):
            yield f"{stream}/{index}: its response does not end it"
        steps = slice(asked.first_step[row], asked.first_step[row] + asked.steps[row])
        if repeated or Mark.ATTEMPT in records.steps.visit[steps]:  # the handshake may be of an earlier attempt
            continue
        shaken = (root, SYN) in mine
        connect = moved.finished[mine[root, SYNACK]] - moved.started[mine[root, SYN]] if shaken else 0
        if (root, TLS_BACK) in mine:
            begin = mine[root, SYN] if shaken else mine[root, TLS_BACK - 1]
            connect = moved.started[mine[root, REQUEST]] - moved.started[begin]
        if connect != asked.connect[row]:
            yield f"{stream}/{index}: a handshake of {connect} ps, {asked.connect[row]} ps said"


def members(program: Program, records: Records) -> Faults:
    """Clients belong to their traffic; servers to the Service that was called."""
    traffic, services, asked = program.traffic, program.services, records.requests
    for row, client in enumerate(asked.client.tolist()):
        stream = int(asked.traffic[row])
        first = int(traffic.first_client[stream])
        if client not in program.clients[first : first + int(traffic.clients[stream])]:
            yield f"request {row} comes from a stranger"
    moved = records.transfers
    for call, phase, source, target in {
        *zip(*(c.tolist() for c in (moved.call, moved.phase, moved.source, moved.target)), strict=True)
    }:
        server, client = (source, target) if phase % 2 else (target, source)
        service = int(program.calls.service[call])
        if service < 0:
            known = server == program.endpoints.neighbour[client]
        else:
            first = int(services.first[service])
            known = server < 0 or server in program.backends[first : first + int(services.members[service])]
        if not known:
            yield f"call {call} is served by endpoint {server}"


# -- paths -----------------------------------------------------------------------------------------------------------


def relation(program: Program, client: int, server: int) -> int:
    """Where the server is, seen from the client."""
    ends, subnet = program.endpoints, program.nodes.subnet
    if ends.neighbour[client] == server:
        return Relation.SAME_POD
    here, there = int(ends.node[client]), int(ends.node[server])
    if here == there:
        return Relation.SAME_NODE
    if here < 0 or subnet[here] < 0:
        return Relation.FROM_OUTSIDE
    if subnet[there] < 0:
        return Relation.OUTSIDE
    return Relation.SAME_SUBNET if subnet[here] == subnet[there] else Relation.OTHER_SUBNET


def routes(program: Program, call: int, client: int, server: int) -> list[int]:
    """Rows of Routes that a call may take; on its way through an unknown entry node there are several."""
    entry, kinds = int(program.calls.entry[call]), program.endpoints.kind
    row = program.routes.index[entry, kinds[client], kinds[server]]
    if entry < Entry.NODE_PORT:
        return [int(row[relation(program, client, server)])]
    return [int(cell) for cell in row.tolist() if cell >= 0]


def rows_of(program: Program, path: int) -> list[int]:
    """The visits of a path."""
    first = int(program.paths.first[path])
    return list(range(first, first + int(program.paths.visits[path])))


def unresolved(program: Program, call: int, client: int, column: np.ndarray) -> set[int]:
    """Visits that a SYN or first datagram may make before its server is known: those in front of the translation, on
    any route."""
    found: set[int] = set()
    index = program.routes.index[int(program.calls.entry[call]), program.endpoints.kind[client]]
    for route in {cell for cell in index.ravel().tolist() if cell >= 0}:
        for visit in rows_of(program, int(column[route])):
            if program.visits.translates[visit]:
                break
            found.add(visit)
    return found


def ways(program: Program, records: Records) -> Faults:
    """Every step of a request is one of the paths between the parties of its calls, no other."""
    moved, asked, steps = records.transfers, records.requests, records.steps
    known: dict[tuple[int, ...], set[int]] = {}
    allowed: dict[tuple[int, int], set[int]] = defaultdict(set)
    for key in zip(
        *(getattr(moved, n).tolist() for n in ("traffic", "index", "call", "phase", "source", "target")), strict=True
    ):
        _, _, call, phase, source, target = key
        if source < 0 or target < 0:
            continue
        if key[2:] not in known:
            client, server = (target, source) if phase % 2 else (source, target)
            column = getattr(program.routes, COLUMNS[Phase(phase)])
            visits = {
                row for route in routes(program, call, client, server) for row in rows_of(program, int(column[route]))
            }
            opens = phase in (SYN, FIRST)
            known[key[2:]] = visits | (unresolved(program, call, client, column) if opens else set())
        allowed[key[:2]] |= known[key[2:]]
    for row in np.flatnonzero(asked.outcome == 0).tolist():
        first = int(asked.first_step[row])
        made = {visit for visit in steps.visit[first : first + int(asked.steps[row])].tolist() if visit >= 0}
        strange = made - allowed[int(asked.traffic[row]), int(asked.index[row])]
        if strange:
            yield f"request {row} crosses {[program.names.visits[visit] for visit in sorted(strange)]} of another path"


def wires(program: Program, records: Records) -> Faults:
    """On the wire each step is a link from where the one before ended, and on a shortest way; the last one arrives."""
    steps, fabric = records.steps, program.fabric
    ops = np.where(steps.visit >= 0, program.visits.op[np.maximum(steps.visit, 0)], -1)
    members = {
        group: set(fabric.members[first : first + size].tolist())
        for group, (first, size) in enumerate(zip(fabric.group_first.tolist(), fabric.group_size.tolist(), strict=True))
    }
    begins = set(records.requests.first_step[records.requests.outcome == 0].tolist())
    machines = {*program.nodes.place.tolist(), *program.endpoints.place.tolist()}
    machines |= set(program.stations.place[program.stations.kind == Kind.BALANCER].tolist())
    here = -1
    for row in np.flatnonzero(ops == Op.WIRE).tolist():
        station = int(steps.station[row])
        continues = row not in begins and steps.visit[row - 1] == steps.visit[row]
        if continues and not any(station in members[group] for group in fabric.next_hop[here].tolist() if group >= 0):
            yield f"step {row}: {program.names.stations[station]} does not begin where the link before it ended"
        here = int(program.stations.place[station])
        goes_on = row + 1 < len(ops) and row + 1 not in begins and steps.visit[row + 1] == steps.visit[row]
        if not goes_on and here not in machines:
            yield f"step {row}: the wire ends in a switch"


CHECKS: tuple[Callable[[Program, Records], Faults], ...] = (
    presence,
    servers,
    links,
    traffic_sums,
    phases,
    members,
    ways,
    wires,
)
