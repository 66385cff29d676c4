"""The one place where text with a unit becomes a whole number of the base unit, and back.

Base units: time in picoseconds, sizes in bytes, bandwidth in bit/s, request rates in requests per 1,000 s,
ratios in parts per million. The arithmetic is exact; what is not a whole number of the base unit is refused,
never rounded.
"""

import re
from decimal import Decimal
from fractions import Fraction

LARGEST = 1 << 62
PICOSECONDS_PER_SECOND = 10**12
PPM = 1_000_000

_LONGEST_TEXT = 64
_LARGEST_EXPONENT = 30
_NUMBER = r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+"
_VALUE = re.compile(rf"({_NUMBER})(?:[eE]([+-]?[0-9]+))?([^0-9.].*)?", re.DOTALL)
_DURATION_PART = re.compile(rf"({_NUMBER})([^0-9.]+)")

# The letters of Go's time.ParseDuration (U+00B5 and U+03BC are both micro), and ps.
_DURATION = {
    "ps": 1,
    "ns": 10**3,
    "us": 10**6,
    "µs": 10**6,
    "\u03bcs": 10**6,
    "ms": 10**9,
    "s": 10**12,
    "m": 60 * 10**12,
    "h": 3600 * 10**12,
}
_GO_UNIT = {"min": "m", "mins": "m", "sec": "s", "secs": "s", "msec": "ms", "usec": "us", "nsec": "ns"}
_DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_BINARY = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60}
_PREFIX = _DECIMAL | _BINARY

# A Kubernetes Quantity (apimachinery resource.Quantity), or the same with B for byte.
_SIZE = _PREFIX | {f"{prefix}B": scale for prefix, scale in _PREFIX.items()} | {"KB": 10**3}
_BANDWIDTH = {
    f"{prefix}{unit}": scale * bits
    for prefix, scale in (_PREFIX | {"K": 10**3}).items()
    for unit, bits in (("bit", 1), ("bit/s", 1), ("bps", 1), ("b/s", 1), ("B/s", 8))
}
_RATE = {
    f"{prefix}/{unit}": Fraction(1000 * scale, seconds)
    for prefix, scale in (("", 1), ("k", 10**3), ("M", 10**6))
    for unit, seconds in (("s", 1), ("min", 60), ("h", 3600))
}


class UnitError(ValueError):
    """A text that is not a quantity; ``hint`` says how to write it."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message, hint)

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message


def parse_duration(text: str | int) -> int:
    """Picoseconds of a Go duration: ``250us``, ``1h15m30.018s``, ``0``."""
    text = _checked(text, "a duration", "Write for example 250us, 1.5ms or 1m30s.")
    if text == "0":
        return 0
    total, end = Fraction(0), 0
    for part in _DURATION_PART.finditer(text):
        number, unit = part.groups()
        if part.start() != end or unit not in _DURATION:
            break
        total, end = total + Fraction(number) * _DURATION[unit], part.end()
    if end != len(text) or not text:
        raise UnitError(f"{text!r} is not a duration", _duration_hint(text))
    return _whole(total, text, "picoseconds")


def parse_size(text: str | int) -> int:
    """Bytes of a Kubernetes Quantity (``64Ki``, ``1M``, ``1500``), or the same with B (``64KiB``)."""
    text = _checked(text, "a size", "Write for example 1500B, 64KiB or 1MB.", bare=True)
    number, unit = _split(text, "a size", "Write for example 1500B, 64KiB or 1MB.")
    if unit not in _SIZE:
        raise UnitError(f"{text!r} is not a size", _size_hint(text, unit))
    return _whole(number * _SIZE[unit], text, "bytes")


def parse_bandwidth(text: str | int) -> int:
    """Bits per second of ``10Gbit``, ``10Gbps``, ``10Gb/s`` or ``1.25GB/s``."""
    text = _checked(text, "a bandwidth", "Write for example 10Gbit or 1.25GB/s.")
    number, unit = _split(text, "a bandwidth", "Write for example 10Gbit or 1.25GB/s.")
    if unit not in _BANDWIDTH:
        raise UnitError(f"{text!r} is not a bandwidth", _bandwidth_hint(text, unit))
    return _whole(number * _BANDWIDTH[unit], text, "bits per second")


def parse_rate(text: str | int) -> int:
    """Requests per 1,000 s of ``2000/s``, ``2k/s`` or ``120/min``."""
    text = _checked(text, "a request rate", "Write for example 2000/s, 2k/s or 120/min.")
    number, unit = _split(text, "a request rate", "Write for example 2000/s, 2k/s or 120/min.")
    if unit not in _RATE:
        per_second = unit.lower() in ("rps", "qps", "hz", "req/s", "reqs/s", "requests/s", "")
        example = f"{_plain(number)}/s" if per_second else "2000/s, 2k/s or 120/min"
        raise UnitError(f"{text!r} is not a request rate", f"Write {example}.")
    return _whole(number * _RATE[unit], text, "requests per 1000 s")


def parse_ratio(text: str | float) -> int:
    """Parts per million of ``0.1%``, ``0.001``, or a number of which 1 is the whole."""
    text = _checked(text, "a ratio", "Write for example 0.1% or 0.001.", bare=True)
    number, unit = _split(text, "a ratio", "Write for example 0.1% or 0.001.")
    if unit not in ("", "%"):
        raise UnitError(f"{text!r} is not a ratio", "Write for example 0.1% or 0.001.")
    return _whole(number * (PPM // 100 if unit else PPM), text, "parts per million")


def _checked(text: object, what: str, hint: str, bare: bool = False) -> str:
    """The text, if it can be a quantity at all; numbers become text where ``bare`` ones are allowed."""
    if isinstance(text, int | float) and not isinstance(text, bool) and (bare or text == 0):
        text = format(Decimal(repr(text)), "f") if abs(text) < 2 * LARGEST else repr(text)
    if isinstance(text, bool) or not isinstance(text, str):
        unit = "has no unit" if isinstance(text, int | float) else f"is not {what}"
        raise UnitError(f"{repr(text)[:60]} {unit}", hint)
    if len(text) > _LONGEST_TEXT:
        raise UnitError(f"{text[:20]!r}... is too long for {what}", hint)
    if text.startswith(("-", "+")):
        why = "is negative" if text.startswith("-") else "has a sign"
        raise UnitError(f"{text!r} {why}", hint)
    if any(letter.isspace() for letter in text):
        raise UnitError(f"{text!r} has a space in it", "Write it without spaces.")
    return text


def _split(text: str, what: str, hint: str) -> tuple[Fraction, str]:
    """The number and the unit of ``1.5Gbit`` or ``1e3``."""
    match = _VALUE.fullmatch(text)
    if match is None:
        raise UnitError(f"{text!r} is not {what}", hint)
    number, exponent, unit = match.groups()
    if exponent is not None and (len(exponent) > 3 or abs(int(exponent)) > _LARGEST_EXPONENT):
        raise UnitError(f"{text!r} has too large an exponent", hint)
    return Fraction(number) * Fraction(10) ** int(exponent or 0), unit or ""


def _whole(value: Fraction, text: str, unit: str) -> int:
    if value.denominator != 1:
        below = value // 1
        raise UnitError(
            f"{text!r} is not a whole number of {unit}", f"The nearest are {below} and {below + 1} {unit}."
        )
    if value > LARGEST:
        raise UnitError(f"{text!r} is too large", f"The largest is 2^62 {unit}.")
    return int(value)


def _duration_hint(text: str) -> str:
    units = "Units are ns, us, ms, s, m and h"
    if re.fullmatch(_NUMBER, text):
        return f"{units}: write {text}us, {text}ms or {text}s."
    match = re.fullmatch(rf"({_NUMBER})(min|mins|sec|secs|msec|usec|nsec|d)", text)
    if match is None:
        return f"{units}: write for example 250us or 1m30s."
    number, unit = match.groups()
    if unit == "d":
        return f"{units}: write {_plain(Fraction(number) * 24)}h."
    return f"{units}: write {number}{_GO_UNIT[unit]}."


def _size_hint(text: str, unit: str) -> str:
    if unit == "m":
        return "The suffix m means one thousandth in Kubernetes; write M or Mi."
    if "bit" in unit or unit.endswith("b"):
        return "A size is in bytes: write for example 1500B, 64KiB or 1MB."
    for known in _SIZE:
        if known.lower() == unit.lower():
            return f"Write {text.removesuffix(unit)}{known}."
    return "Write for example 1500B, 64KiB or 1MB."


def _bandwidth_hint(text: str, unit: str) -> str:
    number = text.removesuffix(unit)
    if unit == "m":
        return f"The suffix m means one thousandth in Kubernetes; write {number}Mbit."
    prefix = unit.removesuffix("Bps").removesuffix("B").removesuffix("b")
    if prefix in _PREFIX and unit:
        return f"bits or bytes? write {number}{prefix}bit or {number}{prefix}B/s."
    if not unit and not number.strip("0."):
        number = "10"  # none is as unfit as no unit
    return f"Write for example {number}Mbit, {number}Gbit or 1.25GB/s."


def show_duration(ps: int, digits: int | None = None) -> str:
    """``250us``, ``1h15m30.018s``; exact, or rounded to so many significant digits."""
    ps = _rounded(ps, digits)
    if ps < 60 * PICOSECONDS_PER_SECOND:
        units = (("s", 10**12), ("ms", 10**9), ("us", 10**6), ("ns", 10**3), ("ps", 1))
        return _with_prefix(ps, units) if ps else "0"
    minutes, rest = divmod(ps, 60 * PICOSECONDS_PER_SECOND)
    hours, minutes = divmod(minutes, 60)
    parts = ((Fraction(hours), "h"), (Fraction(minutes), "m"), (Fraction(rest, PICOSECONDS_PER_SECOND), "s"))
    return "".join(f"{_plain(number)}{unit}" for number, unit in parts if number)


def show_size(size: int, digits: int | None = None) -> str:
    """``64KiB``, ``1MB``, ``1500B``; exact, or rounded to so many significant digits."""
    if digits is not None:
        return _with_prefix(_rounded(size, digits), (("MB", 10**6), ("kB", 10**3), ("B", 1)))
    for prefix, scale in [*reversed(_BINARY.items()), ("M", 10**6)]:
        if size and size % scale == 0:
            return f"{size // scale}{prefix}B"
    return f"{size}B"


def show_bandwidth(rate: int, digits: int | None = None) -> str:
    """``10Gbit``, ``2.5Gbit``; exact, or rounded to so many significant digits."""
    units = (("Tbit", 10**12), ("Gbit", 10**9), ("Mbit", 10**6), ("kbit", 10**3), ("bit", 1))
    return _with_prefix(_rounded(rate, digits), units)


def show_rate(rate: int, digits: int | None = None) -> str:
    """Requests per 1,000 s as ``2000/s``; exact, or rounded to so many significant digits."""
    return f"{_plain(Fraction(_rounded(rate, digits), 1000))}/s"


def show_ratio(ppm: int, digits: int | None = None) -> str:
    """Parts per million as ``0.1%``; exact, or rounded to so many significant digits."""
    return f"{_plain(Fraction(_rounded(ppm, digits) * 100, PPM))}%"


def _with_prefix(value: int, units: tuple[tuple[str, int], ...]) -> str:
    unit, scale = next((entry for entry in units if abs(value) >= entry[1]), units[-1])
    return f"{_plain(Fraction(value, scale))}{unit}"


def _rounded(value: int, digits: int | None) -> int:
    drop = len(str(abs(value))) - (digits or 0)
    if digits is None or drop <= 0:
        return value
    scale: int = 10**drop
    return round(Fraction(value, scale)) * scale


def _plain(value: Fraction) -> str:
    """A fraction whose denominator has only twos and fives, as decimal text without an exponent."""
    text = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def ns(number: int) -> int:
    """Nanoseconds in picoseconds."""
    return number * 10**3


def us(number: int) -> int:
    """Microseconds in picoseconds."""
    return number * 10**6


def ms(number: int) -> int:
    """Milliseconds in picoseconds."""
    return number * 10**9


def seconds(number: int) -> int:
    """Seconds in picoseconds."""
    return number * PICOSECONDS_PER_SECOND


def gbit(number: int) -> int:
    """Gbit/s in bit/s."""
    return number * 10**9


def kib(number: int) -> int:
    """KiB in bytes."""
    return number << 10
