"""Walks the JSON Schema of a section: which fields a mapping may have, and what is said of each."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel

from netsim.scenario.located import Step

Node = dict[str, Any]
_CHOICES = ("anyOf", "oneOf", "allOf")


@cache
def schema_of(model: type[BaseModel]) -> Node:
    """The JSON Schema of a model, with the keys that files use."""
    return model.model_json_schema(by_alias=True)


def alternatives(node: Node, root: Node) -> Iterator[Node]:
    """The schemas that a value may follow: references resolved, choices laid out flat."""
    if "$ref" in node:
        target = root
        for part in str(node["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        # What stands beside a reference (description, default) is said of this use of it.
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    choices = [choice for key in _CHOICES for choice in node.get(key, ())]
    if not choices:
        yield node
    for choice in choices:
        yield from alternatives(choice, root)


def descend(nodes: Iterable[Node], step: Step, root: Node) -> list[Node]:
    """The schemas of what lies one step further; the name of a list item counts as its index."""
    found: list[Node] = []
    for node in nodes:
        fields = node.get("properties", {})
        if isinstance(step, str) and step in fields:
            found.extend(alternatives(fields[step], root))
        elif node.get("type") == "array" and isinstance(node.get("items"), dict):
            found.extend(alternatives(node["items"], root))
        elif isinstance(node.get("additionalProperties"), dict):
            found.extend(alternatives(node["additionalProperties"], root))
    return found


def at(model: type[BaseModel], steps: Iterable[Step]) -> list[Node]:
    """The schemas of what a path leads to; steps that are tags of a union lead nowhere else."""
    root = schema_of(model)
    nodes = list(alternatives(root, root))
    for step in steps:
        if isinstance(step, str) and step.startswith("~"):
            continue
        nodes = descend(nodes, step, root)
    return nodes


def fields_at(model: type[BaseModel], steps: Iterable[Step]) -> list[str]:
    """The names of the fields that a mapping at this path may have."""
    return sorted({name for node in at(model, steps) for name in node.get("properties", {})})
