"""How dumps are read: lists, many documents, duplicates, Secrets, and what is wrong with files."""

import gzip
import io
import json
from pathlib import Path

import pytest

from netsim.errors import ScenarioError, UsageError
from netsim.importing import Request, bring_in, inputs
from netsim.importing.dump import Dump, read_dumps
from tests.unit.importing.kubernetes import as_json, as_yaml, brought, listed, pod, shop, thing


def dumped(folder: Path, *contents: str | bytes, name: str = "dump") -> Dump:
    files = []
    for number, content in enumerate(contents):
        path = folder / f"{name}{number}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        files.append(str(path))
    return read_dumps(inputs(files))


def refused(folder: Path, content: str | bytes) -> str:
    with pytest.raises(ScenarioError) as caught:
        dumped(folder, content)
    return str(caught.value).replace(f"{folder}/", "")


def titles(dump: Dump) -> list[str]:
    return [thing.title for thing in dump.things]


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    one, other = dumped(tmp_path, as_yaml(shop())), dumped(tmp_path, as_json(shop()))
    assert [thing.data for thing in one.things] == [thing.data for thing in other.things]
    assert titles(one)[:3] == ["Node alpha", "Node beta", "Deployment shop/web"]


def test_items_of_a_typed_list_get_its_kind(tmp_path: Path) -> None:
    items = [{"metadata": {"name": "a", "namespace": "shop"}, "spec": {}}]
    whole = {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items}
    [found] = dumped(tmp_path, json.dumps(whole)).things
    assert (found.kind, found.group, found.path) == ("Pod", "", "shop/a")
    assert found.data["kind"] == "Pod"


def test_lists_within_lists_and_many_documents(tmp_path: Path) -> None:
    inner = listed([pod("a", 1, "n")])
    content = json.dumps(listed([inner, pod("b", 1, "n")])) + json.dumps(pod("c", 1, "n"))
    assert [title.split("/")[1][0] for title in titles(dumped(tmp_path, content))] == ["a", "b", "c"]
    assert titles(dumped(tmp_path, "kind: Node\nmetadata: {name: x}\n---\nkind: Node\nmetadata: {name: y}\n")) == [
        "Node x",
        "Node y",
    ]


def test_lists_of_lists_end(tmp_path: Path) -> None:
    content = '{"kind": "List", "items": [' * 40 + "]}" * 40
    assert dumped(tmp_path, content).things == []


def test_the_same_object_counts_once(tmp_path: Path) -> None:
    dump = dumped(tmp_path, as_json(shop()), as_yaml(shop()))
    assert len(dump.things) == len(shop())
    assert dump.left_out["Pod", "the same object came before"] == 4


def test_secrets_are_never_written(tmp_path: Path) -> None:
    secret = thing("v1", "Secret", "login", "shop", data={"password": "aHVudGVyMg=="})
    applied = {"kubectl.kubernetes.io/last-applied-configuration": '{"password": "aHVudGVyMg=="}'}
    other = thing("example.com/v1", "Vault", "v", "shop", spec={"objects": [secret]})
    other["metadata"]["annotations"] = applied
    template = thing("template.openshift.io/v1", "Template", "t", "shop", objects=[secret])
    application = thing("v1", "ConfigMap", "settings", "shop", data={"password": "hunter2"})
    made = brought(tmp_path, [*shop(), secret, other, template, application])
    everything = "\n".join(made.files.values())
    assert "aHVudGVyMg==" not in everything
    assert "hunter2" not in everything
    assert "left out: 1 Secret: what is secret is never written" in made.told
    assert "kept, not used: 1 Vault: netsim does not use this kind" in made.told
    assert any(line.startswith("left out: 1 ConfigMap") for line in made.told)


def test_lists_of_secrets(tmp_path: Path) -> None:
    whole = {"kind": "SecretList", "apiVersion": "v1", "items": [{"metadata": {"name": "a"}, "data": {"x": "eA=="}}]}
    dump = dumped(tmp_path, json.dumps(whole))
    assert dump.things == []
    assert sum(dump.left_out.values()) == 1


def test_unknown_kinds_and_fields_are_kept(tmp_path: Path) -> None:
    odd = thing("example.com/v1", "Gadget", "g", "shop", spec={"colour": "blue"})
    dump = shop()
    dump[0]["spec"]["futureField"] = {"deep": [1, 2]}
    made = brought(tmp_path, [*dump, odd])
    assert "colour: blue" in made.files["manifests/unused.yaml"]
    assert "futureField:\n    deep:\n    - 1\n    - 2\n" in made.files["manifests/nodes.yaml"]
    assert "manifests/unused.yaml keeps 1 objects that netsim does not read: Gadget" in made.files["scenario.yaml"]


def test_a_kind_of_another_group_is_not_taken_for_kubernetes_own(tmp_path: Path) -> None:
    made = brought(
        tmp_path, [*shop(), thing("serving.knative.dev/v1", "Service", "web2", "shop", spec={"template": {}})]
    )
    assert "kept, not used: 1 Service: netsim does not use this kind" in made.told
    assert made.problems == []


def test_what_netsim_cannot_read_is_kept_apart_with_the_reason(tmp_path: Path) -> None:
    bad = pod("web", 7, "alpha")
    bad["spec"]["containers"] = []
    made = brought(tmp_path, [*shop(), bad])
    [told] = [line for line in made.told if "cannot read" in line]
    assert (
        told
        == "kept, not used: 1 Pod: netsim cannot read it: spec.containers: a list of 0 must have at least 1 item(s)"
    )
    assert made.problems == []


def test_truncated_json_tells_the_object(tmp_path: Path) -> None:
    content = as_json(shop())
    content = content[: content.index('"web-6d4')]
    assert refused(tmp_path, content) == (
        f"dump0:{content.count(chr(10)) + 1}:25: the file ends in object 5 of the list: it is cut off. Dump it again."
    )


def test_truncated_yaml(tmp_path: Path) -> None:
    content = as_yaml(shop())
    at_line = content[: content.index("- apiVersion: v1\n  kind: Service")]
    assert "the list ends after 8 objects without its own kind: it is cut off. Dump it again." in refused(
        tmp_path, at_line
    )
    assert "this is not YAML" in refused(tmp_path, content[: content.index("resourceVersion: '") + 20])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "dump0:1:1: the file is empty. Did kubectl fail?"),
        (b" " * 1_000_000, "dump0:1:1: the file is empty. Did kubectl fail?"),
        (b"\x00\x01\x02", "dump0:1:1: this is not YAML"),
        (b"kind: Pod\nname: \xff\n", "dump0:2:7: this is not UTF-8 text: byte 0xff"),
        (b"just words\n", "dump0:1:1: there is no Kubernetes object in it. Is this the output of kubectl"),
        (b"apiVersion: netsim/v1alpha1\nkind: Scenario\n", "dump0:1:1: there is no Kubernetes object in it"),
        (b"[1, 2]", "dump0:1:1: there is no Kubernetes object in it"),
        (b"a: &a [x]\nb: *a\n", "dump0:1:4: anchors and tags are not allowed"),
        (b"a: 1\na: 2\n", "dump0:2:1: the key 'a' is here twice"),
        (b"[" * 100_000, "dump0:1:1: this is not JSON: nested too deep"),
        (b"- " * 100, "nested more than 64 levels deep"),
        (b'{"kind": NaN}', "dump0:1:1: this is not JSON: NaN is not JSON"),
        (b'{"kind": "Pod" "x"}', "dump0:1:16: this is not JSON: Expecting ',' delimiter"),
        (b'{"kind": ' + b"9" * 5000 + b"}", "dump0:1:1: this is not JSON"),
        (b"\x1f\x8b\x08broken", "dump0: gzip cannot open it"),
    ],
)
def test_what_is_no_dump_is_located(content: bytes, message: str, tmp_path: Path) -> None:
    assert message in refused(tmp_path, content)


def test_all_broken_files_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        dumped(tmp_path, "", as_json(shop()), "{")
    assert len(caught.value.problems) == 2


def test_gzip_directories_and_stdin(tmp_path: Path) -> None:
    inside = tmp_path / "dumps" / "shop"
    inside.mkdir(parents=True)
    (inside / "a.json.gz").write_bytes(gzip.compress(as_json(shop()[:2]).encode()))
    (inside / "b.yaml").write_text(as_yaml(shop()[2:4]))
    (inside / "logs.txt").write_text("not read")
    (inside / ".hidden.yaml").write_text("not: read")
    files = inputs([str(tmp_path / "dumps"), "-"])
    assert [Path(one.name).name for one in files] == ["a.json.gz", "b.yaml", "<stdin>"]
    dump = read_dumps(files, io.BytesIO(as_json(shop()[4:]).encode()))
    assert len(dump.things) == len(shop())


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there is no such file"):
        bring_in(Request(inputs([str(tmp_path / "absent.yaml")])))
    with pytest.raises(UsageError, match="has no YAML or JSON file in it"):
        inputs([str(tmp_path)])


def test_an_empty_list_is_no_mistake(tmp_path: Path) -> None:
    made = brought(tmp_path, [])
    assert made.problems == []
    assert "pod/netsim/ping" in made.files["scenario.yaml"]


def test_halves_of_surrogate_pairs(tmp_path: Path) -> None:
    content = '{"kind": "Node", "metadata": {"name": "a"}, "x": ["\\ud800", "\\udc00", "\\ud83d\\ude00"]}'
    [found] = dumped(tmp_path, content).things
    assert found.data["x"] == ["\ufffd", "\ufffd", "\U0001f600"]
