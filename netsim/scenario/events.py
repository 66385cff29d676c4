"""YAML and JSON text to plain data with positions, over PyYAML's stream of parser events.

Scalars follow the core schema of YAML 1.2 (section 10.3), so that ``no`` and ``12:30`` stay text. Anchors,
aliases, tags and merge keys are refused, and so are duplicate keys. The stream is read without recursion: the
C composer of PyYAML ends the process on deep nesting (libyaml issue 107).
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from netsim.errors import Problem, ScenarioError, quote
from netsim.scenario.located import Map, Place, Seq, position

DEEPEST = 64
MOST_NODES = 2_000_000
MOST_DOCUMENTS = 10_000
MOST_PROBLEMS = 100
LONGEST_NUMBER = 40

_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC_START = frozenset("+-.0123456789")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its root value and where that starts."""

    value: Any
    at: Place


def documents(text: str, file: str) -> list[Document]:
    """The documents of a text; raises ScenarioError with all that is wrong with its form."""
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.refuse(*_syntax(error, text))
    except (yaml.YAMLError, RecursionError) as error:
        builder.refuse((1, 1), f"this is not YAML: {str(error).partition(chr(10))[0]}")
    except _TooMuchError:
        pass
    if builder.problems:
        raise ScenarioError(builder.problems)
    return builder.documents


def scalar(text: str) -> Any:
    """The value of a plain scalar in the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START or len(text) > LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text) or _INFINITE.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


class _TooMuchError(Exception):
    """A limit is exceeded; the rest of the file is not read."""


class _Builder:
    """Builds documents from events; ``keys`` has the key that waits for its value in each open container."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.documents: list[Document] = []
        self.problems: list[Problem] = []
        self.open: list[Map | Seq] = []
        self.keys: list[tuple[str, Place] | None] = []
        self.nodes = 0

    def refuse(self, at: Place, message: str, hint: str = "") -> None:
        """Notes a problem; reading goes on."""
        self.problems.append(Problem(position(self.file, at), "", message, hint))
        if len(self.problems) >= MOST_PROBLEMS:
            raise _TooMuchError

    def stop(self, at: Place, message: str) -> None:
        """Notes a problem that ends reading."""
        self.refuse(at, message)
        raise _TooMuchError

    def take(self, event: Any) -> None:
        """Goes one event further."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            at = self._enter(event)
            plain = not event.style and event.implicit[0]
            if self.open and type(self.open[-1]) is Map and self.keys[-1] is None:
                self._key(event.value, at, plain)
            else:
                self._put(scalar(event.value) if plain else event.value, at)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            at = self._enter(event)
            self._push(Map(at) if kind is yaml.MappingStartEvent else Seq(at))
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.open.pop()
            self.keys.pop()
        elif kind is yaml.AliasEvent:
            at = (event.start_mark.line + 1, event.start_mark.column + 1)
            self.refuse(at, f"the alias {quote('*' + event.anchor)} is not allowed", "Write the value out.")
            self._value_or_key(at)
        elif kind is yaml.DocumentStartEvent and len(self.documents) >= MOST_DOCUMENTS:
            self.stop((event.start_mark.line + 1, 1), f"more than {MOST_DOCUMENTS} documents in one file")

    def _enter(self, event: Any) -> Place:
        """Checks what all nodes have in common, and says where this one is."""
        at = (event.start_mark.line + 1, event.start_mark.column + 1)
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.stop(at, f"more than {MOST_NODES:,} values in one file")
        if event.anchor is not None:
            self.refuse(at, f"the anchor {quote('&' + event.anchor)} is not allowed", "Write the value out.")
        if event.tag is not None:
            self.refuse(at, f"the tag {quote(event.tag)} is not allowed", "Quote the text if it starts with '!'.")
        return at

    def _push(self, container: Map | Seq) -> None:
        if len(self.open) >= DEEPEST:
            self.stop(container.at, f"nested more than {DEEPEST} levels deep")
        if self.open and type(self.open[-1]) is Map and self.keys[-1] is None:
            self.refuse(container.at, "a key must be text, not a mapping or list", "Quote text with braces in it.")
            self.keys[-1] = ("", container.at)
        else:
            self._put(container, container.at)
        self.open.append(container)
        self.keys.append(None)

    def _value_or_key(self, at: Place) -> None:
        if self.open and type(self.open[-1]) is Map and self.keys[-1] is None:
            self.keys[-1] = ("", at)
        else:
            self._put(None, at)

    def _key(self, key: str, at: Place, plain: bool) -> None:
        container = self.open[-1]
        if plain and key == "<<":
            self.refuse(at, "merge keys (<<) are not allowed", "Write the keys out.")
        elif key in container and isinstance(container, Map):
            first = container.places[key][0]
            self.refuse(at, f"the key {quote(key)} is here twice", f"The first is in line {first[0]}.")
        self.keys[-1] = (key, at)

    def _put(self, value: Any, at: Place) -> None:
        if not self.open:
            self.documents.append(Document(value, at))
            return
        container = self.open[-1]
        if isinstance(container, Seq):
            container.append(value)
            container.places.append(at)
            return
        waiting = self.keys[-1]
        if waiting is not None:
            key, key_at = waiting
            container[key] = value
            container.places[key] = (key_at, at)
            self.keys[-1] = None


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[Place, str, str]:
    mark = error.problem_mark or error.context_mark
    at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.split("\n", at[0])
    line = lines[at[0] - 1] if len(lines) >= at[0] else ""
    reason = " ".join(filter(None, [error.problem, error.context])) or "unknown"
    if line[: len(line) - len(line.lstrip())].count("\t"):
        return at, f"this is not YAML: {reason}", "Indent with spaces, not tabs."
    return at, f"this is not YAML: {reason}", _syntax_hint(error.problem or "")


def _syntax_hint(problem: str) -> str:
    if "mapping values are not allowed" in problem:
        return "Is the indentation right, and text with ': ' in it quoted?"
    if "block end" in problem or "could not find expected ':'" in problem:
        return "Is the indentation the same as in the lines around it?"
    if "',' or" in problem:
        return "Is a bracket or a comma missing?"
    return ""
