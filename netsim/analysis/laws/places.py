"""Laws of places: work within capacity, Little's law to the ps, and queues that keep their order."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from netsim.program import Endpoint, Kind, Program
from netsim.records import Column, Records

_FIRST_COME = (Kind.SOFTIRQ, Kind.LINK, Kind.DAEMON)


def capacity(program: Program, records: Records) -> Iterator[str]:
    """Busy time within 0 and servers x duration; a link's largest backlog within its buffer."""
    totals, stations = records.stations, program.stations
    limit = stations.servers * program.duration
    over = (limit >= 0) & (totals.busy > limit)
    for row in np.flatnonzero((totals.busy < 0) | over).tolist():
        yield f"{program.names.stations[row]} was busy for {totals.busy[row]} ps of {limit[row]} ps"
    bounded = (stations.kind == Kind.LINK) & (stations.room >= 0) & (totals.most > stations.room)
    for row in np.flatnonzero(bounded).tolist():
        yield f"{program.names.stations[row]} held {totals.most[row]}, its room is {stations.room[row]}"


def system(program: Program, records: Records) -> Iterator[str]:
    """0 <= system <= busy, and system only where threads work; frames are marked on links only."""
    totals, kinds = records.stations, program.stations.kind
    limit = np.where(kinds == Kind.APPLICATION, totals.busy, 0)
    for row in np.flatnonzero((totals.system < 0) | (totals.system > limit)).tolist():
        yield f"{program.names.stations[row]}: {totals.system[row]} ps in the kernel of {totals.busy[row]} ps"
    for row in np.flatnonzero((totals.marked < 0) | ((totals.marked > 0) & (kinds != Kind.LINK))).tolist():
        yield f"{program.names.stations[row]} marked {totals.marked[row]} frames"


def conntrack(program: Program, records: Records) -> Iterator[str]:
    """The peak of every node's connection table is at most its limit."""
    limits = program.nodes.conntrack_max
    for row in np.flatnonzero((limits >= 0) & (records.conntrack_peak > limits)).tolist():
        node, peak = program.names.nodes[row], records.conntrack_peak[row]
        yield f"{node} tracked {peak} connections, its limit is {limits[row]}"


def addresses(program: Program, _: Records) -> Iterator[str]:
    """No two pods have one address, and none has a machine's unless it is on its network."""
    kinds = program.endpoints.kind.tolist()
    known = [(address, kind) for address, kind in zip(program.names.addresses, kinds, strict=True) if address]
    pods = Counter(address for address, kind in known if kind == Endpoint.POD)
    hosts = {address for address, kind in known if kind != Endpoint.POD}
    yield from (f"{count} pods have the address {address}" for address, count in sorted(pods.items()) if count > 1)
    yield from (f"a pod and a machine have the address {address}" for address in sorted(pods.keys() & hosts))


def little(program: Program, records: Records) -> Iterator[str]:
    """The integral of the number present, to the end of the run, is the sum of all stays, clipped there."""
    log = records.log
    stays = _clipped(log.depart, program.duration) - np.minimum(log.arrive, program.duration)
    yield from _compare(program, records.stations.sojourn, _sums(program, log.station, stays), "a sojourn of")


def busy(program: Program, records: Records) -> Iterator[str]:
    """Busy time is the sum of work, clipped at the end of the run."""
    log = records.log
    left = program.duration - np.where(log.start < 0, program.duration, np.minimum(log.start, program.duration))
    done = _sums(program, log.station, np.minimum(log.work, left))
    yield from _compare(program, records.stations.busy, done, "busy for")


def queued(program: Program, records: Records) -> Iterator[str]:
    """Time queued is the sum of all waits from arrival to start, clipped at the end of the run."""
    log = records.log
    waits = _clipped(log.start, program.duration) - np.minimum(log.arrive, program.duration)
    yield from _compare(program, records.stations.queued, _sums(program, log.station, waits), "a wait of")


def order(program: Program, records: Records) -> Iterator[str]:
    """At softirq lanes, links and tunnel processes who comes first starts first."""
    log = records.log
    start = _clipped(log.start, program.duration)
    rows = np.lexsort((start, log.arrive, log.station))
    station, begun = log.station[rows], start[rows]
    kinds = program.stations.kind[station]
    came, shown = log.arrive[rows], log.start[rows]
    same = (station[1:] == station[:-1]) & np.isin(kinds[1:], _FIRST_COME)
    for row in np.flatnonzero(same & (begun[1:] < begun[:-1])).tolist():
        name = program.names.stations[station[row]]
        yield (
            f"{name}: what came at {came[row]} ps began at {shown[row]} ps, "
            f"what came at {came[row + 1]} ps at {shown[row + 1]} ps"
        )


def _clipped(times: Column, end: int) -> Column:
    """``times``, with those that are -1 (not yet) or beyond the end put to the end."""
    return np.where(times < 0, end, np.minimum(times, end))


def _sums(program: Program, station: Column, values: Column) -> Column:
    found = np.zeros(len(program.stations.kind), dtype=np.int64)
    np.add.at(found, station, values)
    return found


def _compare(program: Program, totals: Column, sums: Column, what: str) -> Iterator[str]:
    for row in np.flatnonzero(totals != sums).tolist():
        yield f"{program.names.stations[row]}: {what} {totals[row]} ps, its stays give {sums[row]} ps"
