"""Streams: goodput in whole parts of the run, fairness, what cores cost, and a sentence on what limits."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netsim.analysis import summarise
from netsim.analysis.bulk import jain
from netsim.analysis.goodput import edges, of_streams, of_traffic, span, timeline
from netsim.analysis.retention import slim
from netsim.analysis.warmup import cut
from netsim.program import Program, TrafficKind
from netsim.records import BINS, Records
from tests.unit.analysis.flows import SECOND, Found, bulk, datagrams, steady, world

US, MS = 10**6, 10**9


def told(made: Program, *runs: Records, at: int = 0) -> dict[str, Any]:
    found = dict(summarise([made] * len(runs), list(runs), at))
    json.dumps(found, allow_nan=False)
    assert found == summarise([made] * len(runs), [slim(run) for run in runs], at)
    return found


def test_parts_hold_the_times_that_the_engine_puts_there() -> None:
    made = replace(world(TrafficKind.BULK), duration=1_234_567)
    at = edges(made)
    assert (at[0], at[-1]) == (0, 1_234_567)
    for time in (0, 1, 12_345, 12_346, 617_283, 1_234_566):
        part = time * BINS // made.duration
        assert at[part] <= time < at[part + 1]


@pytest.mark.parametrize(
    ("begin", "stop", "at", "parts"),
    [(0, -1, 0, (0, 100)), (0, -1, 15 * MS, (2, 100)), (0, 505 * MS, 0, (0, 50)), (200 * MS, 300 * MS, 0, (20, 30)),
     (0, -1, 999 * MS, (0, 100)), (101 * MS, 105 * MS, 0, (10, 11))],
)  # fmt: skip
def test_only_whole_parts_in_which_streams_can_send_are_measured(
    begin: int, stop: int, at: int, parts: tuple[int, int]
) -> None:
    assert span(world(TrafficKind.BULK, start=begin, stop=stop), 0, at) == parts


def test_goodput_is_of_the_measured_parts() -> None:
    made, sizes = world(TrafficKind.BULK, 2), steady(4, 2)
    sizes[:, :10] //= 2
    run = bulk(made, Found(sizes))
    assert of_streams(made, run, 0, 100 * MS) == pytest.approx([4, 2], rel=1e-6)
    assert of_traffic(made, run, 0, 0) == pytest.approx(6 * 0.95, rel=1e-6)
    assert timeline(made, [run, run], 0) == pytest.approx([3] * 10 + [6] * 90, rel=1e-5)


def test_a_stream_with_a_size_takes_its_time() -> None:
    made, sizes = world(TrafficKind.BULK, 2, size=10**6), steady(4, 4)
    sizes[:, 50:] = 0
    run = bulk(made, Found(sizes, ended=SECOND // 2, outcome=0))
    found = told(made, run, at=300 * MS)
    [flow] = found["traffic"]
    assert flow["goodput_gbps"] == pytest.approx(8, rel=1e-5)
    assert [one["goodput_gbps"] for one in flow["streams"]] == pytest.approx([4, 4], rel=1e-5)
    assert (flow["issued"], flow["completed"], flow["in_flight"]) == (2, 2, 0)
    assert flow["latency_us"]["mean"] == 500_000
    assert flow["latency_us"]["reasons"]["p50"] == "2 samples, 20 needed"
    assert flow["connect_us"]["mean"] == 100


def test_bulk_has_its_keys_and_means_over_replications() -> None:
    made = world(TrafficKind.BULK, 2)
    runs = [
        bulk(made, Found(steady(rate, 2), resent=3_000_000, timeouts=1, recoveries=2), s1=0.4, s7=0.99)
        for rate in (6, 4)
    ]
    found = told(made, *runs)
    [flow] = found["traffic"]
    assert flow["kind"] == "bulk"
    assert flow["goodput_gbps"] == pytest.approx(7, rel=1e-5)
    assert flow["jain"] == pytest.approx((64 / 80 + 36 / 40) / 2, rel=1e-5)
    assert (flow["retransmitted_bytes"], flow["timeouts"], flow["recoveries"]) == (12_000_000, 4, 8)
    assert flow["retransmitted_share"] == pytest.approx(12 / (12 + 14_000 / 8), rel=1e-4)
    assert flow["throughput_rps"] == 0
    assert flow["latency_us"]["mean"] is None
    assert "no size" in flow["latency_us"]["reasons"]["p50"]
    assert flow["unstable"] == ""
    assert found["stable"]
    assert found["breakdown"] == []
    assert found["intervals"]["/traffic/0/goodput_gbps"][0] < 7 < found["intervals"]["/traffic/0/goodput_gbps"][1]
    wanted = ("goodput_gbps", "jain", "retransmitted_share")
    assert found["replicates"].keys() >= {f"/traffic/0/{key}" for key in wanted}
    assert found["assumed"] == ["veth"]


def test_cores_are_split_by_what_they_do() -> None:
    made = world(TrafficKind.BULK, 1)
    found = told(made, bulk(made, Found(steady(8)), s0=0.1, s1=0.4, s6=0.3, s7=0.6))
    [flow] = found["traffic"]
    assert flow["cpu"] == {
        "sender": {"machines": ["n-0"], "application_cores": 0.1, "system_cores": 0.3, "softirq_cores": 0.1,
                   "daemon_cores": 0.0},
        "receiver": {"machines": ["n-1"], "application_cores": 0.15, "system_cores": 0.45, "softirq_cores": 0.3,
                     "daemon_cores": 0.0},
    }  # fmt: skip
    assert [(one["name"], one["cores"], one["softirq_cores"]) for one in found["machines"]] == [
        ("n-0", 2, 0.1), ("n-1", 2, 0.3),
    ]  # fmt: skip
    assert found["cpu"]["cores_per_gbps"] == pytest.approx(1.4 / 8, rel=1e-5)
    assert found["cpu"]["cycles_per_byte"] == pytest.approx(1.4 * 3.8, rel=1e-5)
    assert found["cpu"]["us_per_request"] is None
    slow = replace(made, nodes=replace(made.nodes, slowness=np.array([65_536 * 2] * 2)))
    own = told(slow, bulk(slow, Found(steady(8)), s1=1.4))["traffic"][0]
    assert own["cores_per_gbps"] == pytest.approx(1.4 / 8, rel=1e-5)
    assert own["cycles_per_byte"] == pytest.approx(1.4 * 1.9, rel=1e-5)
    halved = told(slow, bulk(slow, Found(steady(8)), s1=1.4))["cpu"]["cycles_per_byte"]
    assert halved == pytest.approx(1.4 * 1.9, rel=1e-5)


def test_fairness() -> None:
    assert jain([5, 5, 5]) == pytest.approx(1)
    assert jain([5, 0, 0, 0]) == pytest.approx(1 / 4)
    assert jain([0, 0]) is None
    assert jain([]) is None


def beside(**law: int) -> Program:
    """A traffic of streams with ``law`` beside one without an end, on the same machines."""
    made = world(TrafficKind.BULK, 1, **law)
    two = replace(made, names=replace(made.names, traffic=("flow", "long")), calls=_twice(made.calls),
                  traffic=replace(_twice(made.traffic), call=np.array([0, 1])),
                  laws=np.concatenate([made.laws, made.laws * 0]))  # fmt: skip
    return replace(two, calls=replace(two.calls, request=np.array([0, 1])))


def _twice(table: Any) -> Any:
    return replace(table, **{name: np.repeat(getattr(table, name), 2) for name in table.__dataclass_fields__})


def test_cores_are_those_of_the_time_in_which_goodput_was_measured() -> None:
    made = beside(size=10**6)
    sizes = steady(8, 8)
    sizes[0, 5:] = 0
    run = bulk(made, Found(sizes), s1=0.9, s7=0.95)
    table = replace(
        run.streams, traffic=np.array([0, 1]), stream=np.array([0, 0]), outcome=np.array([0, -1]),
        finished=np.array([SECOND // 20, -1]),
    )  # fmt: skip
    moved = replace(run.progress, traffic=np.repeat([0, 1], BINS), stream=np.zeros(2 * BINS, dtype=np.int64))
    asked = replace(run.requests, traffic=np.array([0, 1]), index=np.array([0, 0]), outcome=table.outcome,
                    completed=table.finished)  # fmt: skip
    found = told(made, replace(run, streams=table, progress=moved, requests=asked), at=100 * MS)
    flow, long = found["traffic"]
    assert flow["measured_s"] == [0, 0.05]
    assert flow["shared_with"] == ["long"]
    # Twice the payload per part while both send, so twice the work: 10 % of it all in the first 5 %.
    both = 0.05 * 2 / 1.05
    assert flow["cpu"]["sender"]["system_cores"] == pytest.approx(0.9 * 0.75 * both / 0.05, rel=1e-4)
    assert sum(flow["cpu"]["receiver"][f"{use}_cores"] for use in ("application", "system", "softirq")) <= 2
    assert long["cpu"]["sender"]["system_cores"] == pytest.approx(0.9 * 0.75 / 1.05, rel=1e-4)
    assert flow["notices"] == [
        "flow ended at 50 ms, before the measured window began at 100 ms: its Gbit/s and cores are of 0 to 50 ms"
    ]
    assert long["notices"] == []


def flow_of(*, lost: tuple[tuple[str, int], ...] = (), unsent: int = 0, interval: int = MS, **busy: float) -> Any:
    made = world(TrafficKind.DATAGRAMS, 1, size=1000, interval=interval)
    found = told(made, datagrams(made, Found(steady(0.8), lost=lost, unsent=unsent), **busy), at=100 * MS)
    return found, found["traffic"][0]


def test_datagrams_are_counted_and_lost_for_a_reason() -> None:
    found, flow = flow_of(lost=(("ring", 20_000), ("socket-buffer", 5000)), s6=0.99, s8=0.1)
    assert flow["kind"] == "datagrams"
    assert (flow["issued"], flow["completed"], flow["failed"], flow["in_flight"]) == (125_000, 100_000, 25_000, 0)
    assert flow["failures"] == flow["losses"] == {"ring": 20_000, "socket-buffer": 5000}
    assert (flow["offered"], flow["sent"], flow["received"], flow["unsent"]) == (125_000, 125_000, 100_000, 0)
    assert flow["loss_share"] == 0.2
    assert flow["goodput_gbps"] == pytest.approx(0.8)
    assert flow["packets_per_second"] == flow["throughput_rps"] == 100_000
    assert flow["jitter_us"] == 2
    assert flow["delay_us"] == {"mean": 30, "min": 20, "max": 90}
    times = flow["latency_us"]
    assert (times["mean"], times["p50"], times["max"], times["samples"]) == (30, None, 90, 100_000)
    assert times["reasons"].keys() == {"p50", "p90", "p95", "p99", "p99.9"}
    assert found["limiting"]["sentence"] == (
        "20 % of the datagrams sent are lost, most of them to: receive ring of n-1 full; the receiver's softirqs on "
        "n-1.core1 are busy 99 % of the time: the receiver's core is the limit"
    )
    assert found["stable"]


def test_a_sender_that_is_too_slow_is_the_limit() -> None:
    found, flow = flow_of(unsent=25_000, s1=1.0)
    assert (flow["offered"], flow["unsent"], flow["loss_share"]) == (125_000, 25_000, 0)
    assert found["limiting"]["sentence"] == (
        "the sender's threads on n-0.core0 are busy 100 % of the time: the sender's core is the limit, "
        "25,000 of 125,000 datagrams were due and not sent"
    )
    found, _ = flow_of(interval=0, s1=1.0)
    assert found["limiting"]["sentence"].endswith("the sender's core is the limit")


def test_nothing_limits_a_paced_stream_that_arrives() -> None:
    found, _ = flow_of(s1=0.2)
    assert not found["limiting"]["saturated"]
    assert found["limiting"]["sentence"].startswith("nothing limits: every datagram was sent at its time, 100 % were")


def test_datagrams_that_never_came_give_no_numbers() -> None:
    made = world(TrafficKind.DATAGRAMS, 1, size=1000, interval=MS)
    run = datagrams(made, Found(steady(0), lost=(("mtu", 50),)))
    [flow] = told(made, run)["traffic"]
    assert flow["delay_us"] == {"mean": None, "min": None, "max": None}
    assert flow["jitter_us"] == 2 or flow["jitter_us"] is None
    assert flow["loss_share"] == 1
    assert flow["latency_us"]["reasons"]["p50"] == "nothing was received"


def test_datagrams_too_large_for_a_link_are_told_what_to_do() -> None:
    found, _ = flow_of(lost=(("mtu", 50_000),))
    assert "handshakes" not in found["limiting"]["sentence"] + found["losses"][0]["sentence"]
    assert "no datagram of that size ever fits there" in found["limiting"]["sentence"]


def test_empty_datagrams_are_counted_over_all_the_time() -> None:
    made = world(TrafficKind.DATAGRAMS, 1, interval=MS)
    run = datagrams(made, Found(steady(0)))
    table = replace(run.streams, received=np.array([500]), datagrams=np.array([500]))
    [flow] = told(made, replace(run, streams=table))["traffic"]
    assert flow["packets_per_second"] == 500
    assert flow["goodput_gbps"] == 0


def test_the_warm_up_of_bulk_is_seen_in_its_parts() -> None:
    made, sizes = world(TrafficKind.BULK, 1), steady(8)
    chance = np.random.default_rng(1)
    sizes[0] += chance.integers(-1000, 1000, BINS)
    assert cut([(made, [bulk(made, Found(sizes))])]).at == 0
    sizes = steady(8)
    sizes[0, :15] //= 10
    found = cut([(made, [bulk(made, Found(sizes))])])
    assert (found.at, found.doubt) == (150 * MS, "")
    sizes[0] = np.linspace(10**6, 10**7, BINS)
    found = cut([(made, [bulk(made, Found(sizes))])])
    assert found.doubt == "the goodput of flow had not settled: the run is too short"


def test_streams_with_a_size_and_stalled_ones_have_no_warm_up() -> None:
    sized, stalled = world(TrafficKind.BULK, 1, size=10**6), world(TrafficKind.BULK, 1)
    sizes = steady(8)
    sizes[0, :15] = 0
    assert cut([(sized, [bulk(sized, Found(sizes))])]).at == 0
    assert cut([(stalled, [bulk(stalled, Found(steady(0)))])]).at == 0
