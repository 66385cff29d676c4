"""What limits streams, as a sentence: a full element, loss, marks, a window, too little time, or no connection."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netsim.program import REASON, Program, TrafficKind
from netsim.records import Drops, Records
from tests.unit.analysis.flows import SECOND, Found, bulk, steady, world
from tests.unit.analysis.synthetic import columns
from tests.unit.analysis.test_streams import told

US, MS = 10**6, 10**9


def limits(made: Program, run: Records) -> dict[str, Any]:
    found = told(made, run)
    own = found["traffic"][0]["limiting"]
    assert found["limiting"] == own | {"sentences": [own["sentence"]]}
    return dict(found["limiting"])


def test_the_receivers_core_is_named() -> None:
    made = world(TrafficKind.BULK, 1)
    found = limits(made, bulk(made, Found(steady(8), resent=1000, recoveries=1), s1=0.6, s7=0.998, s8=0.8))
    assert found["sentence"] == (
        "the receiver's threads on n-1.core1 are busy 99.8 % of the time: the receiver's core is the limit; "
        "next: the link n-0->n-1 is busy 80 % of the time"
    )
    assert (found["name"], found["role"], found["utilisation"]) == ("n-1.core1", "core", 0.998)
    assert found["saturated"]


def test_a_core_that_both_lanes_fill_is_named_with_both() -> None:
    made = world(TrafficKind.BULK, 1)
    found = limits(made, bulk(made, Found(steady(8)), s0=0.5, s1=0.48))
    assert found["sentence"].startswith(
        "the sender's softirqs (50 %) and threads (48 %) keep n-0.core0 busy 98 % of the time: the sender's core is"
    )


def test_a_full_link_is_named() -> None:
    made = world(TrafficKind.BULK, 1)
    found = limits(made, bulk(made, Found(steady(9.4), resent=10**6, recoveries=7), s8=0.999))
    assert found["sentence"] == "the link n-0->n-1 is busy 99.9 % of the time: the wire is the limit"


def test_a_stream_that_stops_early_is_judged_by_its_own_time() -> None:
    made = world(TrafficKind.BULK, 1, stop=SECOND // 2)
    assert limits(made, bulk(made, Found(steady(4)), s7=0.498))["utilisation"] == 0.996


def test_a_core_that_is_another_in_each_run_is_full_nevertheless() -> None:
    made = world(TrafficKind.BULK, 1)
    runs = [bulk(made, Found(steady(8)), **{lane: 0.97 + number / 100}) for number, lane in enumerate(("s5", "s7"))]
    assert told(made, *runs)["limiting"]["name"] == "n-1.core1"
    assert told(made, *runs)["limiting"]["utilisation"] == 0.98


def test_loss_limits_where_nothing_is_full() -> None:
    made = world(TrafficKind.BULK, 1)
    run = bulk(made, Found(steady(1), resent=10**6, recoveries=20, timeouts=3), s8=0.1)
    run = replace(run, drops=columns(Drops, 1, station=[8], reason=[REASON["loss"]], frames=[77]))
    assert limits(made, run)["sentence"] == (
        "loss limits: the window was reduced 20 times and 3 timeouts passed after 77 frames were dropped (lost by "
        "chance on n-0->n-1); busiest: the link n-0->n-1 is busy 10 % of the time"
    )


def test_the_window_limits_where_nothing_else_does() -> None:
    made = world(TrafficKind.BULK, 1)
    found = limits(made, bulk(made, Found(steady(1)), s8=0.1))
    assert found["sentence"].startswith("streams wait for acknowledgements of what they sent (the receive wind")
    assert found["role"] == "acknowledgements"


def test_a_receive_window_that_is_full_is_named() -> None:
    made = world(TrafficKind.BULK, 1)
    window = int(made.transports.receive_window[0])
    gbps = 0.9 * window * 8 / 10**5  # a window in 100 us, the round trip of the handshake
    run = connected(bulk(made, Found(steady(gbps)), s8=0.1), 100 * US)
    found = limits(made, run)
    assert found["role"] == "window"
    assert found["sentence"].startswith(
        "the receive window limits: 3,072 KiB per round trip of 100 µs and stream; busiest"
    )
    assert limits(made, connected(bulk(made, Found(steady(gbps / 2)), s8=0.1), 100 * US))["role"] == "acknowledgements"


def connected(run: Records, trip: int) -> Records:
    table = run.requests
    return replace(run, requests=replace(table, connect=np.full(len(table.traffic), trip)))


def test_a_window_that_still_grows_is_told() -> None:
    made, sizes = world(TrafficKind.BULK, 1), steady(1)
    sizes[0, 75:] *= 2
    found = told(made, connected(bulk(made, Found(sizes), s8=0.1), 100 * US))
    assert found["limiting"]["role"] == "growth"
    assert "the last quarter carried 100 % more than the quarter before" in found["limiting"]["sentence"]
    assert found["traffic"][0]["notices"] == [
        "flow was not in its steady state: its last quarter carried 100 % more than the quarter before. Run longer"
    ]
    assert told(made, connected(bulk(made, Found(steady(1)), s8=0.1), 100 * US))["traffic"][0]["notices"] == []


def test_streams_of_a_few_round_trips_are_too_short() -> None:
    made = world(TrafficKind.BULK, 1)
    found = told(made, connected(bulk(made, Found(steady(1)), s8=0.1), SECOND // 10))
    assert found["limiting"]["sentence"].startswith("too short: the streams lasted 10 round trips of 100 ms, in which")
    assert found["traffic"][0]["notices"] == ["flow lasted 10 round trips only: too short for a steady state"]
    small = world(TrafficKind.BULK, 1, size=1)
    run = bulk(small, Found(steady(0.0001), ended=MS, outcome=0))
    assert limits(small, connected(run, 8 * MS // 10))["sentence"].startswith("connection set-up is 80 % of the str")


def test_streams_without_a_connection_say_why() -> None:
    made = world(TrafficKind.BULK, 2)
    run = bulk(made, Found(steady(0, 0)))
    run = replace(run, streams=replace(run.streams, started=np.array([-1, -1])))
    assert limits(made, run)["sentence"] == (
        "no connection was established: the handshakes were under way when the run ended"
    )
    run = replace(run, drops=columns(Drops, 1, station=[8], reason=[REASON["loss"]], frames=[1]))
    found = told(made, run)
    assert found["limiting"]["sentence"] == (
        "no connection was established: lost by chance on n-0->n-1: 1 frame dropped; a SYN without an answer is sent "
        "again after 1 s"
    )
    assert found["traffic"][0]["notices"] == ["2 of 2 streams of flow never got a connection"]


def test_marks_are_no_losses() -> None:
    made = world(TrafficKind.BULK, 1)
    run = bulk(made, Found(steady(1), recoveries=9), s8=0.1)
    marked = run.stations.marked.copy()
    marked[8] = 108
    run = replace(run, stations=replace(run.stations, marked=marked))
    assert limits(made, run)["sentence"].startswith(
        "congestion marks limit: the window was reduced 9 times after 108 frames were marked (by n-0->n-1); busiest"
    )


def test_all_drops_are_counted() -> None:
    made = world(TrafficKind.BULK, 1)
    run = bulk(made, Found(steady(1), resent=10**6, recoveries=1, timeouts=1), s8=0.1)
    run = replace(run, drops=columns(Drops, 3, station=[8, 9, 6], reason=[0, 0, 1], frames=[11, 4, 3]))
    assert limits(made, run)["sentence"].startswith(
        "loss limits: the window was reduced 1 time and 1 timeout passed after 18 frames were dropped (11 of them: "
        "buffer of n-0->n-1 full; the rest at 2 more places)"
    )


def test_cores_in_use_are_never_more_than_there_are() -> None:
    made = world(TrafficKind.BULK, 1, size=10**6)
    sizes = steady(8)
    sizes[0, 1:] = 0
    found = told(made, bulk(made, Found(sizes, ended=SECOND // 100, outcome=0), s0=0.5, s1=0.5, s6=0.9, s7=0.3))
    for side in ("sender", "receiver"):
        used = found["traffic"][0]["cpu"][side]
        assert sum(value for use, value in used.items() if use != "machines") == pytest.approx(2, rel=1e-5)
    assert "(50 %) and threads (50 %) keep n-0.core0 busy 100 % of the time" in found["limiting"]["sentence"]


def test_an_mtu_that_stalls_bulk_is_told_with_a_hint() -> None:
    made = world(TrafficKind.BULK, 2)
    run = bulk(made, Found(steady(0, 0), timeouts=4))
    run = replace(run, drops=columns(Drops, 1, station=[8], reason=[REASON["mtu"]], frames=[30]))
    found = told(made, run)
    assert found["limiting"]["role"] == "mtu"
    assert found["limiting"]["sentence"] == (
        "2 of 2 streams stall: larger than the MTU of n-0->n-1: 30 frames dropped; full-size packets do not fit "
        "there: handshakes work, bulk stalls unless the sender learns of it"
    )
    assert found["losses"][0]["sentence"].endswith("handshakes work, bulk stalls unless the sender learns of it)")
    assert found["traffic"][0]["goodput_gbps"] == 0
    assert found["traffic"][0]["jain"] is None
    assert found["cpu"]["cores_per_gbps"] is None


def test_streams_that_all_failed_say_why() -> None:
    made = world(TrafficKind.BULK, 2)
    found = told(made, bulk(made, Found(steady(0, 0), ended=MS, outcome=1 + REASON["ports"])))
    assert found["limiting"]["sentence"].startswith(
        "all 2 streams failed: no ephemeral port left on n-0: 2 connections refused (each connection keeps its port"
    )
    assert found["traffic"][0]["failures"] == {"ports": 2}


def test_ports_that_run_out_are_what_limits() -> None:
    made = world(TrafficKind.TRANSACTIONS, 1)
    run = bulk(made, Found(steady(0, 0), ended=MS, outcome=1 + REASON["ports"]))
    none = {name: getattr(run.streams, name)[:0] for name in run.streams.__dataclass_fields__}
    run = replace(run, sockets=replace(run.sockets, opened=9, refused=3), streams=replace(run.streams, **none))
    found = told(made, run)
    assert [(loss["reason"], loss["place"], loss["frames"]) for loss in found["losses"]] == [
        ("ports", "n-0", 2), ("ports", "the callers' machines", 1),
    ]  # fmt: skip
    sentence = found["limiting"]["sentence"]
    assert sentence.startswith("no ephemeral port left on n-0: 2 connections refused (each connection keeps its port")
    assert "nothing is near saturation" not in sentence
    assert found["limiting"]["saturated"]
