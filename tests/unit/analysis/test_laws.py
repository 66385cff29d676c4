"""Every law holds on a sound run, and fires when one cell of it is falsified."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netsim.analysis.laws import LAWS, check
from netsim.program import Endpoint, Phase, Program, Screen, Screens, TrafficKind, Verdict
from netsim.records import Records, Transfers
from tests.unit.analysis.flows import Found, bulk, datagrams, steady, world
from tests.unit.analysis.synthetic import APPLICATION, LINK, POD, US, columns, program, records

Run = tuple[Program, Records]


@pytest.fixture(scope="module")
def sound() -> Run:
    spaced = np.cumsum(np.random.default_rng(7).integers(1, 20 * US, 400))
    made = program(spaced, int(spaced[-1]) + 5 * US)
    return made, records(made, 8 * US)


def put(table: Any, column: str, row: int, value: int) -> Any:
    """``table`` with one cell changed."""
    cells = getattr(table, column).copy()
    cells[row] = value
    return replace(table, **{column: cells})


def in_records(table: str, column: str, row: int, change: int) -> Callable[[Run], Run]:
    """A saboteur that adds ``change`` to one cell."""

    def sabotage(run: Run) -> Run:
        made, found = run
        whole = getattr(found, table)
        return made, replace(found, **{table: put(whole, column, row, int(getattr(whole, column)[row]) + change)})

    return sabotage


def in_ledger(**changes: int) -> Callable[[Run], Run]:
    def sabotage(run: Run) -> Run:
        book = run[1].ledger
        changed = {name: getattr(book, name) + change for name, change in changes.items()}
        return run[0], replace(run[1], ledger=replace(book, **changed))

    return sabotage


def in_sockets(**changes: int) -> Callable[[Run], Run]:
    def sabotage(run: Run) -> Run:
        book = run[1].sockets
        changed = {name: getattr(book, name) + change for name, change in changes.items()}
        return run[0], replace(run[1], sockets=replace(book, **changed))

    return sabotage


def swapped_starts(run: Run) -> Run:
    made, found = run
    rows = np.flatnonzero(found.log.station == LINK)[:2]
    starts = found.log.start.copy()
    starts[rows] = starts[rows[::-1]]
    return made, replace(found, log=replace(found.log, start=starts))


def one_address(run: Run) -> Run:
    made, found = run
    return replace(made, names=replace(made.names, addresses=("10.0.0.1", "10.0.0.1"))), found


def address_of_a_machine(run: Run) -> Run:
    made, found = one_address(run)
    return replace(made, endpoints=put(made.endpoints, "kind", 1, Endpoint.HOST)), found


def lost_reason(run: Run) -> Run:
    book = run[1].ledger
    return run[0], replace(run[1], ledger=replace(book, dropped=(2, *book.dropped[1:])))


def denied_after_all(run: Run) -> Run:
    """A policy denies what has arrived."""
    made, found = run
    screens = columns(Screens, 1, direction=[Screen.INGRESS], walk=[-1], action=[Verdict.DROP])
    ruled = replace(made, screens=screens, names=replace(made.names, rules=("shop/deny",)))
    arrived = columns(Transfers, 1, phase=[Phase.REQUEST], target=[1], started=[0], finished=[5])
    return ruled, replace(found, denied=np.array([0]), transfers=arrived)


SABOTAGE = [
    ("bursts", in_ledger(sent=1)),
    ("bursts", in_ledger(delivered=-1)),
    ("bursts", lost_reason),
    ("bursts", in_ledger(delivered=3, in_flight=-3)),
    ("frames", in_ledger(frames_sent=-1)),
    ("frames", in_ledger(frames_delivered=4, frames_in_flight=-4)),
    ("bytes", in_ledger(bytes_delivered=1)),
    ("encapsulation", in_ledger(encapsulation_removed=50)),
    ("drops", in_ledger(frames_dropped=1, frames_delivered=-1)),
    ("drops", in_records("drops", "payload", 0, -1)),
    ("drops", in_records("drops", "reason", 0, 40)),
    ("requests", in_records("requests", "outcome", 3, 90)),
    ("requests", in_records("requests", "outcome", 3, -1)),
    ("requests", in_records("requests", "index", 3, 1)),
    ("requests", in_records("requests", "traffic", 399, 1)),
    ("arrivals", in_records("requests", "intended", 5, -1)),
    ("time", in_records("requests", "completed", 0, -100 * US)),
    ("time", in_records("requests", "completed", 0, 10**12)),
    ("time", in_records("requests", "connect", 1, 10**12)),
    ("partition", in_records("steps", "work", 0, 1)),
    ("partition", in_records("steps", "queue", 4, -1)),
    ("partition", in_records("steps", "at", 0, 1)),
    ("partition", in_records("requests", "steps", 0, -1)),
    ("partition", in_records("steps", "travel", 1, -3 * US)),
    ("capacity", in_records("stations", "busy", APPLICATION, 10**12)),
    ("capacity", in_records("stations", "most", LINK, 10**6)),
    ("system", in_records("stations", "system", APPLICATION, 10**12)),
    ("system", in_records("stations", "system", APPLICATION, -(10**12))),
    ("system", in_records("stations", "system", POD, 1)),
    ("system", in_records("stations", "marked", APPLICATION, 1)),
    ("sockets", in_sockets(opened=1)),
    ("sockets", in_sockets(open=-5, closed=5)),
    ("ports", in_sockets(most_ports=10**6)),
    ("conntrack", lambda run: (run[0], replace(run[1], conntrack_peak=np.array([101])))),
    ("policies", denied_after_all),
    ("rules", lambda run: (run[0], replace(run[1], denied=np.array([1])))),
    ("addresses", one_address),
    ("addresses", address_of_a_machine),
    ("busy", in_records("stations", "busy", LINK, -1)),
    ("Little", in_records("stations", "sojourn", APPLICATION, 1)),
    ("waits", in_records("stations", "queued", APPLICATION, 1)),
    ("order", swapped_starts),
]


def test_a_sound_run_breaks_no_law(sound: Run) -> None:
    verdicts = check(*sound)
    assert [verdict.law for verdict in verdicts] == list(LAWS)
    assert [verdict.violations for verdict in verdicts] == [()] * len(LAWS)


def test_the_sound_run_ends_in_the_middle_of_things(sound: Run) -> None:
    made, found = sound
    assert (found.requests.outcome == -1).any()
    assert (found.log.depart > made.duration).any()


@pytest.mark.parametrize(("law", "saboteur"), SABOTAGE)
def test_saboteur_is_caught(sound: Run, law: str, saboteur: Callable[[Run], Run]) -> None:
    broken = {verdict.law.name: verdict.violations for verdict in check(*saboteur(sound)) if verdict.broken}
    assert law in broken
    assert all(sentence for sentence in broken[law] or ())


@pytest.fixture(scope="module")
def flows() -> dict[str, Run]:
    """A run of two bulk streams that are through, and one of two streams of datagrams."""
    made, sent = world(TrafficKind.BULK, 2, size=10**6), world(TrafficKind.DATAGRAMS, 2)
    through = Found(steady(4, 2), resent=5000, timeouts=1, recoveries=1, ended=sent.duration, outcome=0)
    lossy = Found(steady(0.4, 0.2), lost=(("ring", 40), ("mtu", 2)))
    return {"bulk": (made, _journeys(bulk(made, through, s7=0.5))), "datagrams": (sent, datagrams(sent, lossy))}


def _journeys(found: Records) -> Records:
    """Each answered stream's time as one step."""
    table = found.requests
    one = [1] * len(table.index)
    steps = columns(type(found.steps), len(one), visit=[-7] * len(one), queue=table.completed)
    return replace(found, steps=steps, requests=replace(table, steps=np.array(one), first_step=np.arange(len(one))))


FLOW_SABOTAGE = [
    ("progress", "bulk", in_records("progress", "delivered", 3, 1)),
    ("progress", "bulk", in_records("progress", "part", 3, 1)),
    ("progress", "bulk", in_records("streams", "stream", 1, 1)),
    ("progress", "datagrams", in_records("streams", "delivered", 0, -1)),
    ("delivery", "bulk", in_records("streams", "sent", 1, -1)),
    ("delivery", "bulk", in_records("streams", "resent", 0, 1)),
    ("delivery", "bulk", in_records("streams", "resent", 0, -5001)),
    ("streams", "bulk", in_records("streams", "resent", 0, -1)),
    ("streams", "bulk", in_records("streams", "timeouts", 0, 1)),
    ("streams", "bulk", in_records("transfers", "payload", 1, 1)),
    ("payload", "bulk", in_records("transfers", "bursts", 0, -1000)),
    ("datagrams", "datagrams", in_records("streams", "datagrams", 0, -1)),
    ("datagrams", "datagrams", in_records("streams", "received", 0, 10**6)),
    ("datagrams", "datagrams", in_records("streams", "jitter", 0, -(10**9))),
    ("datagrams", "datagrams", in_records("streams", "delay_least", 0, 10**9)),
    ("datagrams", "datagrams", in_records("streams", "delay_most", 1, -(10**8))),
    ("datagrams", "datagrams", in_records("streams", "delay_sum", 1, -(10**14))),
    ("datagrams", "datagrams", in_records("lost", "stream", 0, 7)),
    ("datagrams", "datagrams", in_records("lost", "reason", 0, 70)),
]


@pytest.mark.parametrize("kind", ["bulk", "datagrams"])
def test_sound_streams_break_no_law(flows: dict[str, Run], kind: str) -> None:
    assert not [verdict for verdict in check(*flows[kind]) if verdict.broken]


@pytest.mark.parametrize(("law", "kind", "saboteur"), FLOW_SABOTAGE)
def test_saboteur_of_streams_is_caught(
    flows: dict[str, Run], law: str, kind: str, saboteur: Callable[[Run], Run]
) -> None:
    broken = {verdict.law.name: verdict.violations for verdict in check(*saboteur(flows[kind])) if verdict.broken}
    assert law in broken
    assert all(sentence for sentence in broken[law] or ())


def test_a_burst_may_be_as_large_as_a_path_says(flows: dict[str, Run]) -> None:
    made, found = flows["bulk"]
    move = columns(Transfers, 1, payload=[150_000], bursts=[1])
    few = replace(found, transfers=move)
    assert "payload" in {verdict.law.name for verdict in check(made, few) if verdict.broken}
    wide = replace(made, paths=replace(made.paths, burst=np.array([185_000])))
    assert "payload" not in {verdict.law.name for verdict in check(wide, few) if verdict.broken}


def test_every_law_has_a_saboteur() -> None:
    assert {name for name, *_ in [*SABOTAGE, *FLOW_SABOTAGE]} == {law.name for law in LAWS}


def test_without_a_log_its_laws_are_not_checked(sound: Run) -> None:
    made, found = sound
    empty = replace(found.log, **{name: np.zeros(0, dtype=np.int64) for name in vars(found.log)})
    verdicts = check(made, replace(found, log=empty))
    assert {verdict.law.name for verdict in verdicts if verdict.violations is None} == {
        "busy", "Little", "waits", "order",
    }  # fmt: skip
    assert not any(verdict.broken for verdict in verdicts)


def test_many_violations_are_counted_not_listed(sound: Run) -> None:
    made, found = sound
    late = replace(found.requests, completed=found.requests.completed + 10**12)
    [verdict] = [one for one in check(made, replace(found, requests=late)) if one.law.name == "time"]
    assert len(verdict.violations or ()) == 6
    assert (verdict.violations or ())[-1].startswith("and ")


def test_users_of_a_closed_loop_number_their_own_requests(sound: Run) -> None:
    made, found = sound
    closed = replace(made, traffic=put(made.traffic, "users", 0, 4))
    # User 0 asked 197 times, the others 67, 68 and 68 times.
    uneven = np.sort(np.concatenate([4 * np.arange(197), *(4 * np.arange(66 + n) + n for n in (1, 2, 3))]))
    numbered = replace(found.requests, index=uneven[:400])
    assert len(uneven) >= 400
    by_name = {verdict.law.name: verdict for verdict in check(closed, replace(found, requests=numbered))}
    assert by_name["requests"].violations == ()
    assert by_name["arrivals"].violations == ()
    twice = replace(numbered, index=put(numbered, "index", 9, int(numbered.index[8])).index)
    by_name = {verdict.law.name: verdict for verdict in check(closed, replace(found, requests=twice))}
    assert by_name["requests"].broken
