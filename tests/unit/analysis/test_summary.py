"""One variant's answer: the journey sums to the latency, and the mapping has the promised shape."""

import json
from dataclasses import replace

import numpy as np
import pytest

from netsim.analysis import summarise
from netsim.analysis.bottleneck import elements, limiting
from netsim.analysis.breakdown import BANDS, around, split
from netsim.analysis.journey import journey, shares, wire_bytes
from netsim.analysis.latency import LEVELS
from netsim.analysis.retention import KEPT, slim
from netsim.analysis.window import answered
from netsim.program import REASONS, Program
from netsim.records import Drops, Records
from tests.unit.analysis.synthetic import LINK, POD, SOFTIRQ, US, columns, program, records


def run(count: int = 3000, gap: int = 20, seed: int = 1, work: int = 8 * US) -> tuple[Program, Records]:
    spaced = np.cumsum(np.random.default_rng(seed).integers(1, 2 * gap * US, count))
    made = program(spaced, int(spaced[-1]) + 5 * US)
    return made, records(made, work)


def test_shares_are_whole_and_sum_exactly() -> None:
    chance = np.random.default_rng(2)
    for _ in range(500):
        costs = chance.integers(0, 10**6, chance.integers(1, 9)).tolist()
        costs[0] += 1
        work = int(chance.integers(0, 10**9))
        parts = shares(work, costs)
        assert sum(parts) == work
        assert all(abs(part - work * cost / sum(costs)) <= 1 for part, cost in zip(parts, costs, strict=True))


def test_a_journey_sums_to_the_latency() -> None:
    made, found = run()
    for row in np.flatnonzero(found.requests.outcome == 0)[:200].tolist():
        latency = int(found.requests.completed[row] - found.requests.intended[row])
        steps = journey(made, found, row)
        assert sum(step.total for step in steps) == latency
        assert sum(part.wait + part.work for part in split(steps)) == latency


def test_work_goes_to_stages_by_their_cost_and_the_rules_that_were_walked() -> None:
    made, found = run()
    first, wire, service = journey(made, found, 0)
    # 1000 bytes in one frame: socket 300 + 100 ns, veth 200 + 100 ns, the Service's rules 50 ns.
    assert dict(first.work) == dict(
        zip(("kube-proxy-walk", "socket", "veth"), shares(8 * US, [50, 400, 300]), strict=True)
    )
    assert wire.work == (("serialisation", US),)
    assert service.work == (("service time", 20 * US),)
    assert [part.stage for part in split([wire])] == ["serialisation", "propagation"]


def test_a_request_without_an_answer_has_no_journey() -> None:
    made, found = run()
    last = len(found.requests.outcome) - 1
    assert found.requests.outcome[last] == -1
    with pytest.raises(ValueError, match="not answered"):
        journey(made, found, last)


def test_bytes_on_the_wire_follow_the_headers() -> None:
    made, _ = run(count=10)
    assert wire_bytes(made, 0, 1, 1000) == 0
    assert wire_bytes(made, 1, 1, 1000) == 1000 + 52 + 50 + 38
    assert wire_bytes(made, 1, 3, 1448 * 2 + 1) == 2 * (1448 + 52 + 50 + 38) + (1 + 52 + 50 + 38)
    padded = replace(made, visits=columns(type(made.visits), 2, op=[0, 4], outer=[0, 60], align=[1, 16]))
    assert wire_bytes(padded, 1, 1, 1) == 64 + 60 + 38
    assert wire_bytes(padded, 1, 2, 1448 + 1440) == 2 * (1500 + 60 + 38)  # never beyond the MTU
    bare = replace(made, visits=columns(type(made.visits), 2, op=[0, 4], outer=[0, 0], align=[1, 1]))
    assert wire_bytes(bare, 1, 1, 0) == 52 + 38


SHAPE = {
    "name", "cni", "mode", "proxy", "traffic", "stations", "breakdown", "ledger", "replications", "intervals",
}  # fmt: skip
TRAFFIC = {
    "name", "kind", "issued", "completed", "failed", "failures", "latency_us", "throughput_rps",
    "goodput_gbps", "connect_us",
}  # fmt: skip


def test_the_mapping_has_the_promised_shape() -> None:
    runs = [run(seed=seed) for seed in (1, 2, 3)]
    found = summarise([made for made, _ in runs], [one for _, one in runs], 1000 * US)
    assert found.keys() >= SHAPE
    [traffic] = found["traffic"]  # type: ignore[misc]
    assert traffic.keys() >= TRAFFIC
    assert traffic["latency_us"].keys() >= {"mean", "p50", "p90", "p95", "p99", "p99.9", "max"}
    assert all(
        station.keys() >= {"name", "role", "utilisation", "mean_wait_us", "max_backlog", "drops"}
        for station in found["stations"]  # type: ignore[attr-defined]
    )
    assert all(
        part.keys() >= {"traffic", "stage", "place", "percentile", "wait_us", "work_us"}
        for part in found["breakdown"]  # type: ignore[attr-defined]
    )
    assert found["ledger"] == {
        "sent": 30, "delivered": 21, "dropped": {"buffer": 3}, "in_flight": 6, "encapsulation_bytes": 3000,
    }  # fmt: skip
    assert found["intervals"].keys() >= {"/traffic/0/latency_us/p99", "/traffic/0/throughput_rps"}  # type: ignore[attr-defined]
    assert found["assumed"] == ["veth"]
    json.dumps(found, allow_nan=False)


def test_the_breakdown_sums_to_the_percentile() -> None:
    made, one = run()
    found = summarise([made], [one], 0)
    [traffic] = found["traffic"]  # type: ignore[misc]
    for percentile in ("p50", "p99"):
        parts = [part for part in found["breakdown"] if part["percentile"] == percentile]  # type: ignore[attr-defined]
        total = sum(part["wait_ps"] + part["work_ps"] for part in parts)
        assert float(f"{total / 1e6:.6g}") == traffic["latency_us"][percentile]


def test_counts_are_of_the_measured_window() -> None:
    made, one = run()
    middle = made.duration // 2
    [traffic] = summarise([made], [one], middle)["traffic"]  # type: ignore[misc]
    late = one.requests.intended >= middle
    assert traffic["issued"] == late.sum()
    assert traffic["completed"] + traffic["failed"] + traffic["in_flight"] == traffic["issued"]
    answers = ((one.requests.outcome == 0) & (one.requests.completed >= middle)).sum()
    assert traffic["throughput_rps"] == pytest.approx(answers / ((made.duration - middle) / 1e12), rel=1e-5)
    assert traffic["goodput_gbps"] == pytest.approx(traffic["throughput_rps"] * 5000 * 8 / 1e9, rel=1e-5)


def test_an_overloaded_run_gives_no_latency() -> None:
    made, one = run(work=30 * US)
    found = summarise([made], [dropping(one)], 0)
    [traffic] = found["traffic"]  # type: ignore[misc]
    assert not found["stable"]
    assert traffic["latency_us"]["p99"] is traffic["latency_us"]["mean"] is None
    assert traffic["latency_us"]["reasons"]["p50"].startswith("unstable")
    assert found["breakdown"] == []
    assert traffic["throughput_rps"] > 0
    assert found["limiting"]["name"] == "a.core0"  # type: ignore[index]
    assert found["limiting"]["sentence"].startswith(
        "overloaded: 100 % of all waiting is for core a.core0, busy 100 % of the run"
    )  # type: ignore[index]


def dropping(found: Records, *drops: tuple[int, str, int]) -> Records:
    """``found`` with these drops only: station, reason, frames."""
    stations, reasons, frames = ([drop[column] for drop in drops] for column in range(3))
    rows = {"station": stations, "reason": [REASONS.index(str(reason)) for reason in reasons], "frames": frames}
    return replace(found, drops=columns(Drops, len(drops), **rows))


def test_what_drops_most_is_named_first() -> None:
    made, one = run(work=30 * US)
    full = dropping(one, (SOFTIRQ, "conntrack", 8000), (SOFTIRQ, "conntrack", 933), (LINK, "buffer", 5))
    found = limiting(made, [full], overloaded=True)
    assert (found["name"], found["role"], found["saturated"]) == ("a", "conntrack", True)
    assert found["sentence"] == (
        "conntrack table of a full: 8,933 opening packets dropped; next: buffer of a->b full: 5 frames dropped"
    )
    sentence = str(limiting(made, [dropping(one, (LINK, "buffer", 5))], overloaded=True)["sentence"])
    assert sentence.startswith("buffer of a->b full: 5 frames dropped; overloaded: 100 % of all waiting is for core a")
    sentence = str(limiting(made, [dropping(one, (POD, "no-endpoint", 1), (SOFTIRQ, "no-endpoint", 2))])["sentence"])
    assert sentence.startswith("no usable endpoint on a: 2 opening packets dropped (3 at all places); busiest: core a")


def test_a_rare_drop_in_a_queue_limits_nothing() -> None:
    made, one = run(work=30 * US)
    rare = replace(dropping(one, (LINK, "buffer", 5)), ledger=replace(one.ledger, frames_sent=5001))
    found = limiting(made, [rare], overloaded=True)
    assert found["name"] == "a.core0"
    assert str(found["sentence"]).endswith("; buffer of a->b full: 5 frames dropped")


def test_a_calm_run_is_limited_by_nothing() -> None:
    made, one = run(work=2 * US)
    one = dropping(one)
    found = limiting(made, [one])
    assert not found["saturated"]
    assert str(found["sentence"]).startswith("nothing is near saturation; busiest: conntrack table of a at 40 %")
    assert {element.role for element in elements(made, [one])} == {
        "core",
        "link",
        "workers of pod",
        "conntrack table of",
    }


def test_slimmed_records_give_the_same_answer() -> None:
    # The second replication is so much slower that the pooled p50 is neither's.
    runs = [run(seed=1), run(seed=2, count=1000, work=15 * US), run(seed=3)]
    programs, whole = [made for made, _ in runs], [one for _, one in runs]
    thin = [slim(one) for one in whole]
    assert summarise(programs, thin, 0) == summarise(programs, whole, 0)
    assert len(thin[0].steps.at) < len(whole[0].steps.at) / 8


def test_the_breakdown_takes_the_requests_around_the_percentile_of_every_run() -> None:
    runs = [run(seed=seed) for seed in (1, 2)]
    records = [one for _, one in runs]
    sample = answered(records, 0, 0)
    pairs = around(records, sample, "p50")
    assert {number for number, _ in pairs} == {0, 1}
    for number, row in pairs:
        own = np.sort(sample.latency[sample.replication == number])
        latency = records[number].requests.completed[row] - records[number].requests.intended[row]
        assert own[len(own) * 47 // 100] <= latency <= own[len(own) * 53 // 100]


def test_the_bands_lie_within_what_is_kept() -> None:
    for name, (low, high) in zip(BANDS, KEPT, strict=True):
        assert low < LEVELS[name] - BANDS[name] < LEVELS[name] + BANDS[name] < high
    # p99 stays between 98.5 and 99.5 %.
    assert KEPT[1] == (985_000, 995_000)
