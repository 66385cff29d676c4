"""Text that is safe to print: no control characters, no formulas, and numbers of a readable length."""

from netsim.errors import clean

UNITS = {"transactions": "transactions/s"}
"""What a second's answers are called, by kind of traffic, where they are not ``answers/s``."""
_FORMULA = ("=", "+", "-", "@")


def cell(value: object) -> object:
    """A CSV cell that no spreadsheet takes for a formula (CWE-1236); numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def number(value: float | None, digits: int = 3) -> str:
    """A value in ``digits`` significant digits without an exponent, a dash for None."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return f"{value:,.{max(0, digits - whole)}f}" if abs(value) >= 10**-digits else f"{value:.{digits}g}"


def time(microseconds: float | None) -> str:
    """A time in the unit that suits it."""
    if microseconds is None:
        return "–"
    for scale, unit in ((1e6, "s"), (1e3, "ms")):
        if abs(microseconds) >= scale:
            return f"{number(microseconds / scale)} {unit}"
    return f"{number(microseconds)} µs"


def share(value: float) -> str:
    """A share as a percentage."""
    return f"{100 * value:.0f} %" if value >= 0.1 or not value else f"{100 * value:.1f} %"


def percent(value: float | None) -> str:
    """A small share as a percentage in three digits, a dash for None."""
    return "–" if value is None else "0" if not value else f"{number(100 * value)} %"


def signed(value: float | None, unit: str = "") -> str:
    """A difference with its sign."""
    if value is None:
        return "–"
    return f"{'+' if value > 0 else '-' if value < 0 else '±'}{number(abs(value))}{unit}"


def short(name: str, most: int = 30) -> str:
    """A name with its middle left out where it is longer than ``most``."""
    half = (most - 1) // 2
    return name if len(name) <= most else f"{name[:half]}…{name[-half:]}"


def slug(text: str) -> str:
    """A file name's part made of ``text``: lower case letters, digits and dashes, at most 60."""
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower())
    return "-".join(filter(None, letters.split("-")))[:60] or "run"
