"""Reads the text of scenario and manifest files: regular, of bounded size, strictly UTF-8."""

import re
import stat
from pathlib import Path

from netsim.errors import Position, Problem, ScenarioError, closest, quote

LARGEST_FILE = 64 << 20

# What YAML 1.2 calls c-printable, negated (section 5.1).
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path, name: str) -> str:
    """The text of a file, which messages call ``name``.

    Raises ScenarioError when it is no regular file, too large, not UTF-8, empty, or has control characters.
    """
    data = _read_bytes(path, name)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        message = f"this is not UTF-8 text: byte 0x{data[error.start]:02x}"
        raise _refusal(Position(name, line, column), message, "Save the file as UTF-8.") from None
    if odd := _UNPRINTABLE.search(text):
        place = Position(name, text.count("\n", 0, odd.start()) + 1, odd.start() - text.rfind("\n", 0, odd.start()))
        message = f"the control character U+{ord(odd.group()):04X} is not allowed"
        raise _refusal(place, message, "Is this a YAML or JSON text file?")
    if not text.strip():
        raise _refusal(Position(name, 1, 1), "the file is empty", "A scenario starts with apiVersion: netsim/v1alpha1.")
    return text


def _read_bytes(path: Path, name: str) -> bytes:
    where = Position(name)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise _refusal(where, "this is a directory", "Name a file in it.")
        if not stat.S_ISREG(status.st_mode):
            raise _refusal(where, "this is not a regular file", "Pipes and devices are not read.")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise _refusal(where, "there is no such file", _neighbours(path)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _refusal(where, f"the file cannot be read: {reason}") from None
    if len(data) > LARGEST_FILE:
        raise _refusal(where, "the file is larger than 64 MiB")
    return data


def _neighbours(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    guess = closest(path.name, sorted(names))
    return f"Did you mean {quote(guess)}?" if guess else ""


def _refusal(where: Position, message: str, hint: str = "") -> ScenarioError:
    return ScenarioError([Problem(where, "", message, hint)])


def inside(directory: Path, reference: str) -> Path:
    """The real path of a file named in a scenario; ValueError when it leaves the scenario's directory."""
    if "\0" in reference or Path(reference).is_absolute():
        raise ValueError("must be a path relative to the scenario's directory")
    top = directory.resolve()
    target = (top / reference).resolve()
    if not target.is_relative_to(top):
        raise ValueError("leads out of the scenario's directory")
    return target
