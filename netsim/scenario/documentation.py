"""What a scenario may say: JSON Schema for editors, and one field at a time for ``netsim explain``."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from netsim import cni, fabric, proxy
from netsim.errors import UsageError, nearest, quote
from netsim.scenario.fieldtree import Node, alternatives, descend, schema_of
from netsim.scenario.schema import DEFAULTS, ScenarioFile

NO_PROXY: Node = {
    "type": "object",
    "title": "proxy-none",
    "description": "for a CNI that replaces kube-proxy",
    "properties": {"mode": {"const": "none", "description": "how Service addresses become pod addresses"}},
    "required": ["mode"],
    "additionalProperties": False,
}
PLUGGED = (("cni", cni, "plugin"), ("proxy", proxy, "mode"), ("fabric", fabric, "topology"))


@dataclass(frozen=True, slots=True)
class Description:
    """One field: its dotted path, type, how it is written, default, meaning, and the fields inside it."""

    path: str
    kind: str
    examples: tuple[str, ...]
    default: str | None
    text: str
    required: bool
    fields: tuple[tuple[str, str], ...]


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 7) of scenario files, with the config of every CNI, proxy and fabric."""
    schema: dict[str, Any] = {**schema_of(ScenarioFile)}
    definitions: dict[str, Any] = {**schema["$defs"]}
    spec = {**definitions["Spec"], "properties": {**definitions["Spec"]["properties"]}}
    for field, package, key in PLUGGED:
        choices = []
        for name in package.names():
            title = f"{field}-{name}"
            definitions.update(_renamed(package.load(name), title))
            if field != "fabric" or DEFAULTS[field][key] != name:
                definitions[title]["required"] = [key]
            choices.append({"$ref": f"#/$defs/{title}"})
        if field == "proxy":
            choices.append(NO_PROXY)
        said = {
            key: spec["properties"][field][key] for key in ("description", "title") if key in spec["properties"][field]
        }
        spec["properties"][field] = {"anyOf": choices, **said}
    definitions["Spec"] = spec
    plain = {**schema, "$schema": "http://json-schema.org/draft-07/schema#", "$defs": definitions}
    result: dict[str, Any] = _draft_07(plain)
    return result


def _renamed(module: ModuleType, title: str) -> dict[str, Any]:
    """The definitions of a config model under names of their own."""
    model: type[BaseModel] = module.Config
    schema = _prefixed(model.model_json_schema(by_alias=True), f"{title}-")
    inner = schema.pop("$defs", {})
    return {title: schema, **{f"{title}-{name}": node for name, node in inner.items()}}


def _prefixed(node: Any, prefix: str) -> Any:
    if isinstance(node, dict):
        return {
            key: value.replace("#/$defs/", f"#/$defs/{prefix}") if key == "$ref" else _prefixed(value, prefix)
            for key, value in node.items()
        }
    return [_prefixed(value, prefix) for value in node] if isinstance(node, list) else node


def _draft_07(node: Any) -> Any:
    """The same schema with ``definitions`` for ``$defs``, and ``allOf`` where ``$ref`` has neighbours."""
    if isinstance(node, list):
        return [_draft_07(value) for value in node]
    if not isinstance(node, dict):
        return node
    found = {("definitions" if key == "$defs" else key): _draft_07(value) for key, value in node.items()}
    if isinstance(found.get("$ref"), str):
        reference = {"$ref": found.pop("$ref").replace("#/$defs/", "#/definitions/")}
        return {**found, "allOf": [reference]} if found else reference
    return found


def describe(path: str) -> Description:
    """What is known of a field such as ``cni.backend`` or ``traffic.rate``; raises UsageError for others."""
    root: dict[str, Any] = json_schema()
    steps = [step for step in path.removeprefix("spec.").split(".") if step and step != "spec"]
    outer = root if steps and steps[0] in root["properties"] else root["definitions"]["Spec"]
    nodes, holders = list(alternatives(outer, root)), list[Node]()
    for step in steps:
        holders, nodes = nodes, _named(nodes, step, root)
        if not nodes:
            known = {name for node in _items(holders, root) for name in node.get("properties", {})}
            raise UsageError(f"there is no field {quote(step)} in {quote(path)}", nearest(step, known))
    return _description(path, nodes, _items(holders, root), root)


def _items(nodes: Iterable[Node], root: Node) -> list[Node]:
    """The schemas themselves, or those of the items where they are lists."""
    found: list[Node] = []
    for node in nodes:
        found += alternatives(node["items"], root) if node.get("type") == "array" else [node]
    return found


def _named(nodes: Iterable[Node], step: str, root: Node) -> list[Node]:
    """The schemas of a field; items of lists need no name."""
    return [
        found
        for node in _items(nodes, root)
        if step in node.get("properties", {}) or "additionalProperties" in node
        for found in descend([node], step, root)
    ]


def _description(path: str, nodes: list[Node], holders: list[Node], root: Node) -> Description:
    name = path.rpartition(".")[2]
    written = [node["properties"][name] for node in holders if name in node.get("properties", {})]
    inner = {field: node for item in _items(nodes, root) for field, node in item.get("properties", {}).items()}
    # A field without words of its own is told of in those of its section.
    told = [*written, *nodes, *(node for node in holders if name in node.get("properties", {}))]
    return Description(
        path=path,
        kind=" or ".join(dict.fromkeys(_kind(node) for node in nodes if node.get("type") != "null")),
        examples=tuple(dict.fromkeys(str(example) for node in nodes for example in node.get("examples", ()))),
        default=next((_shown(node["default"]) for node in written if "default" in node), None),
        text=next((node["description"] for node in told if "description" in node), ""),
        required=bool(written)
        and all(name in node.get("required", ()) for node in holders if name in node.get("properties", {})),
        fields=tuple((field, _first_sentence(node)) for field, node in inner.items()),
    )


def _kind(node: Node) -> str:
    if "enum" in node or "const" in node:
        return " | ".join(map(str, node.get("enum", [node.get("const")])))
    kind = node.get("type", "anything")
    kinds = kind if isinstance(kind, list) else [kind]
    return "quantity" if "number" in kinds and "string" in kinds else "/".join(kinds)


def _shown(default: Any) -> str:
    return default if isinstance(default, str) else "none" if default is None else str(default).lower()


def _first_sentence(node: Node) -> str:
    text = str(node.get("description", "")).partition("\n")[0]
    default = node.get("default")
    told = isinstance(default, str | int) and "const" not in node
    return f"{text}; default {_shown(default)}" if told else text
