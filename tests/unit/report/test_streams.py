"""Streams as people and programs read them: throughput, cores, losses, connections, and pictures of them."""

import csv
import json
from io import StringIO
from typing import Any

import pytest

from netsim.analysis.comparison import differences
from netsim.program import TrafficKind
from netsim.report.figures import pictures
from netsim.report.formats import FORMATS
from netsim.report.frames import tables
from netsim.report.movement import cores, curve, goodput
from netsim.report.style import look
from netsim.report.troubles import troubles
from tests.unit.report.answers import result, streams
from tests.unit.report.test_terminal import NINE, shown


@pytest.fixture(scope="module")
def bulk() -> dict[str, Any]:
    return streams(TrafficKind.BULK, *NINE)


@pytest.fixture(scope="module")
def udp() -> dict[str, Any]:
    return streams(TrafficKind.DATAGRAMS, *NINE)


def part(text: str, title: str) -> list[str]:
    """The lines of one table, its title and head left out."""
    block = text.split(f"{title}\n")[1].split("\n\n")[0].splitlines()
    first = next(number for number, line in enumerate(block) if line.startswith("host"))
    return block[first:]


def test_tables_of_streams_fit_a_hundred_columns(bulk: dict[str, Any], udp: dict[str, Any]) -> None:
    for answer in (bulk, udp):
        out = shown(answer)
        assert max(len(line.rstrip()) for line in out.splitlines()) <= 100
        assert "…" not in out
        assert len(part(out, "flow: throughput")) == len(NINE)
        assert len(part(out, "flow: cores in use at its ends")) == len(NINE)


def test_bulk_tells_goodput_with_its_interval(bulk: dict[str, Any]) -> None:
    out = shown(bulk)
    row = part(out, "flow: throughput")[1].split()
    assert row[:8] == ["flannel-vxlan", "8.880", "±", "0.199", "-8.26", "±", "0", "%"]
    assert "flow carries the most under host, 9.68 Gbit/s, and the least under cilium-vxlan, 3.28 Gbit/s." in out
    first = part(out, "flow: cores in use at its ends")[0].split()
    assert first == ["host", "0.15/0.46/0.51", "1.12", "0.25/0.76/0.41", "1.42"]
    assert "the receiver's core is the limit" in " ".join(out.split())


def test_columns_that_say_nothing_are_left_out() -> None:
    out = shown(streams(TrafficKind.BULK, "host", lossy=False, count=1))
    head = out.split("flow: throughput\n")[1].split("\n\n")[0]
    assert "resent" not in head
    assert "RTOs" not in head
    assert "Jain" not in head
    assert "to host" not in head


def test_losses_are_told_apart(udp: dict[str, Any]) -> None:
    out = shown(udp)
    assert part(out, "flow: datagrams that did not arrive")[0].split() == ["host", "1,848", "9,000", "1,500"]
    assert part(out, "flow: throughput")[0].split()[4:6] == ["3,567,884", "3,557,384"]


def test_streams_are_no_requests(bulk: dict[str, Any]) -> None:
    out = shown(bulk)
    assert "CPU/req" not in out
    assert "withheld" not in out
    assert "unanswered" not in out
    assert list(troubles(bulk["variants"][0])) == []


def test_connections_are_told_where_some_were_refused(bulk: dict[str, Any]) -> None:
    assert "ports at most" not in shown(bulk)
    answer = streams(TrafficKind.BULK)
    answer["variants"][1]["sockets"] |= {"refused": 5, "most_ports": 100}
    lines = shown(answer).split("connections\n")[1].split("\n\n")[0].splitlines()
    assert lines[1].split() == ["flannel-vxlan", "6", "0", "0", "5", "6", "100"]
    assert len(lines) == 2


def test_failed_and_unfinished_streams_are_troubles() -> None:
    [variant] = streams(TrafficKind.BULK, "host")["variants"]
    variant["traffic"][0] |= {"failed": 3, "failures": {"ports": 3}}
    assert list(troubles(variant)) == ["host: 3 of 24 streams of flow failed: ports"]
    variant["traffic"][0] |= {"failed": 0, "sized": True}
    assert list(troubles(variant)) == ["host: 24 of 24 streams of flow unfinished at the end"]


def test_requests_and_streams_stand_in_one_report() -> None:
    answer, other = result(), streams(TrafficKind.BULK)
    for variant, more in zip(answer["variants"], other["variants"], strict=True):
        variant["traffic"] += more["traffic"]
        variant["limiting"] |= {"sentences": ["flow: this", "all: that"]}
    out = shown(answer)
    assert "users: latency and throughput" in out
    assert "flow: throughput" in out
    assert "CPU/req" in out
    lines = out.split("what limits\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[-2:] for line in lines[:2]] == [["flow:", "this"], ["all:", "that"]]
    assert {"goodput-2-flow.png", "cores-2-flow.png", "latency-1-users.png"} <= pictures(answer).keys()
    latency, throughput = FORMATS["csv"](answer).split("\n\n")
    assert next(csv.DictReader(StringIO(latency)))["p50_us"]
    assert [row["traffic"] for row in csv.DictReader(StringIO(throughput))] == ["flow"] * 2
    assert "of all" in out
    assert "CPU/req: core time of all machines, for all traffic together, per ans" in " ".join(out.split())
    assert "CPU/req: core time of all machines, per answered request." in " ".join(shown(result()).split())


def test_a_difference_that_may_be_chance_says_so() -> None:
    answer = streams(TrafficKind.BULK)
    [change] = [one for one in answer["comparison"] if one["of"] == "/traffic/0/goodput_gbps"]
    change |= {"low": -1.0, "high": 0.1}
    assert part(shown(answer), "flow: throughput")[1].split()[4] == "~-8.26"
    assert "± is the 95 % interval of the difference" in shown(answer)


def mixed() -> dict[str, Any]:
    """One traffic that is bulk under two variants and datagrams under two others."""
    answer, other = streams(TrafficKind.BULK), streams(TrafficKind.DATAGRAMS, "a", "b")
    variants = [*answer["variants"], *other["variants"]]
    return answer | {"variants": variants, "comparison": differences(variants, "host")}


def test_variants_of_another_kind_are_told_beside_each_other_only() -> None:
    answer = mixed()
    assert {one["variant"] for one in answer["comparison"] if one["of"].startswith("/traffic")} == {"flannel-vxlan"}
    out = shown(answer)
    assert out.count("flow: throughput") == 2
    blocks = [block.split("\n\n")[0] for block in out.split("flow: throughput\n")[1:]]
    assert ["flannel-vxlan" in block for block in blocks] == [True, False]
    assert ["received" in block for block in blocks] == [False, True]
    assert {"goodput-1-flow.png", "goodput-2-flow.png", "throughput.png"} <= pictures(answer).keys()
    for form in ("json", "yaml", "csv", "markdown"):
        assert FORMATS[form](answer)
    assert len(tables(answer)["throughput"]) == 4


def test_no_curve_passes_the_wire() -> None:
    answer = streams(TrafficKind.BULK, "host")
    [traffic] = [variant["traffic"][0] for variant in answer["variants"]]
    traffic["timeline"] = [8.0] * 50 + [8.0, 8.0, 8.0, 17.0, 7.0] * 10
    assert traffic["wire_gbps"] == 10
    assert len(curve(traffic)) == 20
    assert max(curve(traffic)) == pytest.approx(9.6)
    traffic["timeline"] = [8.0] * 100
    assert len(curve(traffic)) == 25


def test_a_cost_without_goodput_is_a_dash() -> None:
    answer = streams(TrafficKind.BULK, "host", lossy=False, count=1)
    answer["variants"][0]["traffic"][0] |= {"cores_per_gbps": None, "cycles_per_byte": None}
    assert part(shown(answer), "flow: throughput")[0].split()[-2:] == ["–", "–"]


def test_doubts_are_told_below() -> None:
    answer = streams(TrafficKind.BULK)
    answer["variants"][1]["traffic"][0] |= {"notices": ["flow was not settled"], "shared_with": ["users"]}
    out = " ".join(shown(answer).split())
    assert "! flannel-vxlan: flow was not settled." in out
    assert "Machines are shared, and their cores' work told of each: flow with users." in out


def test_transactions_are_told_per_second() -> None:
    answer = result()
    for variant in answer["variants"]:
        variant["traffic"][0]["kind"] = "transactions"
    assert "transactions/s" in shown(answer)
    assert "| transactions/s |" in FORMATS["markdown"](answer)


def test_programs_read_streams(bulk: dict[str, Any], udp: dict[str, Any]) -> None:
    for answer in (bulk, udp):
        assert json.loads(FORMATS["json"](answer)) == answer
        rows = list(csv.DictReader(StringIO(FORMATS["csv"](answer))))
        assert [row["variant"] for row in rows] == list(NINE)
        assert float(rows[0]["goodput_low_gbps"]) < float(rows[0]["goodput_gbps"]) < float(rows[0]["goodput_high_gbps"])
        page = FORMATS["markdown"](answer)
        drawn = [block.splitlines() for block in page.split("\n\n") if block.startswith("| variant")]
        assert {len(block) for block in drawn} == {2 + len(NINE)}
        assert all(len({line.count("|") for line in block}) == 1 for block in drawn)
        assert "cores in use at its ends:" in page
        assert ("datagrams that did not arrive:" in page) == (answer is udp)
    row = next(csv.DictReader(StringIO(FORMATS["csv"](udp))))
    assert (row["losses"], row["jain"], row["unsent"]) == ("ring 9000; socket-buffer 1500", "", "1848")


def test_the_timeline_sums_to_what_was_delivered(bulk: dict[str, Any]) -> None:
    frame = tables(bulk)["timeline"]
    mine = frame[frame.variant == "host"]
    assert len(mine) == 100
    assert (mine.from_s.iloc[0], mine.to_s.iloc[-1]) == (0, 1)
    assert float(mine.goodput_gbps[mine.from_s >= 0.05].mean()) == pytest.approx(
        bulk["variants"][0]["traffic"][0]["goodput_gbps"], rel=1e-3
    )


def test_pictures_of_streams_show_every_variant(bulk: dict[str, Any]) -> None:
    assert pictures(bulk).keys() == {"goodput.png", "cores.png", "throughput.png", "utilisation.png"}
    assert pictures(bulk) == pictures(bulk)
    with look():
        [axes] = goodput(bulk, 0).axes
        sender, receiver = cores(bulk, 0).axes
    assert len(axes.lines) == len(NINE)
    assert axes.get_ylim()[0] == 0
    for panel, side in ((sender, "sender"), (receiver, "receiver")):
        own = bulk["variants"][0]["traffic"][0]["cpu"][side]
        widths = [bar.get_width() for bar in panel.patches if round(bar.get_y() + bar.get_height() / 2) == 0]  # type: ignore[attr-defined]
        assert sum(widths) == pytest.approx(sum(value for use, value in own.items() if use != "machines"))


def test_words_of_a_variant_are_not_broken() -> None:
    out = shown(result("host", "ecn-nothreshold"))
    assert any(line.split() == ["nothreshold"] or line.split()[-1:] == ["nothreshold"] for line in out.splitlines())
    assert max(map(len, out.splitlines())) <= 100
