"""Reads cost profiles strictly: mappings of text, every key used, every mistake with file and line."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import yaml

from netsim.model.law import Shape
from netsim.units import UnitError, parse_duration

LOGNORMAL = Shape.LOGNORMAL
UNITY = 1 << 16


class Entry:
    """One mapping of a file. Reading a key marks it used; ``finish`` refuses the keys that nobody read."""

    def __init__(self, place: str, node: yaml.Node) -> None:
        self._place = f"{place}:{node.start_mark.line + 1}"
        if not isinstance(node, yaml.MappingNode):
            raise self.error("expected a mapping")
        self._values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in self._values:
                raise self.error(f"line {key.start_mark.line + 1}: keys must be different words")
            self._values[key.value] = value
        self._unread = set(self._values)

    def error(self, message: str) -> ValueError:
        """A mistake in this mapping, with its place."""
        return ValueError(f"{self._place}: {message}")

    def child(self, key: str) -> "Entry":
        """The mapping under ``key``."""
        return Entry(self._place.rpartition(":")[0], self._take(key))

    def children(self) -> Iterator[tuple[str, "Entry"]]:
        """The mappings under all keys, in the order of the file."""
        for key in self._values:
            yield key, self.child(key)

    def text(self, key: str, default: str | None = None) -> str:
        """The text under ``key``."""
        if default is not None and key not in self._values:
            return default
        node = self._take(key)
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self.error(f"{key} must be a text")
        return " ".join(node.value.split())

    def one_of(self, key: str, words: tuple[str, ...], default: str | None = None) -> str:
        """The word under ``key``, one of ``words``."""
        word = self.text(key, default)
        if word not in words:
            raise self.error(f"{key} is {word!r}, must be one of {', '.join(words)}")
        return word

    def duration(self, key: str, default: str | None = None) -> int:
        """The duration under ``key`` in ps."""
        try:
            return parse_duration(self.text(key, default))
        except UnitError as problem:
            raise self.error(f"{key}: {problem}") from problem

    def femtoseconds(self, key: str, default: str | None = None) -> int:
        """The cost per byte under ``key``, written in ns, as whole fs."""
        return self._whole(key, self.text(key, default), "ns", 1_000_000)

    def hertz(self, key: str) -> int:
        """The clock under ``key``, written in GHz, in Hz."""
        return self._whole(key, self.text(key), "GHz", 1_000_000_000)

    def factor(self, key: str) -> int:
        """The plain number under ``key`` in 1/65536, rounded down."""
        return int(self._number(key, self.text(key)) * UNITY)

    def finish(self) -> None:
        """Refuses keys that have no meaning."""
        if self._unread:
            raise self.error(f"unknown keys: {', '.join(sorted(self._unread))}")

    def _take(self, key: str) -> yaml.Node:
        if key not in self._values:
            raise self.error(f"{key} is missing")
        self._unread.discard(key)
        return self._values[key]

    def _whole(self, key: str, text: str, unit: str, scale: int) -> int:
        value = self._number(key, text.removesuffix(unit)) * scale
        if not text.endswith(unit) or value.denominator != 1:
            raise self.error(f"{key} is {text!r}, must be in {unit} with at most six decimals")
        return value.numerator

    def _number(self, key: str, text: str) -> Fraction:
        digits = text.replace(".", "", 1)
        if not (digits.isascii() and digits.isdecimal()):
            raise self.error(f"{key} is {text!r}, must be a plain number")
        return Fraction(text)


def read(path: Path) -> Entry:
    """The top mapping of the file; raises ValueError where it is not one."""
    node = yaml.compose(
        path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    if node is None:
        raise ValueError(f"{path.name}: the file is empty")
    return Entry(path.name, node)
