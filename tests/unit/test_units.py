"""Units: what is accepted comes out exact, what is refused says how to write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsim import units
from netsim.units import LARGEST, UnitError

PARSERS = {
    "duration": units.parse_duration,
    "size": units.parse_size,
    "bandwidth": units.parse_bandwidth,
    "rate": units.parse_rate,
    "ratio": units.parse_ratio,
}

ACCEPTED = [
    ("duration", "250us", 250_000_000),
    ("duration", "250µs", 250_000_000),
    ("duration", "250\u03bcs", 250_000_000),
    ("duration", "1.5ms", 1_500_000_000),
    ("duration", "1h15m30.018s", 4_530_018_000_000_000),
    ("duration", "7ps", 7),
    ("duration", "0.001ns", 1),
    ("duration", "0", 0),
    ("duration", 0, 0),
    ("size", "64Ki", 65_536),
    ("size", "64KiB", 65_536),
    ("size", "1M", 1_000_000),
    ("size", "1MB", 1_000_000),
    ("size", "1kB", 1_000),
    ("size", "1500B", 1_500),
    ("size", "1500", 1_500),
    ("size", 1500, 1_500),
    ("size", "1e3", 1_000),
    ("size", "1E", 10**18),
    ("size", "0.5Ki", 512),
    ("bandwidth", "10Gbit", 10**10),
    ("bandwidth", "10Gbps", 10**10),
    ("bandwidth", "10Gb/s", 10**10),
    ("bandwidth", "10Gbit/s", 10**10),
    ("bandwidth", "1.25GB/s", 10**10),
    ("bandwidth", "2.5Gbit", 2_500_000_000),
    ("bandwidth", "1Mibit", 1 << 20),
    ("rate", "2000/s", 2_000_000),
    ("rate", "2k/s", 2_000_000),
    ("rate", "120/min", 2_000),
    ("rate", "3600/h", 1_000),
    ("rate", "0.001/s", 1),
    ("ratio", "0.1%", 1_000),
    ("ratio", "0.001", 1_000),
    ("ratio", 0.3, 300_000),
    ("ratio", 1, 1_000_000),
    ("ratio", 1e-6, 1),
    ("ratio", "150%", 1_500_000),
]


@pytest.mark.parametrize(("kind", "text", "value"), ACCEPTED)
def test_accepted(kind: str, text: str | float, value: int) -> None:
    parsed = PARSERS[kind](text)
    assert parsed == value
    assert type(parsed) is int


REFUSED = [
    ("duration", "250", "write 250us, 250ms or 250s"),
    ("duration", 250, "has no unit"),
    ("duration", "5 min", "without spaces"),
    ("duration", "5min", "write 5m."),
    ("duration", "1.5sec", "write 1.5s."),
    ("duration", "2d", "write 48h."),
    ("duration", "-1s", "is negative"),
    ("duration", "+1s", "has a sign"),
    ("duration", "", "is not a duration"),
    ("duration", "µs", "is not a duration"),
    ("duration", "1s2", "is not a duration"),
    ("duration", "s1", "is not a duration"),
    ("duration", "1e3s", "is not a duration"),
    ("duration", "0.5ps", "The nearest are 0 and 1 picoseconds"),
    ("duration", "9999999h", "is too large"),
    ("duration", "\u0661s", "is not a duration"),
    ("size", "64KI", "Write 64Ki"),
    ("size", "64k b", "without spaces"),
    ("size", "1Gbit", "in bytes"),
    ("size", "100m", "one thousandth"),
    ("size", "1.5B", "whole number of bytes"),
    ("size", "8Ei", "is too large"),
    ("size", "1e99", "too large an exponent"),
    ("size", "1e-99999999999", "too large an exponent"),
    ("size", "9" * 65, "is too long"),
    ("size", float("nan"), "is not a size"),
    ("size", 10**30, "is too large"),
    ("size", True, "has no unit"),
    ("size", None, "is not a size"),
    ("size", ["1"], "is not a size"),
    ("bandwidth", "10G", "bits or bytes? write 10Gbit or 10GB/s"),
    ("bandwidth", "10GBps", "bits or bytes? write 10Gbit or 10GB/s"),
    ("bandwidth", "10Gb", "bits or bytes?"),
    ("bandwidth", "10000", "Write for example 10000Mbit"),
    ("bandwidth", 10_000, "has no unit"),
    ("bandwidth", "100m", "write 100Mbit"),
    ("rate", "2000rps", "Write 2000/s."),
    ("rate", "5", "Write 5/s."),
    ("rate", "1/min", "The nearest are 16 and 17"),
    ("rate", "3/d", "2k/s or 120/min"),
    ("ratio", "5e-7", "whole number of parts per million"),
    ("ratio", "10ppm", "Write for example 0.1%"),
    ("ratio", float("inf"), "is not a ratio"),
]


@pytest.mark.parametrize(("kind", "text", "hint"), REFUSED)
def test_refused_with_hint(kind: str, text: str | float, hint: str) -> None:
    with pytest.raises(UnitError) as raised:
        PARSERS[kind](text)
    assert hint in str(raised.value)


WHOLE = st.integers(0, LARGEST)


@given(WHOLE)
def test_what_is_shown_is_read_back(value: int) -> None:
    assert units.parse_duration(units.show_duration(value)) == value
    assert units.parse_size(units.show_size(value)) == value
    assert units.parse_bandwidth(units.show_bandwidth(value)) == value
    assert units.parse_rate(units.show_rate(value)) == value
    assert units.parse_ratio(units.show_ratio(value)) == value


@given(st.integers(0, LARGEST // 2), st.integers(1, 6))
def test_rounding_stays_within_half_a_digit(value: int, digits: int) -> None:
    shown = units.parse_duration(units.show_duration(value, digits))
    assert abs(shown - value) * 2 <= 10 ** max(0, len(str(value)) - digits)


@given(st.text(max_size=12), st.sampled_from(sorted(PARSERS)))
def test_any_text_is_a_whole_number_or_a_unit_error(text: str, kind: str) -> None:
    try:
        value = PARSERS[kind](text)
    except UnitError:
        return
    assert 0 <= value <= LARGEST


SHOWN = [
    (units.show_duration, 250_000_000, "250us"),
    (units.show_duration, 4_530_018_000_000_000, "1h15m30.018s"),
    (units.show_duration, 0, "0"),
    (units.show_size, 65_536, "64KiB"),
    (units.show_size, 1_500, "1500B"),
    (units.show_size, 1_000_000, "1MB"),
    (units.show_bandwidth, 2_500_000_000, "2.5Gbit"),
    (units.show_rate, 2_000_000, "2000/s"),
    (units.show_ratio, 1_000, "0.1%"),
]


@pytest.mark.parametrize(("show", "value", "text"), SHOWN)
def test_shown(show, value: int, text: str) -> None:
    assert show(value) == text


def test_short_forms_for_code() -> None:
    assert units.ns(1) * 1_000_000_000 == units.us(1) * 1_000_000 == units.ms(1) * 1_000 == units.seconds(1)
    assert units.parse_bandwidth("3Gbit") == units.gbit(3)
    assert units.parse_size("3KiB") == units.kib(3)
