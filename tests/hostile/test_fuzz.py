"""Whatever is done to a good file, the loader loads it or raises ScenarioError, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netsim.errors import ScenarioError
from netsim.scenario import load
from netsim.scenario.events import documents

ROOT = Path(__file__).parents[2]
GOOD = [path.read_bytes() for path in sorted((ROOT / "scenarios").glob("*.yaml")) if path.stem != "10_shop"]
WORDS = sorted({word for text in GOOD for word in text.split() if len(word) < 30})
SPICES = [
    *b"*a|&a |!!int |<<: |null|true|.inf|.nan|-1|0|1e400|[]|{}|[[|}}|: |- |#|'|? ".split(b"|"),
    *b"svc/|/|..|internet|localhost|1h|10G|5%".split(b"|"),
    *(b"|\n", b">\n", b"\t", b"\r", b"\x00", b"\xff\xfe", b"\xe2\x80\xae", b"\n---\n"),
    *(b"%YAML 1.1\n", b'"', b'"\\ud800"'),
    b"9" * 400,
]

Edit = tuple[int, int, bytes]


def mutated(text: bytes, edits: list[Edit]) -> bytes:
    """The text with each edit made: so many bytes from a place replaced by others."""
    for place, length, new in edits:
        at = place % (len(text) + 1)
        text = text[:at] + new + text[at + length :]
    return text


def refusal(act: Callable[[], object]) -> str:
    """What ScenarioError says, or nothing when all is well; any other exception goes through."""
    try:
        act()
    except ScenarioError as error:
        return str(error)
    return ""


EDITS = st.lists(
    st.tuples(
        st.integers(0, 5000),
        st.sampled_from([0, 0, 1, 2, 5, 40]),
        st.one_of(st.sampled_from(SPICES), st.sampled_from(WORDS), st.binary(max_size=4)),
    ),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=800, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(base=st.sampled_from(GOOD), edits=EDITS)
def test_mutated_scenarios(base: bytes, edits: list[Edit], tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir(exist_ok=True)
    path = tmp_path / "s.yaml"
    path.write_bytes(mutated(base, edits))
    said = refusal(lambda: load(path))
    assert all(line.isprintable() for line in said.splitlines())


MANIFESTS = (ROOT / "scenarios" / "manifests" / "shop.yaml").read_bytes()
USES = b"""apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: x}
spec:
  manifests: [m.yaml]
  cluster: {nodePools: [{name: n, count: 2, labels: {disk: ssd}}]}
  traffic: [{name: t, from: node/n-0, to: svc/shop/cart, rate: 1/s}]
"""


@settings(
    max_examples=500, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(edits=EDITS)
def test_mutated_manifests(edits: list[Edit], tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes(USES)
    (tmp_path / "m.yaml").write_bytes(mutated(MANIFESTS, edits))
    said = refusal(lambda: load(tmp_path / "s.yaml"))
    assert all(line.isprintable() for line in said.splitlines())


@settings(max_examples=2000, derandomize=True, deadline=None, database=None)
@given(
    st.lists(st.sampled_from([word.decode("latin-1") for word in SPICES]) | st.text(max_size=4), max_size=12)
)
def test_any_text_is_data_or_an_error(parts: list[str]) -> None:
    said = refusal(lambda: documents("".join(parts), "x"))
    assert all(line.startswith("x:") for line in said.splitlines())


def test_saboteur_other_exceptions_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netsim.scenario.events.scalar", lambda text: {}[text])
    with pytest.raises(KeyError):
        refusal(lambda: documents("a: b", "x"))


ODD = [
    *(
        None,
        True,
        0,
        -1,
        1,
        10**30,
        0.5,
        1e-9,
        "",
        "x",
        "0",
        "1h",
        "10G",
        "64KiB",
        "100%",
        "5/s",
        [],
        {},
        [[]],
    ),
    *("svc/web", "svc/default/web", "pod/client", "deployment/web", "node/node-0", "external/x", "internet"),
    *(
        "localhost",
        "nodePort",
        "loadBalancer",
        "NodePort",
        "Local",
        "cni.plugin",
        "a.b.c",
        "10.0.0.0/8",
        "::/0",
    ),
    *({"dist": "lognormal", "median": "1ms", "p99": "2ms"}, {"stages": []}, {"parallel": []}, {"name": "x"}),
]


def places(value: object) -> list[tuple[Any, Any]]:
    """Every (container, key) of some data."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in pairs for place in [(value, key), *places(inner)]]


def changed(data: Any, changes: list[tuple[int, int, object]]) -> Any:
    """Data with values replaced, removed, or repeated under other keys."""
    for where, how, new in changes:
        found = places(data)
        if not found:
            break
        holder, key = found[where % len(found)]
        if how == 0:
            del holder[key]
        elif how == 1:
            other, inner = found[(where * 7 + 1) % len(found)]
            holder[key] = json.loads(json.dumps(other[inner]))
        elif how == 2 and isinstance(holder, list):
            holder.append(json.loads(json.dumps(holder[key])))
        else:
            holder[key] = json.loads(json.dumps(new))
    return data


@settings(
    max_examples=600, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(
    base=st.sampled_from(GOOD),
    changes=st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 5), st.sampled_from(ODD)), min_size=1, max_size=3
    ),
)
def test_changed_structures(base: bytes, changes: list[tuple[int, int, object]], tmp_path: Path) -> None:
    data = json.loads(json.dumps(documents(base.decode(), "x")[0].value))
    path = tmp_path / "s.json"
    path.write_text(json.dumps(changed(data, changes)))
    said = refusal(lambda: load(path))
    assert all(line.isprintable() for line in said.splitlines())
