"""Plain data as YAML in block style, as the readers of scenario files and manifests understand it."""

import json
import re
from functools import lru_cache
from typing import Any

from netsim.importing.shapes import Data

# Words that mean text to every reader of YAML, 1.1 or 1.2, and hold nothing to escape.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./\-]*")
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
_ODD = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
LONGEST_KEY = 1000  # characters; libyaml takes no longer ones without a question mark


def document(data: Data) -> str:
    """One YAML document, with its last line's end."""
    lines: list[str] = []
    _mapping(data, "", "", lines)
    lines.append("")
    return "\n".join(lines)


def scalar(value: object) -> str:
    """A value on one line; text in quotes where it could mean anything else."""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and len(value) < LONGEST_KEY:
            return value
        return quoted(value)
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return json.dumps(value)
    return quoted(str(value))


def quoted(value: str) -> str:
    """Text in double quotes; what no file may hold is escaped, halves of surrogate pairs become U+FFFD."""
    return _ODD.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "\\uFFFD" if 0xD800 <= code < 0xE000 else f"\\u{code:04X}"


def flow(value: Any) -> str:
    """A value in flow style: ``{name: web, count: 3}``."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def _mapping(data: Data, indent: str, head: str, lines: list[str]) -> None:
    """The lines of a mapping; ``head`` stands before its first key, ``indent`` before the others."""
    for key, value in data.items():
        if len(key) > LONGEST_KEY:
            continue
        name = _known(key)
        if type(value) is dict and value:
            lines.append(f"{head}{name}:")
            _mapping(value, indent + "  ", indent + "  ", lines)
        elif type(value) is list and value:
            lines.append(f"{head}{name}:")
            _sequence(value, indent, indent, lines)
        else:
            lines.append(f"{head}{name}: {_leaf(value)}")
        head = indent
    if head is not indent:
        lines.append(f"{head}{{}}")


def _sequence(data: list[Any], indent: str, head: str, lines: list[str]) -> None:
    for value in data:
        if type(value) is dict and value:
            _mapping(value, indent + "  ", head + "- ", lines)
        elif type(value) is list and value:
            _sequence(value, indent + "  ", head + "- ", lines)
        else:
            lines.append(f"{head}- {_leaf(value)}")
        head = indent


def _leaf(value: Any) -> str:
    if type(value) is str:
        return _known(value)
    return ("{}" if isinstance(value, dict) else "[]") if isinstance(value, dict | list) else scalar(value)


@lru_cache(maxsize=100_000)
def _known(value: str) -> str:
    """Text that is written again and again: keys, labels, units."""
    return scalar(value)
