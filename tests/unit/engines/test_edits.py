"""Edits of a running Program: what changes, what does not, and that the books balance all the same."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from netsim import engines
from netsim.analysis import laws
from netsim.program import REASONS, Entry, Kind, Program, Screens, State, Verdict
from netsim.program_edits import (
    Burn,
    Edit,
    Grow,
    SetClients,
    SetEndpoint,
    SetEntries,
    SetHops,
    SetLink,
    SetMachine,
    SetScreens,
    SetView,
)
from netsim.program_tables import Endpoints, Stations
from netsim.records import Records
from tests.documents import document, program

SECOND = 10**12
MOMENT = SECOND // 5


def shop(mode: str = "perRequest", rate: str = "200/s", **traffic: object) -> Program:
    """A client on node a that calls a Service of two pods on b and c, for 400 ms."""
    load = {
        "name": "users", "from": "deployment/shop/client", "to": "svc/shop/web", "rate": rate, "arrivals": "constant",
        "request": "1KiB", "response": "4KiB", "connections": {"mode": mode},
    }  # fmt: skip
    return program(
        document({
            "run": {"duration": "400ms", "seed": 3},
            "cluster": {"nodePools": [{"name": name, "count": 1} for name in ("a", "b", "c")]},
            "workloads": [
                {"target": "deployment/shop/client", "pods": [{"name": "client", "node": "a-0"}]},
                {
                    "target": "deployment/shop/web", "ports": [80], "serviceTime": "2ms",
                    "pods": [{"name": "web-b", "node": "b-0"}, {"name": "web-c", "node": "c-0"}],
                },
            ],
            "services": [{"name": "shop/web", "selector": "deployment/shop/web", "type": "LoadBalancer"}],
            "traffic": [load | traffic],
        })
    )  # fmt: skip


def played(made: Program, *edits: Edit, at: int = MOMENT) -> Records:
    """The records of a run whose tables change at ``at``; they obey every law."""
    with engines.session(made) as session:
        session.advance(at)
        for edit in edits:
            session.apply(edit)
            if isinstance(edit, Grow | SetScreens):
                made = made.grown(edit)
        records = session.finish()
    broken = [verdict for verdict in laws.check(made, records) if verdict.broken]
    assert not broken, broken[0].violations
    return records


def end(made: Program, name: str) -> int:
    """The endpoint of a name."""
    return made.names.endpoints.index(name)


def later(records: Records, after: int = MOMENT) -> np.ndarray:
    """Which requests began at or after the edit."""
    return records.requests.intended >= after


def failures(records: Records, after: int = MOMENT) -> Counter[str]:
    """Why requests from ``after`` on failed."""
    outcomes = records.requests.outcome[later(records, after)]
    return Counter(REASONS[outcome - 1] for outcome in outcomes.tolist() if outcome > 0)


def servers(records: Records, after: int) -> set[int]:
    """Who answered requests from ``after`` on."""
    return set(records.requests.server[later(records, after) & (records.requests.outcome == 0)].tolist())


WHOLE = 0
SERVICE = 0
NODES = {"a": 0, "b": 1, "c": 2}


def test_a_session_in_parts_finds_what_a_run_finds() -> None:
    made = shop()
    with engines.session(made) as session:
        for part in range(1, 8):
            session.advance(made.duration * part // 8 + part)
        assert session.finish().digest() == engines.run(made).digest()


@pytest.mark.parametrize("server", ["shop/web-b", "shop/web-c"])
def test_a_node_chooses_among_what_it_knows(server: str) -> None:
    made = shop()
    records = played(made, SetView(SERVICE, NODES["a"], (end(made, server),)))
    before = set(records.requests.server[~later(records)].tolist())
    assert before == {end(made, "shop/web-b"), end(made, "shop/web-c")}
    assert set(records.requests.server[later(records)].tolist()) == {end(made, server)}
    assert not failures(records)


def test_other_nodes_choose_as_before() -> None:
    made = shop()
    records = played(made, SetView(SERVICE, NODES["b"], (end(made, "shop/web-b"),)))
    assert records.digest() == engines.run(made).digest()


def test_no_endpoint_at_all_is_refused_at_once() -> None:
    records = played(shop(), SetView(SERVICE, -1, ()))
    chosen = later(records)
    assert failures(records) == {"refused": int(chosen.sum())}
    took = records.requests.completed[chosen] - records.requests.intended[chosen]
    assert took.max() < SECOND // 1000


def test_no_endpoint_here_is_dropped_and_tried_again() -> None:
    records = played(shop(), SetView(SERVICE, NODES["a"], ()))
    assert not failures(records)
    assert set(records.requests.outcome[later(records)].tolist()) == {-1}, "a SYN is sent again after a second"
    assert records.drops.frames[records.drops.reason == REASONS.index("no-endpoint")].sum() == later(records).sum()


def test_a_dead_process_answers_with_rst() -> None:
    made = shop(mode="persistent")
    dead = end(made, "shop/web-b")
    records = played(made, SetEndpoint(dead, State.DEAD), SetEndpoint(end(made, "shop/web-c"), State.DEAD))
    found, reset = failures(records), records.requests.outcome == 1 + REASONS.index("reset")
    assert found["refused"] + found["reset"] == later(records).sum()
    assert reset.sum() <= 2, "what was being served, and what was on its way"
    assert np.all(records.requests.completed[reset] >= MOMENT)


def test_what_is_served_when_its_process_dies_is_reset() -> None:
    made = shop(rate="2000/s", mode="persistent")
    records = played(made, *(SetEndpoint(end(made, name), State.DEAD) for name in ("shop/web-b", "shop/web-c")))
    assert failures(records, WHOLE)["reset"] >= 3
    assert records.sockets.opened >= 2


@pytest.mark.parametrize("mode", ["perRequest", "pooled", "persistent"])
def test_draining_loses_nothing_where_nobody_chooses_it(mode: str) -> None:
    made = shop(mode=mode, rate="2000/s")
    gone, left = end(made, "shop/web-b"), end(made, "shop/web-c")
    records = played(made, SetView(SERVICE, NODES["a"], (left,)), SetEndpoint(gone, State.DRAINING))
    lost = failures(records, WHOLE)
    if mode == "persistent":
        lost = failures(records, MOMENT + SECOND // 100)  # those on their way when the connection was closed
    assert not lost
    assert servers(records, MOMENT + SECOND // 100) == {left}


def test_draining_refuses_those_who_choose_it_still() -> None:
    made = shop()
    records = played(made, SetEndpoint(end(made, "shop/web-b"), State.DRAINING))
    assert set(failures(records)) == {"refused"}
    assert 0 < failures(records)["refused"] < later(records).sum()


def test_silence_where_no_pod_is() -> None:
    made = shop()
    records = played(made, SetEndpoint(end(made, "shop/web-b"), State.GONE))
    assert not failures(records)
    assert (records.requests.outcome[later(records)] == -1).any()
    assert records.drops.frames[records.drops.reason == REASONS.index("gone")].sum() > 0


def test_policies_that_are_not_in_place_let_nothing_pass() -> None:
    made = shop()
    states = [SetEndpoint(end(made, name), State.UNSCREENED) for name in ("shop/web-b", "shop/web-c")]
    records = played(made, *states)
    assert records.drops.frames[records.drops.reason == REASONS.index("policy")].sum() == later(records).sum()


def test_a_machine_that_is_down_loses_all_and_comes_back_empty() -> None:
    made = shop(rate="2000/s")
    with engines.session(made) as session:
        session.advance(MOMENT)
        session.apply(SetMachine(NODES["b"], up=False))
        session.advance(MOMENT + SECOND // 20)
        session.apply(SetMachine(NODES["b"], up=True))
        session.apply(SetEndpoint(end(made, "shop/web-b"), State.LISTENING))
        records = session.finish()
    assert not [verdict for verdict in laws.check(made, records) if verdict.broken]
    assert records.drops.frames[records.drops.reason == REASONS.index("down")].sum() > 10
    back = later(records, MOMENT + SECOND // 20 + SECOND // 100)
    after = MOMENT + SECOND // 20 + SECOND // 100
    assert servers(records, after) == {end(made, "shop/web-b"), end(made, "shop/web-c")}
    assert (records.requests.outcome[back] == 0).mean() > 0.9


def link(made: Program, name: str) -> int:
    """The station of a link."""
    return made.names.stations.index(name)


def test_a_slower_link_takes_longer_by_what_it_is_slower() -> None:
    made = shop()
    name = next(name for name, kind in zip(made.names.stations, made.stations.kind, strict=True)
                if kind == Kind.LINK and name.startswith("a-0->"))  # fmt: skip
    slow = replace(made, stations=replace(made.stations, rate=made.stations.rate.copy()))
    slow.stations.rate[link(made, name)] = 10**8
    whole = engines.run(slow)
    edited = played(made, SetLink(link(made, name), rate=10**8))
    took = [records.requests.completed - records.requests.intended for records in (whole, edited, engines.run(made))]
    chosen = later(edited, MOMENT + SECOND // 50)
    assert np.array_equal(took[0][chosen], took[1][chosen])
    assert np.array_equal(took[2][~later(edited, MOMENT - SECOND // 50)],
                          took[1][~later(edited, MOMENT - SECOND // 50)])  # fmt: skip
    assert took[1][chosen].mean() > took[2][chosen].mean()


def test_a_link_that_is_down_loses_every_frame() -> None:
    made = shop()
    name = next(name for name in made.names.stations if name.startswith("a-0->"))
    records = played(made, SetLink(link(made, name), up=False))
    assert set(records.requests.outcome[later(records)].tolist()) == {-1}
    [row] = np.flatnonzero(records.drops.reason == REASONS.index("down"))
    assert records.drops.station[row] == link(made, name)


def test_packets_take_the_way_that_they_are_shown() -> None:
    made = shop()
    here, target = int(made.nodes.place[0]), int(made.nodes.place[1])
    group = int(made.fabric.next_hop[here, target])
    first = int(made.fabric.members[made.fabric.group_first[group]])
    records = played(made, SetHops(here, target, (first,)))
    assert records.digest() == engines.run(made).digest()


def grown(made: Program, name: str, like: str) -> Grow:
    """One more endpoint as another is."""
    model = end(made, like)
    rows = {column: getattr(made.endpoints, column)[[model]] for column in Endpoints.__dataclass_fields__}
    station = {column: getattr(made.stations, column)[rows["station"]] for column in Stations.__dataclass_fields__}
    rows |= {"station": np.array([len(made.names.stations)]), "key": rows["key"] + 1}
    return Grow(Stations(**station), Endpoints(**rows), (name,), ("10.244.9.9",))


def test_a_pod_that_comes_later_serves() -> None:
    made = shop()
    grow = grown(made, "shop/web-d", "shop/web-b")
    new = len(made.names.endpoints)
    records = played(made, grow, SetEndpoint(new, State.LISTENING), SetView(SERVICE, NODES["a"], (new,)))
    assert set(records.requests.server[later(records)].tolist()) == {new}
    assert not failures(records)


def test_a_chore_takes_its_time_of_a_core() -> None:
    made = shop()
    records, plain = played(made, Burn(NODES["c"], 10**9)), engines.run(made)
    lanes = [row for row, name in enumerate(made.names.stations) if name.startswith("c-0.") and "threads" in name]
    scaled = 10**9 * int(made.nodes.slowness[NODES["c"]]) >> 16
    extra = records.stations.busy[lanes].sum() - plain.stations.busy[lanes].sum()
    assert abs(int(extra) - scaled) < scaled // 50, "but for wake-ups that it saved or caused"


def test_requests_come_from_those_who_send_now() -> None:
    made = shop()
    records = played(made, SetClients(0, (end(made, "node/c-0"),)))
    assert set(records.requests.client[later(records)].tolist()) == {end(made, "node/c-0")}


def test_a_denied_packet_is_dropped_and_counted_with_its_rule() -> None:
    made = shop()
    if not made.visits.screens.any():
        made = replace(made, visits=replace(made.visits, screens=made.visits.screens.copy()))
        made.visits.screens[made.visits.translates == 1] = 1
    port = int(made.calls.port[0])
    row = {"direction": 1, "port": port, "client": -1, "server": -1, "walk": -1, "action": Verdict.DROP, "rule": 0}
    screens = Screens(**{name: np.array([cell]) for name, cell in row.items()})
    records = played(made, SetScreens(NODES["a"], screens, ("shop/deny",)))
    assert records.denied.tolist() == [int(later(records).sum())]
    assert records.drops.frames[records.drops.reason == REASONS.index("policy")].sum() == records.denied[0]


def test_flows_that_the_hash_moves_are_reset() -> None:
    made = shop(mode="persistent", rate="1000/s", **{"from": "internet", "via": "loadBalancer", "clients": 40})
    assert int(made.calls.entry[0]) == Entry.LOAD_BALANCER
    records = played(made, SetEntries(SERVICE, (0, 1), rehash=True))
    reset = failures(records, WHOLE)["reset"]
    assert 0 < reset <= 40
    assert reset >= 10, "about two thirds of the 40 connections go elsewhere"
