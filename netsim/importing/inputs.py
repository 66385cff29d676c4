"""Finds the files to import and reads their text: files, directories, standard input, compressed or not."""

import gzip
import io
import stat
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from netsim.errors import Position, Problem, ScenarioError, UsageError, quote

STDIN = "-"
STDIN_NAME = "<stdin>"
LARGEST = 256 << 20  # bytes of one file, uncompressed
SUFFIXES = (".yaml", ".yml", ".json")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read, and what messages call it; without a path it is standard input."""

    name: str
    path: Path | None


def inputs(references: Sequence[str]) -> list[Input]:
    """The files that references of the command line stand for, in order and each once; raises UsageError."""
    found: dict[str, Input] = {}
    for reference in references:
        for one in _expanded(reference):
            found.setdefault(str(one.path.resolve()) if one.path else STDIN, one)
    return list(found.values())


def _expanded(reference: str) -> Iterator[Input]:
    if reference == STDIN:
        yield Input(STDIN_NAME, None)
        return
    path = Path(reference)
    try:
        directory = path.is_dir()
    except (OSError, ValueError) as error:
        raise UsageError(f"{quote(reference)} cannot be read: {error}") from None
    if not directory:
        yield Input(reference, path)
        return
    inside = sorted(one for one in path.rglob("*") if _is_dump(one.relative_to(path)))
    if not inside:
        raise UsageError(f"{quote(reference)} has no YAML or JSON file in it")
    yield from (Input(str(one), one) for one in inside)


def _is_dump(path: Path) -> bool:
    hidden = any(step.startswith(".") for step in path.parts)
    return not hidden and path.name.lower().removesuffix(".gz").endswith(SUFFIXES)


def read(one: Input, stdin: BinaryIO | None = None) -> str:
    """The text of an input; raises ScenarioError when there is none, or it is too large or not UTF-8."""
    data = _plain(_bytes(one, stdin), one.name)
    try:
        found = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = Position(one.name, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        why = f"this is not UTF-8 text: byte 0x{data[error.start]:02x}"
        raise refusal(place, why, "Is this the output of kubectl get -o yaml or -o json?") from None
    if not found or found.isspace():
        raise refusal(Position(one.name, 1, 1), "the file is empty", "Did kubectl fail?")
    return found


def refusal(where: Position, message: str, hint: str = "") -> ScenarioError:
    """One problem with a file."""
    return ScenarioError([Problem(where, "", message, hint)])


def _bytes(one: Input, stdin: BinaryIO | None) -> bytes:
    if one.path is None:
        return _limited(stdin or io.BytesIO(), one.name)
    try:
        if not stat.S_ISREG(one.path.stat().st_mode):
            raise refusal(Position(one.name), "this is not a regular file", "Pipe it in and write -f -.")
        with one.path.open("rb") as file:
            return _limited(file, one.name)
    except FileNotFoundError:
        raise refusal(Position(one.name), "there is no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise refusal(Position(one.name), f"the file cannot be read: {reason}") from None


def _plain(data: bytes, name: str) -> bytes:
    """What gzip made smaller in its own size."""
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.open(io.BytesIO(data), "rb") as file:
            return _limited(file, name)
    except (OSError, EOFError, zlib.error) as error:
        raise refusal(Position(name), f"gzip cannot open it: {error}", "Is the file whole?") from None


def _limited(file: BinaryIO | gzip.GzipFile, name: str) -> bytes:
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        hint = "Dump fewer kinds, or one namespace after the other."
        raise refusal(Position(name), f"it is larger than {LARGEST >> 20} MiB", hint)
    return data
