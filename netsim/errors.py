"""What netsim says when the input is wrong: where, what, why, and the nearest right answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

OK = 0
INTERNAL = 1
BAD_INPUT = 2
SLO_MISSED = 3
REGRESSION = 4
PARTIAL = 5
OVER_BUDGET = 6
INTERRUPTED = 130

MOST_PRINTED = 100
LONGEST_VALUE = 80
SHORT_LIST = 30  # names
SHORT_TEXT = 400  # characters of such a list
MOST_CANDIDATES = 5000


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; lines and columns count from 1, 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{clean(self.file)}{place}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, at which field (dotted, may be empty), what, and what to do."""

    position: Position | None
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        parts = [str(self.position)] if self.position else []
        parts += [clean(self.path)] if self.path else []
        return ": ".join([*parts, sentences(self.message, self.hint)])


class InputError(Exception):
    """Anything that the user can put right; ends the command with ``exit_code``."""

    exit_code = BAD_INPUT


class ScenarioError(InputError):
    """All that is wrong with a scenario, in the order of its files; ``str`` has one line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(dict.fromkeys(problems), key=_order))
        super().__init__(self.problems)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:MOST_PRINTED]]
        hidden = len(self.problems) - MOST_PRINTED
        return "\n".join([*lines, f"... and {hidden} more problems."] if hidden > 0 else lines)


class UsageError(InputError):
    """A mistake on the command line or a name that netsim does not know; it has no place in a file."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message, hint)

    def __str__(self) -> str:
        return sentences(self.message, self.hint)


def _order(problem: Problem) -> tuple[bool, Position]:
    return problem.position is None, problem.position or Position("")


def sentences(message: str, hint: str = "") -> str:
    """A message and a hint as printable sentences on one line."""
    parts = [clean(part).rstrip() for part in (message, hint) if part]
    return " ".join(part if part[-1:] in ".?!" else f"{part}." for part in parts)


def clean(text: str) -> str:
    """The text with control, bidirectional, zero-width and other unprintable characters escaped."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in text)


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def quote(value: object) -> str:
    """A user's value as it may appear in a message: printable, short, in single quotes."""
    text = value if isinstance(value, str) else str(value)
    short = text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."
    return f"'{clean(short)}'"


def nearest(name: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'?`` when a known name is close, and the list of known names when it is short."""
    names = sorted(set(known))
    guess = closest(name, names)
    parts = [f"Did you mean {quote(guess)}?"] if guess is not None else []
    listed = ", ".join(map(clean, names))
    if names and len(names) <= SHORT_LIST and len(listed) <= SHORT_TEXT:
        parts.append(f"Known: {listed}.")
    return " ".join(parts)


def closest(name: str, names: Sequence[str]) -> str | None:
    """The known name most like ``name``, whatever its case, or None when nothing is close."""
    lowered = name[:LONGEST_VALUE].lower()
    near = [known for known in names if abs(len(known) - len(lowered)) <= 4][:MOST_CANDIDATES]
    by_lower = {known.lower(): known for known in near}
    found = get_close_matches(lowered, by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None
