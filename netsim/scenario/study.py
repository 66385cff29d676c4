"""Loads a scenario file: every variant as a Scenario of the model, or all that is wrong with it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from netsim.errors import Position, Problem, ScenarioError, quote
from netsim.model.cluster import Scenario
from netsim.scenario.build import Inventory, build, take_stock
from netsim.scenario.compared import together, unlike
from netsim.scenario.events import documents
from netsim.scenario.idle import idle
from netsim.scenario.located import Map, Place, Seq, item_name, position
from netsim.scenario.manifests import read_manifests
from netsim.scenario.network import section_problems
from netsim.scenario.objects import Objects
from netsim.scenario.overlay import OverlayError, overlaid, touched
from netsim.scenario.policies import doubts
from netsim.scenario.routes import lost
from netsim.scenario.schema import ScenarioFile, Spec
from netsim.scenario.source import inside, read_text
from netsim.scenario.validation import Source, validate

START = "Start with `netsim init`."
# A change of these parts of a spec moves pods; all other variants share one placement.
PLACED = {"cluster", "workloads", "services", "ingress", "traffic"}


@dataclass(frozen=True)
class Study:
    """A scenario file, ready to run.

    ``description`` is the question in its leading comment, ``notices`` what was read but is not used,
    ``positions`` where each dotted path below ``spec`` was written (``traffic.users.rate``).
    """

    name: str
    description: str
    path: Path
    variants: tuple[Scenario, ...]
    notices: tuple[Problem, ...]
    positions: Mapping[str, Position]

    def __reduce__(self) -> tuple[Any, ...]:
        positions = dict(self.positions)
        return Study, (self.name, self.description, self.path, self.variants, self.notices, positions)


def load(path: Path | str) -> Study:
    """Reads a scenario file and the manifests that it names; raises ScenarioError with all that is wrong."""
    path = Path(path)
    text = read_text(path, str(path))
    root = _only_document(text, str(path))
    whole = Source(str(path), root, (), "spec.")
    file, problems = validate(ScenarioFile, root, whole)
    manifests, more = _manifests(path, root)
    problems += more
    # What a faulty manifest does not describe would only seem to be missing.
    if file is None or more:
        spec = root.get("spec")
        raise ScenarioError([*problems, *(section_problems(spec, whole.at("spec")) if isinstance(spec, Map) else ())])
    variants, told = _variants(file, manifests, whole, problems)
    if problems:
        raise ScenarioError(problems)
    return Study(
        name=file.metadata.name,
        description=_leading_comment(text),
        path=path,
        variants=tuple(variants),
        notices=(*_notices(manifests, variants), *together(told, len(variants))),
        positions=MappingProxyType(dict(_positions(root["spec"], str(path)))),
    )


def _only_document(text: str, name: str) -> Map:
    found = [document for document in documents(text, name) if document.value is not None]
    if not found:
        message, hint, place = "the file has no content but comments", START, (1, 1)
    elif len(found) > 1:
        message, hint, place = "a second document starts here", "A scenario file has one.", found[1].at
    elif not isinstance(found[0].value, Map):
        message, hint, place = (
            "a scenario is a mapping of apiVersion, kind, metadata, spec",
            START,
            found[0].at,
        )
    else:
        return found[0].value
    raise ScenarioError([Problem(position(name, place), "", message, hint)])


def _manifests(path: Path, root: Map) -> tuple[Objects, list[Problem]]:
    """All objects of the manifests, read even when the rest of the file is wrong."""
    objects, problems = Objects(), list[Problem]()
    spec = root.get("spec")
    listed = spec.get("manifests") if isinstance(spec, Map) else None
    seen: set[Path] = set()
    for index, reference in enumerate(listed if isinstance(listed, Seq) else ()):
        place = Source(str(path), root, ("spec", "manifests", index), "spec.")
        if not isinstance(reference, str):
            continue
        try:
            target = inside(path.parent, reference)
        except (ValueError, OSError, RuntimeError) as error:
            problems.append(place.problem(f"{quote(reference)} {error}", "Put it beside or below the scenario."))
            continue
        if target in seen:
            problems.append(place.problem(f"{quote(reference)} is listed twice"))
        else:
            wrong = read_manifests(target, str(path.parent / reference), objects)
            problems += [_about(place, reference, problem) for problem in wrong]
        seen.add(target)
    return objects, problems


def _about(place: Source, reference: str, problem: Problem) -> Problem:
    """A problem with a manifest; one with the file as a whole is told where the scenario names it."""
    if problem.position is None or problem.position.line:
        return problem
    return place.problem(f"{quote(reference)}: {problem.message}", problem.hint)


def _variants(
    file: ScenarioFile, manifests: Objects, whole: Source, problems: list[Problem]
) -> tuple[list[Scenario], list[tuple[str, Problem]]]:
    """Every variant that is right, and their notices; what is wrong with all of them is told once, at its own place."""
    base = take_stock(file.spec, manifests, whole.at("spec"))
    built: list[tuple[Scenario, Source]] = []
    told: list[tuple[str, Problem]] = []
    wrong: list[tuple[int, list[Problem]]] = []
    entries = file.spec.compare
    if not entries:
        name = str(file.spec.cni.get("plugin", ""))
        scenario, found = build((file.metadata.name, name), file.spec, base, whole.at("spec"))
        problems += found
        told += [(name, notice) for notice in idle(file.spec, scenario, whole.at("spec"))] if scenario else []
        return ([scenario] if scenario else []), told
    for index, entry in enumerate(entries):
        place = whole.at("spec", "compare", index)
        if entry.name in [earlier.name for earlier in entries[:index]]:
            problems.append(place.at("name").problem(f"there are two variants named {quote(entry.name)}"))
        try:
            scenario, found, notices = _variant((file, index), manifests, base, whole)
        except OverlayError as error:
            problems.append(place.at("set", error.key).problem(error.message, error.hint, key=True))
            continue
        wrong.append((index, found))
        built += [(scenario, place)] if scenario else []
        told += [(entry.name, notice) for notice in notices]
    problems += unlike(built)
    counts = Counter(problem for _, found in wrong for problem in set(found))
    for index, found in wrong:
        for problem in found:
            common = counts[problem] == len(entries)
            problems.append(problem if common else _blamed(problem, index, whole))
    return [scenario for scenario, _ in built], told


def _variant(
    which: tuple[ScenarioFile, int], manifests: Objects, base: Inventory, whole: Source
) -> tuple[Scenario | None, list[Problem], list[Problem]]:
    """A variant or None, what is wrong with it, and notices."""
    file, index = which
    entry = whole.root["spec"]["compare"][index]  # type: ignore[call-overload]
    changes = entry.get("set", Map(entry.at))
    root = whole.root.copy()
    root["spec"] = overlaid(root["spec"], changes)  # type: ignore[call-overload]
    source = replace(whole, root=root).at("spec")
    spec, problems = validate(Spec, root["spec"], source)  # type: ignore[call-overload]
    if spec is None:
        return None, problems, []
    moved = touched(changes) & PLACED
    inventory = take_stock(spec, manifests, source) if moved else base
    scenario, problems = build((file.metadata.name, file.spec.compare[index].name), spec, inventory, source)
    return scenario, problems, list(idle(spec, scenario, source)) if scenario else []


def _blamed(problem: Problem, index: int, whole: Source) -> Problem:
    """A problem of one variant, moved to the key of its ``set`` that brought it about."""
    place = whole.at("spec", "compare", index)
    entry = whole.root["spec"]["compare"][index]  # type: ignore[call-overload]
    changes = entry.get("set", Map(entry.at))
    path = f"compare.{entry['name']}: {problem.path}"
    at = problem.position
    if at is not None and at.file == whole.file and (at.line, at.column) in set(_places(changes)):
        return replace(problem, path=path)
    part = problem.path.partition(".")[0].partition("[")[0]
    keys = [key for key in changes if key.split(".")[0] == part] or list(changes)
    blamed = place.at("set", keys[0]) if keys else place
    return replace(blamed.problem(problem.message, problem.hint, key=True), path=path)


def _places(value: object) -> Iterator[Place]:
    if isinstance(value, Map):
        for key, inner in value.items():
            yield from value.places[key]
            yield from _places(inner)
    elif isinstance(value, Seq):
        yield from value.places
        for inner in value:
            yield from _places(inner)


def _positions(value: Map | Seq, file: str, path: str = "") -> Iterator[tuple[str, Position]]:
    """The dotted path of everything in a spec, with the place of its key."""
    if isinstance(value, Map):
        parts = [(key, value.places[key][0], inner) for key, inner in value.items()]
    else:
        parts = [(item_name(inner, index), value.places[index], inner) for index, inner in enumerate(value)]
    for name, place, inner in parts:
        inner_path = name if not path else f"{path}{name}" if name.startswith("[") else f"{path}.{name}"
        yield inner_path, position(file, place)
        if isinstance(inner, Map | Seq):
            yield from _positions(inner, file, inner_path)


def _leading_comment(text: str) -> str:
    """The question that a file opens with: its first lines while they are comments."""
    words: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# yaml-language-server:"):
            words.append(line.lstrip("#").strip())
    return " ".join(filter(None, words))


def _notices(manifests: Objects, variants: list[Scenario]) -> Iterator[Problem]:
    for kind, sources in sorted(manifests.ignored.items()):
        count = f"{len(sources)} objects" if len(sources) > 1 else "1 object"
        yield replace(sources[0].problem(f"{count} of kind {quote(kind)} not used"), path="")
    yield from manifests.notices
    yield from lost(manifests.routes.values(), {one.path for one in variants[0].cluster.services} if variants else ())
    yield from doubts(list(manifests.policies.values()), variants)
    for service in variants[0].cluster.services if variants else ():
        if not service.endpoints:
            yield Problem(None, f"svc/{service.path}", "this Service has no endpoints")
