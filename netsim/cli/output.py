"""Where output goes: results to stdout, everything else to stderr."""

import os
import shutil
import sys
from collections.abc import Callable
from enum import StrEnum
from io import StringIO
from typing import TYPE_CHECKING

from netsim.errors import clean

if TYPE_CHECKING:
    from rich.console import Console

FALLBACK_WIDTH = 100  # where stdout is no terminal


class Format(StrEnum):
    """The forms in which a result is printed."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"
    MARKDOWN = "markdown"


class Plain(StrEnum):
    """The forms of verbs whose answer is no table of variants."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def emit(text: str) -> None:
    """Print a result; what the terminal cannot encode is escaped. A reader that went away is no fault."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        close_stdout()


def close_stdout() -> None:
    """Nobody reads stdout any more: keep Python from trying again, and complaining, at its own end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def notice(text: str) -> None:
    """One line for the person at the terminal."""
    print(clean(text), file=sys.stderr, flush=True)


def rendered(draw: Callable[["Console"], None]) -> str:
    """What ``draw`` prints, in colour where stdout is a terminal that wants it."""
    from rich.console import Console

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    buffer = StringIO()
    console = Console(
        file=buffer,
        width=shutil.get_terminal_size((FALLBACK_WIDTH, 24)).columns,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    draw(console)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def serialised(value: object, form: Plain) -> str:
    """``value`` as JSON or YAML."""
    from netsim.report.formats import as_json, as_yaml

    return as_json(value) if form is Plain.JSON else as_yaml(value)
