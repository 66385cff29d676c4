"""Turns what pydantic finds wrong into problems with positions and the nearest right answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from netsim.errors import Problem, nearest, quote
from netsim.scenario.fieldtree import fields_at
from netsim.scenario.located import Map, Seq, Step, Trail, position

M = TypeVar("M", bound=BaseModel)

_KINDS = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "model": "a mapping",
}
_LIMITS = {
    "greater_than": ("gt", "must be more than"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"),
    "less_than_equal": ("le", "must be at most"),
    "too_short": ("min_length", "must have at least"),
    "too_long": ("max_length", "must have at most"),
    "string_too_long": ("max_length", "must have at most"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where data came from: its file, the root of its document, and where in that the data lies."""

    file: str
    root: Map | Seq
    steps: tuple[Step, ...] = ()
    hidden: str = ""
    """The start of paths that is left out in messages."""

    def at(self, *steps: Step) -> "Source":
        """The same document, further in."""
        return Source(self.file, self.root, (*self.steps, *steps), self.hidden)

    def problem(self, message: str, hint: str = "", key: bool = False) -> Problem:
        """A problem at this place: at its value, or at its key."""
        trail = Trail(self.root, self.steps)
        place = trail.key_place if key or len(trail.steps) < len(self.steps) else trail.place
        return Problem(position(self.file, place), trail.path.removeprefix(self.hidden), message, hint)


def validate(model: type[M], data: object, source: Source) -> tuple[M | None, list[Problem]]:
    """The model, or None and all that is wrong with the data."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, [_problem(detail, model, source) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, model: type[BaseModel], source: Source) -> Problem:
    steps = [step for step in detail["loc"] if not str(step).startswith("~")]
    place = source.at(*steps)
    if detail["type"] == "extra_forbidden":
        return _unknown_field(model, detail["loc"], place)
    if detail["type"] == "missing":
        others = fields_at(model, detail["loc"][:-1])
        missing = Source(source.file, source.root, (*source.steps, *steps[:-1]), source.hidden)
        hint = _misspelt(str(steps[-1]), missing, others)
        return missing.problem(f"{quote(steps[-1])} is missing", hint, key=True)
    return place.problem(*_message(detail))


def _misspelt(missing: str, place: Source, known: Sequence[str]) -> str:
    holder = Trail(place.root, place.steps).value
    strangers = [key for key in holder if key not in known] if isinstance(holder, Map) else []
    return f"Is {quote(strangers[0])} meant?" if len(strangers) == 1 else f"Add {missing}: to it."


def _unknown_field(model: type[BaseModel], loc: Sequence[Step], place: Source) -> Problem:
    name = str(loc[-1])
    if planned(name, [str(step) for step in (*place.steps[:-1], *loc[:-1])]):
        return place.problem(f"{quote(name)} is not supported yet", "Leave it out.", key=True)
    hint = nearest(name, fields_at(model, loc[:-1]))
    return place.problem(f"unknown field {quote(name)}", hint, key=True)


def planned(name: str, holders: Sequence[str]) -> bool:
    """Whether a field of this name is part of the design but not built yet."""
    from netsim.scenario.schema import PLANNED

    names = [holder for holder in holders if not holder.isdigit()]
    inner = names[-1].lstrip("~") if names else ""
    keys = [key for key in PLANNED if key and key in names[-2:]]
    keys += [""] if inner == "spec" else []
    keys += ["law"] if names and names[-1].startswith("~") else []
    return any(name in PLANNED[key] for key in keys)


def _message(detail: ErrorDetails) -> tuple[str, str]:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "value_error":
        error = context["error"]
        return getattr(error, "message", str(error)), getattr(error, "hint", "")
    if kind in _LIMITS:
        key, text = _LIMITS[kind]
        unit = {"too_short": " item(s)", "too_long": " item(s)", "string_too_long": " letters"}.get(kind, "")
        return f"{_shown(value)} {text} {context[key]}{unit}", ""
    if kind in ("literal_error", "enum"):
        known = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
        return f"{_shown(value)} is not known", nearest(str(value), known)
    return _shape(kind, context, value)


def _shape(kind: str, context: Mapping[str, Any], value: object) -> tuple[str, str]:
    """Messages for data of the wrong shape."""
    if kind == "union_tag_not_found":
        return "'dist' is missing", "Write dist: lognormal and its parameters, or a plain value."
    if kind == "union_tag_invalid":
        known = [word.strip("'~") for word in context["expected_tags"].split(", ")]
        tag = context["tag"].lstrip("~")
        return f"{quote(tag)} is not known", nearest(tag, [word for word in known if word != "plain"])
    expected = _KINDS.get(kind.removesuffix("_type").removesuffix("_parsing"))
    if kind == "model_attributes_type":
        expected = "a mapping"
    if expected is None:
        return f"{_shown(value)} is not allowed here", f"{kind.replace('_', ' ')}."
    return f"expected {expected}, not {_shown(value)}", ""


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return quote(value) if isinstance(value, str) else quote(str(value)).strip("'")
