"""Saboteurs: every check of the second opinion, and the engine's own guard, can fire."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netsim.engines import run
from netsim.engines.reference.clock import Clock, DuplicateKeyError, Place, Traveller
from netsim.program import Endpoint, Entry, Op, Program, Relation
from netsim.records import Records
from tests.documents import document, program
from tests.properties import checker

SPEC = {
    "run": {"duration": "10ms", "seed": 5},
    "cluster": {"nodePools": [{"name": "a", "count": 2, "nics": [{"bandwidth": "100Mbit"}]}]},
    "cni": {"plugin": "flannel", "backend": "udp"},
    "workloads": [
        {"target": "pod/one", "node": "a-0"},
        {"target": "deployment/web", "replicas": 2, "ports": [80], "serviceTime": "500us", "concurrency": 1},
    ],
    "services": [{"name": "web", "selector": "deployment/web"}],
    "traffic": [
        {
            "name": "t",
            "from": "pod/one",
            "to": "svc/web",
            "rate": "4k/s",
            "response": "3kB",
            "connections": {"mode": "perRequest"},
        }
    ],
}


@pytest.fixture(scope="module")
def honest() -> tuple[Program, Records]:
    """A run in which all holds."""
    found = program(document(SPEC))
    records = run(found, log=True)
    assert checker.faults(found, records) == []
    return found, records


def changed(table: Any, name: str, row: int, value: int) -> Any:
    """A copy of a table with one cell changed."""
    column = getattr(table, name).copy()
    column[row] = value
    return replace(table, **{name: column})


def first_log(found: Program, records: Records, role: str) -> int:
    """The row of the Log of the third stay that had to wait at a station of some role."""
    roles, log = np.array(found.names.roles), records.log
    return int(np.flatnonzero((roles[log.station] == role) & (log.depart > 0) & (log.start > log.arrive))[2])


def first_step(found: Program, records: Records, op: Op) -> int:
    """The row of the first step of some kind that is not the first of its request."""
    visits = records.steps.visit
    return int(np.flatnonzero((visits >= 0) & (found.visits.op[visits] == op))[1])


def forged(what: str, found: Program, records: Records) -> Records:
    """The records with one lie in them."""
    log, moved, asked, steps, totals = records.log, records.transfers, records.requests, records.steps, records.stations
    answered = int(np.flatnonzero(asked.outcome == 0)[3])
    pod, link = first_log(found, records, "pod"), first_log(found, records, "link")
    wire = first_step(found, records, Op.WIRE)
    match what:
        case "presence":
            return replace(records, stations=changed(totals, "sojourn", 0, int(totals.sojourn[0]) + 1))
        case "servers":
            return replace(records, log=changed(log, "start", pod, int(log.arrive[pod])))
        case "links":
            return replace(records, log=changed(log, "start", link, int(log.start[link]) + 1))
        case "traffic_sums":
            return replace(records, ledger=replace(records.ledger, bytes_sent=records.ledger.bytes_sent + 1))
        case "phases":
            return replace(records, requests=changed(asked, "connect", answered, int(asked.connect[answered]) + 1))
        case "members":
            return replace(records, transfers=changed(moved, "target", int(np.flatnonzero(moved.phase == 2)[0]), 0))
        case "ways":
            other = int(
                found.routes.request[found.routes.index[Entry.DIRECT, Endpoint.HOST, Endpoint.POD, Relation.SAME_NODE]]
            )
            return replace(records, steps=changed(steps, "visit", wire, int(found.paths.first[other])))
        case _:
            stations = found.names.stations
            backwards = stations.index(stations[int(steps.station[wire])])
            return replace(records, steps=changed(steps, "station", wire, other_link(found, backwards)))


def other_link(found: Program, link: int) -> int:
    """A link that ends somewhere else."""
    kinds = np.array(found.names.roles) == "link"
    return int(np.flatnonzero(kinds & (found.stations.place != found.stations.place[link]))[0])


@pytest.mark.parametrize("what", [check.__name__ for check in checker.CHECKS])
def test_saboteur_each_check_sees_its_lie(what: str, honest: tuple[Program, Records]) -> None:
    found, records = honest
    assert any(fault.startswith(f"{what}: ") for fault in checker.faults(found, forged(what, found, records)))


class Sink(Place):
    """Takes whatever arrives."""

    def run(self) -> Any:
        """Forget it."""
        while True:
            yield self.arrivals


def test_saboteur_two_events_with_one_key() -> None:
    clock = Clock()
    sink = Sink(clock)
    clock.advance(1)
    for at, key in ((5, 7), (5, 8), (6, 7)):
        clock.send(Traveller(clock), sink, at, key)
    clock.advance(7)
    for _ in range(2):
        clock.send(Traveller(clock), sink, 9, 7)
    with pytest.raises(DuplicateKeyError, match="two events at 9 ps with the key 0x7"):
        clock.advance(10)
