"""Reads JSON dumps: documents one after the other, the objects of a long list one by one."""

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from netsim.errors import Position
from netsim.importing.inputs import refusal

Done = Callable[[dict[str, Any]], None]

# How kubectl opens a list: its keys are in alphabetical order.
_LIST = re.compile(r'\{\s*"apiVersion"\s*:\s*"[^"\\]{0,100}"\s*,\s*"items"\s*:\s*\[\s*')
_SPACE = re.compile(r"[ \t\r\n]*")
_BETWEEN = re.compile(r"[ \t\r\n]*(?:(,)[ \t\r\n]*)?")


# Halves of surrogate pairs, which are no letters: \\ud800 without \\udc00 after it, or that one alone.
_HALF = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def _not_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_not_json)


def is_json(text: str) -> bool:
    """Whether a text begins as JSON objects or lists do."""
    start = _SPACE.match(text)
    return text[start.end() if start else 0 :][:1] in ("{", "[")


def documents(text: str, name: str, done: Done) -> list[Any]:
    """The documents of a text; ``done`` meets each object of a list as soon as it is complete."""
    found: list[Any] = []
    text = _HALF.sub(r"\\ufffd", text)
    at = _skip(text, 0)
    while at < len(text):
        opened = _LIST.match(text, at)
        value, at = _list(text, name, opened.end(), done) if opened else _value(text, name, at)
        found.append(value)
        at = _skip(text, at)
    return found


def _list(text: str, name: str, at: int, done: Done) -> tuple[dict[str, Any], int]:
    """A list whose items begin at ``at``."""
    items: list[Any] = []
    while text[at : at + 1] != "]":
        item, at = _value(text, name, at, len(items) + 1)
        if isinstance(item, dict):
            done(item)
        items.append(item)
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if text[at : at + 1] == "]":
            break
        if between is None or not between[1]:
            _fail(text, name, at, "Expecting ',' delimiter", len(items))
    rest = _BETWEEN.match(text, at + 1)
    begun = rest.end() if rest else at + 1
    if rest is not None and not rest[1]:
        if text[begun : begun + 1] != "}":
            _fail(text, name, begun, "Expecting ',' delimiter", len(items))
        return {"items": items}, begun + 1
    head = "{"
    tail, end = _value(head + text[begun:], name, 0, len(items), shift=(text, begun - len(head)))
    return {**tail, "items": items}, begun - len(head) + end


def _value(text: str, name: str, at: int, count: int = 0, shift: tuple[str, int] | None = None) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        whole, by = shift or (text, 0)
        return _fail(whole, name, error.pos + by, error.msg, count)
    except RecursionError:
        return _fail(text, name, at, "nested too deep", count)
    except ValueError as error:
        return _fail(text, name, at, str(error).partition(";")[0], count)


def _fail(text: str, name: str, at: int, why: str, count: int) -> NoReturn:
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    cut = at >= len(text.rstrip()) or why.startswith("Unterminated string")
    where = f" in object {count} of the list" if count else ""
    message = f"the file ends{where}: it is cut off" if cut else f"this is not JSON: {why}{where}"
    raise refusal(Position(name, line, column), message, "Dump it again." if cut else "")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
