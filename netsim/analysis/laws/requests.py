"""Laws of requests: each is accounted for once, times are in order, and the parts of a latency sum to it."""

from collections.abc import Iterator

import numpy as np

from netsim.program import REASONS, Program
from netsim.records import Column, Records


def accounted(program: Program, records: Records) -> Iterator[str]:
    """Every request has one outcome; each traffic, or user of a closed loop, numbers its own in full."""
    table = records.requests
    for row in np.flatnonzero((table.outcome < -1) | (table.outcome > len(REASONS))).tolist():
        yield f"request {_name(program, records, row)} ended as {table.outcome[row]}: there is no such end"
    open_end = (table.outcome == -1) != (table.completed == -1)
    for row in np.flatnonzero(open_end).tolist():
        outcome, end = table.outcome[row], table.completed[row]
        yield f"request {_name(program, records, row)}: outcome {outcome}, completed {end}"
    for traffic, name in enumerate(program.names.traffic):
        if not _numbered(table.index[table.traffic == traffic], max(1, int(program.traffic.users[traffic]))):
            yield f"the requests of {name} are not numbered from 0 on, each once"
    if (extra := np.setdiff1d(table.traffic, np.arange(len(program.names.traffic)))).size:
        yield f"requests of traffic {extra.tolist()}, which is none"


def arrivals(program: Program, records: Records) -> Iterator[str]:
    """Open loops: the requests are the arrivals of the Program that lie before the end, at their times."""
    table, traffic = records.requests, program.traffic
    for row, name in enumerate(program.names.traffic):
        if traffic.users[row]:
            continue
        first = int(traffic.first[row])
        planned = program.arrivals[first : first + int(traffic.arrivals[row])]
        planned = planned[planned < program.duration]
        mine = table.traffic == row
        issued = table.intended[mine][np.argsort(table.index[mine], kind="stable")]
        if len(issued) != len(planned):
            yield f"{name}: {len(planned)} arrivals before the end, {len(issued)} requests issued"
        elif not np.array_equal(issued, planned):
            at = int(np.flatnonzero(issued != planned)[0])
            yield f"{name}: request {at} was issued for {issued[at]} ps, its arrival is at {planned[at]} ps"


def ordered(program: Program, records: Records) -> Iterator[str]:
    """No request or transfer ends before it starts, starts before the run or ends after it."""
    table = records.requests
    done = table.completed != -1
    late = done & ((table.completed < table.intended) | (table.completed > program.duration))
    for row in np.flatnonzero(late | (table.intended < 0)).tolist():
        begin, end = table.intended[row], table.completed[row]
        yield f"request {_name(program, records, row)}: from {begin} to {end} ps"
    handshake = np.where(done & (table.outcome == 0), table.completed - table.intended, program.duration)
    for row in np.flatnonzero((table.connect < 0) | (table.connect > handshake)).tolist():
        yield f"request {_name(program, records, row)}: a handshake of {table.connect[row]} ps"
    moves = records.transfers
    tardy = (moves.finished >= 0) & ((moves.finished < moves.started) | (moves.finished > program.duration))
    for row in np.flatnonzero((moves.started < 0) | tardy).tolist():
        yield f"transfer {row}: from {moves.started[row]} to {moves.finished[row]} ps"


def partition(program: Program, records: Records) -> Iterator[str]:
    """The steps of an answered request follow each other without a gap from intended start to answer."""
    table, steps = records.requests, records.steps
    spans = (steps.queue, steps.stolen, steps.wakeup, steps.work, steps.travel)
    for part, name in zip(spans, ("queue", "stolen", "wakeup", "work", "travel"), strict=True):
        for row in np.flatnonzero(part < 0).tolist():
            yield f"step {row}: {part[row]} ps of {name}"
    ends = steps.at + sum(spans)
    for row in np.flatnonzero(table.outcome == 0).tolist():
        first, count = int(table.first_step[row]), int(table.steps[row])
        if (fault := _gap(steps.at[first : first + count], ends[first : first + count], records, row)) is not None:
            yield f"request {_name(program, records, row)}: {fault}"


def _numbered(index: Column, users: int) -> bool:
    """Whether user u's requests have the numbers u, u + users, u + 2 users, and so on."""
    rows = np.lexsort((index, index % users))
    user, turn = index[rows] % users, index[rows] // users
    begins = np.flatnonzero(np.diff(user, prepend=-1))
    expected = np.arange(len(index)) - np.repeat(begins, np.diff(begins, append=len(index)))
    return bool(np.array_equal(turn, expected))


def _gap(starts: Column, ends: Column, records: Records, row: int) -> str | None:
    begin, end = int(records.requests.intended[row]), int(records.requests.completed[row])
    if not len(starts) or len(starts) != records.requests.steps[row]:
        return "answered, but its steps are missing"
    if starts[0] != begin:
        return f"begins at {begin} ps, its first step at {starts[0]} ps"
    if (holes := np.flatnonzero(starts[1:] != ends[:-1])).size:
        hole = int(holes[0])
        return f"step {hole} ends at {ends[hole]} ps, the next begins at {starts[hole + 1]} ps"
    if ends[-1] != end:
        return f"its last step ends at {ends[-1]} ps, the request at {end} ps"
    return None


def _name(program: Program, records: Records, row: int) -> str:
    traffic = int(records.requests.traffic[row])
    known = program.names.traffic
    return f"{known[traffic] if 0 <= traffic < len(known) else traffic}#{records.requests.index[row]}"
