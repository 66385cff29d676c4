"""Events: YAML 1.2 scalars, places of keys and values, and what is refused."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netsim.errors import ScenarioError
from netsim.scenario import events
from netsim.scenario.events import documents
from netsim.scenario.located import Map, Seq, Trail

LOADERS = [yaml.CSafeLoader, yaml.SafeLoader] if yaml.__with_libyaml__ else [yaml.SafeLoader]


@pytest.fixture(params=LOADERS, autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_LOADER", request.param)


def read(text: str) -> object:
    [document] = documents(text, "f.yaml")
    return document.value


def refusals(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        documents(text, "f.yaml")
    return [str(problem) for problem in raised.value.problems]


SCALARS = {
    **{"no": "no", "on": "on", "yes": "yes", "12:30:45": "12:30:45", "2026-11-24": "2026-11-24", "'7'": "7"},
    **{"010": 10, "0x1F": 31, "0o17": 15, "-7": -7, "1e3": 1000.0, ".5": 0.5, "+.inf": float("inf")},
    **{"~": None, "": None, "Null": None, "NONE": "NONE", "true": True, "False": False, '"no"': "no"},
    **{"1_000": "1_000", "10Gbit": "10Gbit", "9" * 41: "9" * 41},
}


@pytest.mark.parametrize("text", SCALARS)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str) -> None:
    value = read(f"a: {text}\n")["a"]
    assert value == SCALARS[text]
    assert type(value) is type(SCALARS[text])


def test_places_of_keys_and_values() -> None:
    value = read("a: 1\nb:\n- x\n-  {c:   yes}\n")
    assert isinstance(value, Map)
    assert value.places["b"] == ((2, 1), (3, 1))
    items = value["b"]
    assert isinstance(items, Seq)
    assert items.places == [(3, 3), (4, 4)]
    assert items[1].places["c"] == ((4, 5), (4, 10))


def test_columns_count_letters_not_bytes() -> None:
    assert read("{ä: 1, 日本: 2}").places["日本"] == ((1, 8), (1, 12))


def test_trail_names_items_by_name() -> None:
    root = read("pools:\n- name: web\n  nics: [{mtu: 9}]\n")
    trail = Trail(root, ("pools", 0, "nics", 0, "mtu"))
    assert trail.path == "pools.web.nics[0].mtu"
    assert trail.place == (3, 16)
    assert Trail(root, ("pools", 7)).path == "pools"


def test_all_problems_of_a_file_at_once() -> None:
    assert refusals("a: &x 1\nb: *x\nb: !t 2\n<<: {c: 1}\n") == [
        "f.yaml:1:4: the anchor '&x' is not allowed. Write the value out.",
        "f.yaml:2:4: the alias '*x' is not allowed. Write the value out.",
        "f.yaml:3:1: the key 'b' is here twice. The first is in line 2.",
        "f.yaml:3:4: the tag '!t' is not allowed. Quote the text if it starts with '!'.",
        "f.yaml:4:1: merge keys (<<) are not allowed. Write the keys out.",
    ]


def test_quoted_keys_are_no_merge_keys() -> None:
    assert read('"<<": 1') == {"<<": 1}


def test_depth_has_a_limit() -> None:
    assert read("[" * 64 + "]" * 64)
    assert refusals("[" * 65 + "]" * 65) == ["f.yaml:1:65: nested more than 64 levels deep."]


def test_very_deep_nesting_is_refused_at_once() -> None:
    [refusal] = refusals("{a: " * 200_000)
    assert refusal.startswith("f.yaml:1:")


def test_number_of_values_and_documents_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_NODES", 10)
    monkeypatch.setattr(events, "MOST_DOCUMENTS", 3)
    assert refusals("[1,2,3,4,5,6,7,8,9,10]") == ["f.yaml:1:20: more than 10 values in one file."]
    assert refusals("--- 1\n--- 2\n--- 3\n--- 4\n") == ["f.yaml:4:1: more than 3 documents in one file."]


# What YAML calls printable; other characters are refused when the file is read.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_json_is_yaml(value: object) -> None:
    assert read(json.dumps(value, ensure_ascii=False)) == value
