"""The objects of all dumps: lists taken apart, every object once, Secrets forgotten as soon as they are met."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from netsim.errors import Position, Problem, ScenarioError
from netsim.importing import json_text, yaml_text
from netsim.importing.inputs import Input, read
from netsim.importing.shapes import Data, mapping, part, text

DEEPEST_LIST = 16
SECRET = "Secret"
NO_KIND = "(no kind)"
MANAGED = "managedFields"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True)
class Thing:
    """One Kubernetes object; ``namespace`` is "" where it has none."""

    kind: str
    group: str
    namespace: str
    name: str
    data: Data

    @property
    def path(self) -> str:
        """``ns/name``, or ``name`` of what is in no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def title(self) -> str:
        """How messages call it."""
        return f"{self.kind} {self.path}"


@dataclass(slots=True)
class Dump:
    """All that was read. ``left_out`` counts what is in no manifest, by kind and reason."""

    things: list[Thing] = field(default_factory=list)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    _by_kind: dict[str, list[Thing]] = field(default_factory=lambda: defaultdict(list))
    _keys: dict[tuple[str, str, str, str], Thing] = field(default_factory=dict)

    @property
    def objects(self) -> int:
        """How many objects were read, those left out among them."""
        return len(self.things) + sum(count for (kind, _), count in self.left_out.items() if kind != NO_KIND)

    def add(self, thing: Thing) -> None:
        """Adds an object; of two with the same name the first stays."""
        key = (thing.kind, thing.group, thing.namespace, thing.name)
        if thing.name and key in self._keys:
            self.left_out[thing.kind, "the same object came before"] += 1
            return
        self._keys[key] = thing
        self.things.append(thing)
        self._by_kind[thing.kind].append(thing)

    def of(self, kind: str, *groups: str) -> list[Thing]:
        """The objects of a kind, of these API groups or of any."""
        return [thing for thing in self._by_kind.get(kind, ()) if not groups or thing.group in groups]

    def find(self, kind: str, *names: str) -> Thing | None:
        """The first object of a kind that has one of these names, in their order."""
        for name in names:
            for thing in self._by_kind.get(kind, ()):
                if thing.name == name:
                    return thing
        return None


def read_dumps(files: Iterable[Input], stdin: BinaryIO | None = None) -> Dump:
    """Everything in the files; raises ScenarioError with what is wrong with any of them."""
    dump, problems = Dump(), list[Problem]()
    for one in files:
        try:
            content = read(one, stdin)
            found = _documents(content, one.name)
        except ScenarioError as error:
            problems += error.problems
            continue
        before = dump.objects
        for document in found:
            _take(document, dump)
        problems += _doubts(found, content, one.name)
        if dump.objects == before and not any(_is_list(document) for document in found):
            problems.append(_no_objects(one.name))
    if problems:
        raise ScenarioError(problems)
    return dump


def _no_objects(name: str) -> Problem:
    hint = "Is this the output of kubectl get -o yaml or -o json?"
    return Problem(Position(name, 1, 1), "", "there is no Kubernetes object in it", hint)


def _is_list(document: object) -> bool:
    return text(document, "kind").endswith("List")


def _documents(content: str, name: str) -> list[Any]:
    if json_text.is_json(content):
        try:
            return json_text.documents(content, name, lighten)
        except ScenarioError:
            # Braces open flow style in YAML, too.
            if not name.lower().removesuffix(".gz").endswith((".yaml", ".yml")):
                raise
    return yaml_text.documents(content, name, lighten)


def _doubts(found: list[Any], content: str, name: str) -> Iterator[Problem]:
    """A list in YAML that ends before its own kind, which kubectl writes last, was cut off where a line ended."""
    last = found[-1] if found else None
    if isinstance(last, dict) and isinstance(last.get("items"), list) and "kind" not in last:
        lines = content.rstrip().count("\n") + 1
        message = f"the list ends after {len(last['items'])} objects without its own kind: it is cut off"
        yield Problem(Position(name, lines, 1), "", message, "Dump it again.")


def _take(document: Any, dump: Dump) -> None:
    """Adds the objects of a document, depth first in the order they are written."""
    waiting: list[tuple[Any, str, str, int]] = [(document, "", "", 0)]
    while waiting:
        data, kind, version, depth = waiting.pop()
        if not isinstance(data, dict):
            if isinstance(data, list) and not depth:
                waiting += [(item, "", "", 1) for item in reversed(data)]
            elif data is not None:
                dump.left_out[NO_KIND, "it is no mapping"] += 1
            continue
        written = data.get("kind", kind)
        items = data.get("items")
        if text(data, "apiVersion").startswith("netsim/"):
            dump.left_out[NO_KIND, "it is netsim's own, not the cluster's"] += 1
        elif not isinstance(written, str) or not written:
            dump.left_out[NO_KIND, "'kind' is missing"] += 1
        elif written.endswith("List") and isinstance(items, list):
            if depth >= DEEPEST_LIST:
                dump.left_out[written, f"it lies in {depth} other lists"] += 1
                continue
            inner, group = written.removesuffix("List"), text(data, "apiVersion") or version
            inner_group = group if inner else ""
            waiting += [(item, inner, inner_group, depth + 1) for item in reversed(items)]
        else:
            _add(data, written, text(data, "apiVersion") or version, dump)


def _add(data: Data, kind: str, version: str, dump: Dump) -> None:
    if kind == SECRET:
        dump.left_out[kind, "what is secret is never written"] += 1
        return
    lighten(data)
    head = {"apiVersion": version, "kind": kind} if version else {"kind": kind}
    whole = {**head, **{key: value for key, value in data.items() if key not in head}}
    group = version.rpartition("/")[0]
    dump.add(Thing(kind, group, text(data, "metadata", "namespace"), text(data, "metadata", "name"), whole))


def lighten(data: Data) -> None:
    """Takes out what doubles an object's size and says nothing new, and what is secret."""
    if data.get("kind") == SECRET:
        data.pop("data", None)
        data.pop("stringData", None)
    metadata = part(data, "metadata")
    if isinstance(metadata, dict):
        metadata.pop(MANAGED, None)
        mapping(metadata, "annotations").pop(APPLIED, None)
