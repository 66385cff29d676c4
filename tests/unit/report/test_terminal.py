"""What a person reads: complete, within the terminal's width, and safe whatever the names are."""

import csv
import re
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from netsim.report import text
from netsim.report.formats import FORMATS
from netsim.report.pieces import broken
from netsim.report.terminal import show
from tests.unit.analysis.synthetic import US
from tests.unit.report.answers import result

NINE = (
    "host", "flannel-vxlan", "flannel-host-gw", "flannel-udp", "calico-bgp", "calico-ipip", "canal",
    "weave-fastdp", "cilium-vxlan",
)  # fmt: skip


def shown(answer: dict[str, Any], width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, color_system=None, highlight=False, markup=False)
    show(answer, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture(scope="module")
def nine() -> dict[str, Any]:
    return result(*NINE)


def test_nine_variants_fit_a_hundred_columns(nine: dict[str, Any]) -> None:
    lines = shown(nine).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 100
    breakdown = next(number for number, line in enumerate(lines) if "time goes at p99" in line)
    row = next(line for line in lines[breakdown:] if line.startswith("sum"))
    assert len(row.split()) == 1 + len(NINE)


def test_a_narrow_terminal_gets_several_tables(nine: dict[str, Any]) -> None:
    out = shown(nine, 60)
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 60
    assert out.count("time goes at p99") > 1


def test_everything_promised_is_there(nine: dict[str, Any]) -> None:
    out = shown(nine)
    for wanted in (
        "Does the overlay cost more than the wire?", "users: latency and throughput", "p99 to host",
        "answers/s", "Gbit/s", "CPU/req", "what limits", "bursts, every one accounted for", "buffer",
        "Costs without a measured source (assumed): veth.", "withheld p99.9 (", "no warm-up cut (MSER-5)",
    ):  # fmt: skip
        assert wanted in out, wanted


def test_the_difference_has_its_interval(nine: dict[str, Any]) -> None:
    [line] = [line for line in shown(nine).splitlines() if line.startswith("cilium-vxlan") and " ± " in line]
    percent, half = re.search(r"\+([\d.]+) ± ([\d.]+) %", line).groups()  # type: ignore[union-attr]
    [row] = [
        row for row in nine["comparison"] if row["variant"] == "cilium-vxlan" and row["of"].endswith("latency_us/p99")
    ]
    assert float(percent) == pytest.approx(row["percent"], rel=0.01)
    base = nine["variants"][0]["replicates"][row["of"]]
    assert float(half) == pytest.approx(50 * (row["high"] - row["low"]) / (sum(base) / 3), rel=0.05)


def test_a_difference_that_may_be_chance_is_marked() -> None:
    answer = result()
    [row] = [row for row in answer["comparison"] if row["of"].endswith("latency_us/p99")]
    assert "~" not in shown(answer).split("Costs without")[0].replace("~ may be chance", "")
    row |= {"low": -1.0, "high": 3.0}
    assert re.search(r"flannel-vxlan .* ~\+[\d.]+ ± ", shown(answer))


def test_overload_is_said_and_no_latency_given() -> None:
    out = " ".join(shown(result("host", work=60 * US)).split())
    assert "unstable" in out
    assert "no latency is given" in out
    assert "limits" in out


def lossy(waiting: int) -> dict[str, Any]:
    """A result with so many requests under way at the end, of 3,000, and one place that dropped."""
    answer = result("host")
    [variant] = answer["variants"]
    counts = {"issued": 3000, "completed": 2990 - waiting, "failed": 10, "in_flight": waiting}
    variant["traffic"][0] |= counts | {"failures": {"transfer-timeout": 10}}
    variant["losses"] = [
        {"reason": "ring", "place": "a", "frames": frames, "sentence": f"ring: {frames} lost"}
        for frames in (5, 4, 3, 2)
    ]
    return answer


def test_unanswered_requests_and_drops_are_told() -> None:
    told = "host: 348 of 3,000 requests of users unanswered at the end."
    drops = "host: ring: 5 lost; ring: 4 lost; ring: 3 lost; and 1 more."
    out, page = shown(lossy(348)), FORMATS["markdown"](lossy(348))
    assert re.search(r"issued +answered +failed +unanswered\nhost +3,000 +2,642 +10 +348\n", out)
    assert f"! {told}" in out
    assert f"! {drops}" in out
    assert f"- {told}" in page
    assert f"- {drops}" in page
    assert "| 348 of 3,000 |" in page
    row = next(csv.DictReader(StringIO(FORMATS["csv"](lossy(348)))))
    assert (row["issued"], row["in_flight"]) == ("3000", "348")


def test_a_few_requests_under_way_are_no_trouble() -> None:
    out = shown(lossy(30))
    assert "without an answer" not in out
    assert "unanswered at the end" not in out


def test_a_lossy_stream_is_not_called_overloaded() -> None:
    answer = lossy(348)
    answer["variants"][0]["traffic"][0]["unstable"] = "348 of 3,000 requests of users were never answered"
    out = shown(answer)
    assert "withheld" in out
    assert "! host: 348 of 3,000 requests of users were never answered; no latency is given." in out


def test_hostile_names_do_nothing() -> None:
    name = "[red]x[/red]\x1b]0;title\x07\u202e[/bold]"
    answer = result("host", name)
    answer["scenario"] = answer["description"] = name
    out = shown(answer)
    assert "[red]x[/red]" in out
    assert not set(out) & set("\x1b\x07\u202e")
    for form in ("csv", "markdown", "json", "yaml"):
        assert "\x1b" not in FORMATS[form](answer)


def test_numbers_keep_three_digits_and_no_exponent() -> None:
    assert [text.number(value) for value in (None, 0, 0.0012, 0.5, 12.34, 1234.5, 1234567)] == [
        "–", "0", "0.001", "0.500", "12.3", "1,234", "1,234,567",
    ]  # fmt: skip
    assert text.number(0.0000123) == "1.23e-05"
    assert [text.time(value) for value in (None, 2.5, 2500, 2_500_000)] == [
        "–",
        "2.50 µs",
        "2.50 ms",
        "2.50 s",
    ]
    assert [text.signed(value, " %") for value in (1.5, -1.5, 0.0)] == ["+1.50 %", "-1.50 %", "±0 %"]


def test_a_file_name_is_made_of_nothing_dangerous() -> None:
    assert text.slug("../../etc/Passwd ☃") == "etc-passwd"
    assert text.slug("☃") == "run"
    assert len(text.slug("a" * 500)) == 60


def test_twenty_long_names_leave_the_numbers_whole() -> None:
    names = [f"calico-vxlan-crosssubnet-with-a-very-long-name-number-{number:02}" for number in range(20)]
    out = shown(result(*names))
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 100
    assert "…" not in out
    table = out.split("users: latency and throughput\n")[1].split("\n\n")[0]
    assert table.count(" µs   ") >= 20
    rows = table[table.index("calico") :].splitlines()
    assert "-".join(row.split()[0] for row in rows) == "-".join(names)


def test_descriptions_are_no_markup() -> None:
    answer = result() | {"description": "Is [/red] [bold]safe[/bold]? \x1b[31m"}
    assert "Is [/red] [bold]safe[/bold]? \\x1b[31m" in shown(answer)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("host", ["host"]),
        ("flannel-vxlan", ["flannel", "vxlan"]),
        ("a-b-c", ["a-b-c"]),
        ("x" * 20, ["x" * 8, "x" * 8, "xxxx"]),
    ],
)
def test_a_name_is_broken_at_its_dashes_and_keeps_every_letter(name: str, lines: list[str]) -> None:
    assert broken(name, 8) == lines


def test_a_short_name_loses_its_middle_only() -> None:
    assert text.short("a" * 30) == "a" * 30
    assert text.short("a" * 20 + "b" * 20) == "a" * 14 + "…" + "b" * 14
