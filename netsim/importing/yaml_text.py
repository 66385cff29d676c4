"""Reads YAML dumps fast: plain data without positions, from PyYAML's stream of parser events.

The rules are those of scenario files: the core schema of YAML 1.2, no anchors, aliases, tags, merge keys or
duplicate keys. Positions of values are not kept, which makes it three times as fast; what is no YAML is located.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from netsim.errors import Position, ScenarioError, quote
from netsim.importing.inputs import refusal
from netsim.scenario import events

DEEPEST = 64
ITEM = 2  # containers around the list that an object of a dump is in: none, the document

Done = Callable[[dict[str, Any]], None]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = object()


def documents(text: str, name: str, done: Done) -> list[Any]:
    """The documents of a text; ``done`` meets each object of a list as soon as it is complete."""
    try:
        with without_collection():
            return _built(yaml.parse(text, Loader=_LOADER), name, done)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reason = " ".join(filter(None, [error.problem, error.context])) or "unknown"
        raise refusal(
            Position(name, line, (mark.column if mark else 0) + 1), f"this is not YAML: {reason}", _ended(text, line)
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _odd_letter(text, name, error) from None


def _ended(text: str, line: int) -> str:
    return "Is the file whole?" if line >= text.count("\n") else ""


def _odd_letter(text: str, name: str, error: Exception) -> ScenarioError:
    at = getattr(error, "position", 0)
    at = at if isinstance(at, int) and 0 <= at < len(text) else 0
    place = Position(name, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    return refusal(place, f"this is not YAML: {str(error).partition(chr(10))[0]}")


@contextmanager
def without_collection() -> Iterator[None]:
    """Without the cycle collector, which would look at every value again and again and find nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _built(parsed: Iterable[Any], name: str, done: Done) -> list[Any]:
    """The documents of a stream of events; one loop without calls, since a dump has millions of them."""
    found: list[Any] = []
    outer: list[Any] = []  # containers around ``here``; ``key`` waits for its value in a mapping
    here: Any = None
    key: Any = _NOTHING
    seen = _Scalars()
    for event in parsed:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = event.value
            plain = not event.style and event.implicit[0]
            if event.anchor is not None or event.tag is not None:
                raise _refused(event, name, "anchors and tags are not allowed")
            if key is _NOTHING and type(here) is dict:
                if value in here or (plain and value == "<<"):
                    raise _refused(event, name, f"the key {quote(value)} is here twice, or a merge key")
                key = value
                continue
            if plain:
                value = seen[value]
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            value = {} if kind is yaml.MappingStartEvent else []
            if wrong := _wrong(event, len(outer), key is _NOTHING and type(here) is dict):
                raise _refused(event, name, wrong)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            ended, here = here, outer.pop()
            if type(here) is list and type(ended) is dict and len(outer) == ITEM:
                done(ended)
            continue
        elif kind is yaml.AliasEvent:
            raise _refused(event, name, f"the alias {quote('*' + event.anchor)} is not allowed")
        else:
            continue
        if type(here) is dict:
            here[key], key = value, _NOTHING
        else:
            (found if here is None else here).append(value)
        if kind is not yaml.ScalarEvent:
            outer.append(here)
            here = value
    return found


def _wrong(event: Any, depth: int, is_key: bool) -> str:
    """What is wrong with where a mapping or list begins, or ""."""
    if event.anchor is not None or event.tag is not None:
        return "anchors and tags are not allowed"
    if depth >= DEEPEST:
        return f"nested more than {DEEPEST} levels deep"
    return "a key must be text, not a mapping or list" if is_key else ""


def _refused(event: Any, name: str, message: str) -> ScenarioError:
    mark = event.start_mark
    hint = "kubectl writes none: dump with -o yaml or -o json."
    return refusal(Position(name, mark.line + 1, mark.column + 1), message, hint)


class _Scalars(dict[str, Any]):
    """The value of each plain scalar, found once."""

    def __missing__(self, word: str) -> Any:
        value = self[word] = events.scalar(word)
        return value
