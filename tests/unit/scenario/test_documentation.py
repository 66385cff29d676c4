"""Documentation: every field can be explained, and the schema for editors stays within draft 7."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netsim import cni, fabric, proxy
from netsim.errors import UsageError
from netsim.scenario import describe, json_schema
from netsim.scenario.events import documents

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a schema."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from parts(inner)


def test_schema_is_draft_7() -> None:
    schema = json_schema()
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    json.dumps(schema, allow_nan=False)
    for part in parts(schema):
        assert not {"$defs", "prefixItems", "unevaluatedProperties", "dependentRequired"} & set(part)
        assert "$ref" not in part or len(part) == 1
        if isinstance(part.get("$ref"), str):
            assert part["$ref"].removeprefix("#/definitions/") in schema["definitions"]


def test_schema_knows_every_plug_in() -> None:
    definitions = json_schema()["definitions"]
    for field, package in (("cni", cni), ("proxy", proxy), ("fabric", fabric)):
        assert {f"{field}-{name}" for name in package.names()} <= set(definitions)


def dotted(value: Any, path: str = "") -> Iterator[str]:
    """The path of every field that some data uses, items of lists without their names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}.{key}".lstrip(".")
            yield from dotted(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from dotted(inner, path)


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_field_that_a_tour_uses_can_be_explained(path: Path) -> None:
    spec = documents(path.read_text(), path.name)[0].value["spec"]
    used = sorted({field for field in dotted(spec) if not field.startswith("compare.set.")})
    # Labels are free; their keys are no fields.
    for field in used:
        if ".labels." not in field:
            assert describe(field).kind


def test_description_of_a_field() -> None:
    backend = describe("cni.backend")
    assert backend.kind.split(" | ")[:2] == ["vxlan", "host-gw"]
    assert backend.default == "vxlan"
    duration = describe("run.duration")
    assert (duration.kind, duration.default, duration.required) == ("quantity", "10s", False)
    assert duration.text == "simulated time"
    assert "nodePools" in dict(describe("cluster").fields)
    assert describe("traffic.from").required
    assert describe("metadata.name").required


def test_a_fabric_needs_no_topology() -> None:
    topology = describe("fabric.topology")
    assert (topology.kind, topology.default, topology.required) == ("flat or leaf-spine", "flat", False)
    definitions = json_schema()["definitions"]
    assert "required" not in definitions["fabric-flat"]
    assert definitions["fabric-leaf-spine"]["required"] == ["topology"]
    assert describe("cni.plugin").required


def test_unknown_field_has_a_neighbour() -> None:
    with pytest.raises(UsageError, match="Did you mean 'backend'"):
        describe("cni.bakend")
    with pytest.raises(UsageError, match="Did you mean 'nodePools'"):
        describe("cluster.nodePool.count")


@pytest.mark.parametrize("package", [cni, proxy, fabric], ids=["cni", "proxy", "fabric"])
def test_every_field_of_a_plug_in_is_described_in_its_units(package: Any) -> None:
    for name in package.names():
        schema = package.load(name).Config.model_json_schema()
        for holder in (schema, *schema.get("$defs", {}).values()):
            for field, node in holder["properties"].items():
                assert node.get("description"), f"{name}.{field}"
                if "string" in node["type"] if isinstance(node.get("type"), list) else False:
                    assert isinstance(node["default"], str), f"{name}.{field}: {node['default']}"


@pytest.mark.parametrize(
    ("field", "default", "words"),
    [("cni.backend", "vxlan", "host-gw"), ("fabric.leafUplink.bandwidth", "100Gbit", "rate")],
)
def test_plug_in_fields_have_words_of_their_own(field: str, default: str, words: str) -> None:
    found = describe(field)
    assert (found.default, found.required) == (default, False)
    assert words in found.text


def test_the_fields_of_a_section_tell_their_defaults() -> None:
    assert dict(describe("fabric.leafUplink").fields)["buffer"].endswith("; default 16MiB")
    assert "default" not in dict(describe("cni").fields)["plugin"]
