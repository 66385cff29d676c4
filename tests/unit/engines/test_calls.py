"""Calls: timeouts, retries, the client's own choice, datagrams and TLS, to the ps where nothing is by chance."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from netsim.analysis.laws import check
from netsim.chance import LAW_SIZE
from netsim.engines import run, session
from netsim.program import REASON, Calls, Phase, Program, Protocol, State, Tls
from netsim.program_edits import SetEndpoint, SetView
from netsim.records import Mark, Records
from tests.documents import document, program
from tests.programs import SHARED, Chain, column, constant_law
from tests.properties import checker

MICROSECOND, MILLISECOND, GBIT = 10**6, 10**9, 10**9
POOLED = 1


def sound(found: Program, records: Records, second_opinion: bool = True) -> Records:
    """The same records, in which every law holds."""
    assert [verdict for verdict in check(found, records) if verdict.broken] == []
    assert not second_opinion or checker.faults(found, records) == []
    return records


def chain(calls: dict[str, int] | None = None, tls: Tls | None = None, **cells: Any) -> Program:
    """A chain of links with a call that is made in some way."""
    found = Chain(**{"arrivals": [0], "duration": 100 * MILLISECOND} | cells).program()
    columns = {name: column(value) for name, value in (calls or {}).items()}
    rows = {entry.name: getattr(found.calls, entry.name) for entry in fields(Calls)}
    return replace(found, calls=Calls(**rows | columns), tls=tls or found.tls)


def times(records: Records) -> list[int]:
    """How long each request took."""
    return (records.requests.completed - records.requests.intended).tolist()


def wire(payload: int, headers: int, rate: int = GBIT) -> int:
    """ps that a frame with so much payload takes on a link."""
    return -(-8 * (max(46, payload + headers) + 38) * 10**12 // rate)


# -- timeouts and retries --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0, POOLED, SHARED])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_an_attempt_ends_exactly_at_its_timeout(mode: int, retries: int) -> None:
    calls = {"timeout": 50 * MICROSECOND, "retries": retries}
    found = chain(calls, service=constant_law(70 * MICROSECOND), mode=mode)
    records = sound(found, run(found, log=True))
    assert records.requests.outcome.tolist() == [1 + REASON["timeout"]]
    assert times(records) == [(retries + 1) * 50 * MICROSECOND]
    assert records.stations.visits[0] == retries + 1, "the pod works on all of them"
    opened = 1 if mode == SHARED else retries + 1
    assert records.sockets.opened == opened, "only a connection without an answer outstanding is used again"
    assert records.sockets.closed == (0 if mode == SHARED else opened)


def two_times(quick: int, slow: int) -> np.ndarray:
    """A law of two values, equally likely."""
    law = np.full(LAW_SIZE, slow, dtype=np.int64)
    law[: LAW_SIZE // 2] = quick
    return law


def test_latency_is_the_failed_attempts_and_the_last_one() -> None:
    timeout, quick = 50 * MICROSECOND, 10 * MICROSECOND
    arrivals = [number * MILLISECOND for number in range(90)]
    calls = {"timeout": timeout, "retries": 2}
    found = chain(calls, service=two_times(quick, 80 * MICROSECOND), arrivals=arrivals)
    records = sound(found, run(found, log=True))
    asked, steps = records.requests, records.steps
    seen = set()
    for row, time in enumerate(times(records)):
        first = int(asked.first_step[row])
        mine = range(first, first + int(asked.steps[row]))
        attempts = [step for step in mine if steps.visit[step] == Mark.ATTEMPT]
        if asked.outcome[row]:
            assert asked.outcome[row] == 1 + REASON["timeout"]
            assert time == 3 * timeout
            seen.add(3)
        else:
            assert [int(steps.queue[step]) for step in attempts] == [timeout] * len(attempts)
            assert time == len(attempts) * timeout + quick
            seen.add(len(attempts))
    assert seen == {0, 1, 2, 3}


def test_one_who_waits_for_a_connection_gives_up_too() -> None:
    calls = {"timeout": 50 * MICROSECOND}
    arrivals = [0, 10 * MICROSECOND, 20 * MICROSECOND]
    found = chain(calls, arrivals=arrivals, service=constant_law(70 * MICROSECOND), mode=POOLED)
    records = sound(found, run(found, log=True))
    assert times(records) == [50 * MICROSECOND] * 3
    waits = records.transfers.started[records.transfers.phase == Phase.REQUEST]
    assert waits.tolist() == [0, 50 * MICROSECOND, 60 * MICROSECOND], "each when the one before has given up"
    assert records.sockets.opened == records.sockets.closed == 3


def test_an_answer_in_time_leaves_no_trace_of_the_timeout() -> None:
    plain, patient = chain(service=constant_law(9)), chain({"timeout": 10, "retries": 3}, service=constant_law(9))
    assert run(plain).digest() == run(patient).digest()


# -- datagrams -------------------------------------------------------------------------------------------------------


def test_a_datagram_there_and_the_answer_back() -> None:
    found = chain({"protocol": Protocol.UDP}, rates=[GBIT], travel=3 * MICROSECOND, payload=constant_law(1000))
    records = sound(found, run(found, log=True))
    assert times(records) == [wire(1000, 28) + 3 * MICROSECOND]
    assert records.requests.connect.tolist() == [0]
    assert records.transfers.phase.tolist() == [Phase.DATAGRAM_BACK, Phase.FIRST_DATAGRAM]


@pytest.mark.parametrize(("mode", "sockets"), [(0, 3), (POOLED, 1), (SHARED, 1)])
def test_a_socket_is_one_flow(mode: int, sockets: int) -> None:
    arrivals = [0, MILLISECOND, 2 * MILLISECOND]
    found = chain({"protocol": Protocol.UDP}, rates=[GBIT], arrivals=arrivals, mode=mode)
    records = sound(found, run(found, log=True))
    assert records.sockets.opened == sockets
    first = np.count_nonzero(records.transfers.phase == Phase.FIRST_DATAGRAM)
    assert first == sockets


def test_only_the_timeout_notices_a_lost_datagram() -> None:
    calls = {"protocol": Protocol.UDP, "timeout": 5 * MILLISECOND, "retries": 1}
    found = chain(calls, rates=[GBIT])
    found = replace(found, stations=replace(found.stations, loss=column(10**9, 0)))
    records = sound(found, run(found, log=True))
    assert records.requests.outcome.tolist() == [1 + REASON["timeout"]]
    assert times(records) == [10 * MILLISECOND]
    assert records.ledger.dropped[REASON["loss"]] == 2
    waits = run(replace(found, calls=replace(found.calls, timeout=column(-1))))
    assert waits.requests.outcome.tolist() == [-1], "nothing else ever ends it"


# -- TLS -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_handshake_of_tls_is_its_round_trips_and_its_work(rounds: int) -> None:
    client, server = 7 * MICROSECOND, 11 * MICROSECOND
    tls = Tls(*map(column, (rounds, 500, 0, client, server)))  # answers take no time here
    found = chain({"tls": 0}, tls, rates=[GBIT], payload=constant_law(100), arrivals=[0, 50 * MILLISECOND], mode=POOLED)
    # Without a way back two round trips are twice the same wire in a row, which the second opinion takes for one.
    records = sound(found, run(found, log=True), second_opinion=rounds == 1)
    shaken = rounds * wire(500, 52) + client + server
    assert records.requests.connect.tolist() == [shaken, 0]
    assert times(records) == [shaken + wire(100, 52), wire(100, 52)]
    work = records.steps.work[records.steps.visit == Mark.TLS].tolist()
    assert work == [server, client]
    moved = records.transfers
    assert moved.payload[moved.phase == Phase.TLS].tolist() == [500] * rounds
    assert moved.payload[moved.phase == Phase.TLS_BACK].tolist() == [0] * rounds


def test_a_timeout_within_the_handshake_of_tls_ends_it() -> None:
    tls = Tls(*map(column, (1, 500, 3000, 0, MILLISECOND)))
    found = chain({"tls": 0, "timeout": 100 * MICROSECOND}, tls, rates=[GBIT])
    records = sound(found, run(found, log=True))
    assert times(records) == [100 * MICROSECOND]
    assert records.stations.visits[1] == 0, "no request was ever sent"
    assert records.sockets.reset == 1


# -- the client's own choice -----------------------------------------------------------------------------------------


def calling(traffic: dict[str, Any], replicas: int = 3, duration: str = "100ms", **spec: Any) -> Program:
    """A pod that calls a Service of some pods."""
    stream = {"name": "t", "from": "pod/one", "to": "svc/web", "rate": "3k/s", "arrivals": "constant", **traffic}
    return program(
        document(
            {
                "run": {"duration": duration, "warmup": "0", "seed": 1},
                "cluster": {"nodePools": [{"name": "a", "count": 2}]},
                "workloads": [
                    {"target": "pod/one", "node": "a-0"},
                    {"target": "deployment/web", "replicas": replicas, "ports": [80], **spec},
                ],
                "services": [{"name": "web", "selector": "deployment/web"}],
                "traffic": [stream],
            }
        )
    )


def served(records: Records) -> dict[int, int]:
    """Requests answered by each server."""
    answered = records.requests.server[records.requests.outcome == 0]
    return dict(zip(*(found.tolist() for found in np.unique(answered, return_counts=True)), strict=True))


def test_one_connection_for_all_goes_to_one_pod_unless_the_client_chooses() -> None:
    persistent = {"connections": {"mode": "persistent"}}
    by_connection = calling(persistent)
    assert len(served(sound(by_connection, run(by_connection, log=True)))) == 1
    by_request = calling({**persistent, "balancing": "round_robin"})
    records = sound(by_request, run(by_request, log=True))
    counts = sorted(served(records).values())
    assert len(counts) == 3
    assert counts[-1] - counts[0] <= 1
    assert records.sockets.opened == 3, "one HTTP/2 connection to each"


def test_a_proxy_counts_its_outstanding_requests() -> None:
    """Two slow requests for each pod; the next goes where fewest are."""
    found = calling({"balancing": "least_connections", "rate": "1k/s"}, duration="7ms", serviceTime="50ms")
    records = run(found)
    moved = records.transfers
    counts = np.unique(moved.target[moved.phase == Phase.REQUEST], return_counts=True)[1]
    assert counts.tolist() == [2, 2, 2]


def test_a_retry_goes_to_another_pod() -> None:
    found = calling({"balancing": "round_robin", "retries": 1, "connections": {"mode": "perRequest"}}, replicas=2)
    dead = found.names.endpoints.index("default/web-1")
    with session(found, log=True) as running:
        running.apply(SetEndpoint(dead, State.DEAD))
        records = sound(found, running.finish())
    assert set(records.requests.outcome.tolist()) <= {0, -1}
    assert set(served(records)) == {found.names.endpoints.index("default/web-0")}
    assert np.count_nonzero(records.steps.visit == Mark.ATTEMPT) > 50, "every other was refused at first"


def test_a_pod_that_is_dead_refuses() -> None:
    found = calling({"retries": 2, "connections": {"mode": "perRequest"}}, replicas=1)
    with session(found, log=True) as running:
        running.apply(SetEndpoint(found.names.endpoints.index("default/web-0"), State.DEAD))
        records = sound(found, running.finish())
    done = records.requests.outcome[records.requests.outcome >= 0]
    assert set(done.tolist()) == {1 + REASON["refused"]}
    assert records.sockets.opened >= 3 * len(done)


def test_without_an_endpoint_a_proxy_knows_at_once() -> None:
    found = calling({"balancing": "round_robin"})
    with session(found, log=True) as running:
        running.apply(SetView(int(found.calls.service[0]), -1, ()))
        records = sound(found, running.finish())
    assert set(records.requests.outcome.tolist()) == {1 + REASON["no-endpoint"]}
    assert set(times(records)) == {0}


def test_a_retry_above_a_call_that_is_still_under_way_has_calls_of_its_own() -> None:
    """Two attempts of one request are in the tree at the same time: their events are told apart."""
    call = {"to": "svc/db", "connections": {"mode": "perRequest"}}
    web = {"target": "deployment/web", "replicas": 1, "ports": [80], "calls": [{"parallel": [call, call]}]}
    found = program(
        document(
            {
                "run": {"duration": "200ms", "warmup": "0", "seed": 1},
                "cluster": {"nodePools": [{"name": "a", "count": 2}]},
                "workloads": [
                    {"target": "pod/one", "node": "a-0"},
                    web,
                    {"target": "deployment/db", "replicas": 1, "ports": [90], "serviceTime": "5ms"},
                ],
                "services": [
                    {"name": "web", "selector": "deployment/web"},
                    {"name": "db", "selector": "deployment/db", "port": 90},
                ],
                "traffic": [
                    {"name": "t", "from": "pod/one", "to": "svc/web", "users": 3, "timeout": "2ms", "retries": 2}
                ],
            }
        )
    )
    records = sound(found, run(found, log=True))
    failed = records.requests.outcome > 0
    assert failed.sum() > 50
    assert set(np.array(times(records))[failed].tolist()) == {6 * MILLISECOND}
    asked = records.transfers.call == found.calls.service.tolist().index(found.names.services.index("svc/default/db"))
    assert np.count_nonzero(asked & (records.transfers.phase == Phase.REQUEST)) > 100
