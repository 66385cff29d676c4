"""Pictures: the same bytes each time, without a date, and drawn from whatever a result holds."""

import copy
from typing import Any

import matplotlib
import pytest

from netsim.report.figures import busiest, pictures, spectrum, stacked
from netsim.report.style import PALETTE, fill, line, look
from tests.unit.analysis.synthetic import US
from tests.unit.report.answers import result


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    return result("host", "a-much-longer-name-than-fits", "$x_{1}$ [b] \x1b")


def test_bytes_are_reproducible_and_carry_no_software(answer: dict[str, Any]) -> None:
    first = pictures(answer)
    with matplotlib.rc_context({"figure.facecolor": "red", "font.size": 30, "axes.grid": False}):
        assert pictures(answer) == first
    assert all(content.startswith(b"\x89PNG") for content in first.values())
    assert not any(b"Software" in content or b"tIME" in content for content in first.values())


def test_several_traffics_have_pictures_of_their_own(answer: dict[str, Any]) -> None:
    twice = {**answer, "variants": []}
    for variant in answer["variants"]:
        second = {**variant["traffic"][0], "name": "../backup"}
        rows = [{**row, "traffic": "../backup"} for row in variant["breakdown"]]
        twice["variants"].append(
            {**variant, "traffic": [*variant["traffic"], second], "breakdown": variant["breakdown"] + rows}
        )
    assert pictures(twice).keys() == {
        "latency-1-users.png", "latency-2-backup.png", "breakdown-1-users.png", "breakdown-2-backup.png",
        "throughput.png", "utilisation.png",
    }  # fmt: skip


def test_an_overloaded_run_has_no_latency_to_draw() -> None:
    assert pictures(result("host", work=60 * US)).keys() == {"throughput.png", "utilisation.png"}


def test_bars_sum_to_the_percentile(answer: dict[str, Any]) -> None:
    with look():
        drawn = stacked(answer, "users")
    for axes, percentile in zip(drawn.axes, ("p50", "p99"), strict=True):
        for row, variant in enumerate(answer["variants"]):
            bars = [bar for bar in axes.patches if round(bar.get_y() + bar.get_height() / 2) == row]  # type: ignore[attr-defined]
            width = sum(bar.get_width() for bar in bars)  # type: ignore[attr-defined]
            assert width == pytest.approx(variant["traffic"][0]["latency_us"][percentile], rel=1e-5)


def test_the_spectrum_shows_every_variant_and_what_it_adds(answer: dict[str, Any]) -> None:
    with look():
        upper, lower = spectrum(answer, 0).axes
    assert len(upper.lines) == 3
    assert [curve.get_label() for curve in lower.lines[:2]] == [curve.get_label() for curve in upper.lines[1:]]
    assert len(lower.lines) == 3  # and the zero


def test_what_is_faster_than_the_baseline_is_drawn_below_zero() -> None:
    faster = result("host", "slower") | {"baseline": "slower"}
    with look():
        _, lower = spectrum(faster, 0).axes
    curve = lower.lines[0]
    assert len(curve.get_ydata()) == len(faster["variants"][0]["traffic"][0]["spectrum"])  # type: ignore[arg-type]
    assert max(curve.get_ydata()) < 0  # type: ignore[type-var]
    assert lower.get_ylim()[0] < 0
    assert lower.get_yscale() == "linear"


def test_a_long_tail_is_drawn_on_a_scale_for_both_signs(answer: dict[str, Any]) -> None:
    long, variants = copy.deepcopy(answer), answer["variants"]
    for point in long["variants"][1]["traffic"][0]["spectrum"][-2:]:
        point[1] += 5_000
    with look():
        _, lower = spectrum(long, 0).axes
    assert lower.get_yscale() == "symlog"
    assert len(lower.lines[0].get_ydata()) == len(variants[1]["traffic"][0]["spectrum"])  # type: ignore[arg-type]


def test_a_variant_has_its_own_look_and_the_same_colour_everywhere() -> None:
    looks = [(line(number)["color"], str(line(number)["linestyle"]), line(number)["marker"]) for number in range(12)]
    assert len({colour for colour, _, _ in looks}) == len({marker for _, _, marker in looks}) == 12
    assert [fill(number)["facecolor"] for number in range(30)] == [line(number)["color"] for number in range(30)]
    assert len({(fill(number)["facecolor"], fill(number)["hatch"]) for number in range(48)}) == 48


def test_curves_differ_in_colour_or_dashes() -> None:
    looks = {(str(line(number)["color"]), str(line(number)["linestyle"])) for number in range(60)}
    assert len(looks) == 60
    assert len({line(number)["color"] for number in range(len(PALETTE))}) == len(PALETTE)


def test_the_busiest_come_first(answer: dict[str, Any]) -> None:
    assert busiest(answer, 1) == ["a->b"] or busiest(answer, 1) == ["a.core0.app"]
    assert len(busiest(answer, 2)) == 2
