"""Pictures: the same bytes each time, without a date, and drawn from whatever a result holds."""

from typing import Any

import matplotlib
import pytest

from netsim.report.figures import busiest, pictures, spectrum, stacked
from netsim.report.style import PALETTE, line, look
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
    assert len(lower.lines) == 2


def test_curves_differ_in_colour_or_dashes() -> None:
    looks = {(str(line(number)["color"]), str(line(number)["linestyle"])) for number in range(45)}
    assert len(looks) == 45
    assert len({line(number)["color"] for number in range(len(PALETTE))}) == len(PALETTE)


def test_the_busiest_come_first(answer: dict[str, Any]) -> None:
    assert busiest(answer, 1) == ["a->b"] or busiest(answer, 1) == ["a.core0.app"]
    assert len(busiest(answer, 2)) == 2
