"""Import says no only in words: whatever shape a dump has, it is imported or refused with a place."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsim.errors import InputError, ScenarioError
from netsim.importing import Imported, Request, bring_in
from netsim.importing.inputs import Input
from netsim.scenario import load
from tests.unit.importing.kubernetes import as_json, config_map, daemon_set, listed, shop, thing

ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    3.5,
    10**30,
    "",
    "x",
    "\ud800",
    "a: b",
    [],
    [[]],
    [None],
    {},
    {"": {}},
    "10.0.0.0/8",
]


def everything() -> list[dict[str, Any]]:
    """A shop with every kind that import reads for evidence."""
    conf = json.dumps({"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan", "MTU": 1400}})
    calico = "crd.projectcalico.org/v1"
    network = {"ipPools": [{"cidr": "10.244.0.0/16", "encapsulation": "VXLAN", "blockSize": 26}], "mtu": 1400}
    return [
        *shop(),
        config_map("kube-flannel-cfg", {"net-conf.json": conf}),
        config_map("canal-config", {"veth_mtu": "1400"}),
        config_map("calico-config", {"veth_mtu": "1400"}),
        config_map("cilium-config", {"routing-mode": "native", "kube-proxy-replacement": "true", "mtu": "1400"}),
        config_map("kube-proxy", {"config.conf": "mode: ipvs\nconntrack: {maxPerCore: 1}\nclusterCIDR: 10.0.0.0/8\n"}),
        config_map("kubeadm-config", {"ClusterConfiguration": "networking: {podSubnet: 10.244.0.0/16}\n"}),
        thing(calico, "IPPool", "a", spec={"cidr": "10.244.0.0/16", "ipipMode": "Always", "blockSize": 26}),
        thing(calico, "FelixConfiguration", "default", spec={"bpfEnabled": True, "wireguardEnabled": False}),
        thing(calico, "BGPConfiguration", "default", spec={"nodeToNodeMeshEnabled": True}),
        thing("operator.tigera.io/v1", "Installation", "default", spec={"calicoNetwork": network}),
        daemon_set("calico-node", env={"CALICO_IPV4POOL_IPIP": "Always"}),
        daemon_set("weave-net", env={"WEAVE_MTU": "1400"}, args=["--no-fastdp"]),
        daemon_set("kube-proxy", args=["--proxy-mode", "ipvs"]),
    ]


def places(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in plain data."""
    yield way
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from places(value, (*way, key))


WHOLE = listed(everything())
PLACES = list(places(WHOLE))


def broken(whole: Any, changes: list[tuple[tuple[Any, ...], Any]]) -> str:
    """Plain data with other values at some places, as JSON."""
    data = json.loads(json.dumps(whole))
    for way, value in changes:
        holder = data
        try:
            for step in way[:-1]:
                holder = holder[step]
            if way:
                holder[way[-1]] = deepcopy(value)
            else:
                data = deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue
    return json.dumps(data)


def imported(folder: Path, content: bytes, log: tuple[str, bytes] | None = None) -> Imported | None:
    """The import of a dump, with a flow log of a kind or without; None where it is refused in words."""
    path, flows = folder / "dump", folder / "flows"
    path.write_bytes(content)
    flows.write_bytes(log[1] if log else b"")
    request = Request([Input("dump", path)], [(log[0], Input("flows", flows))] if log else [])
    refused = ""
    try:
        made = bring_in(request)
    except InputError as error:
        refused = str(error)
        made = None
    assert made is not None or refused.startswith(("dump", "flows")), refused
    if made is not None:
        assert made.files["scenario.yaml"].startswith("# Imported by ")
        assert all(text.encode() for text in made.files.values())
    return made


CHANGE = st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("importing")


@settings(max_examples=200, deadline=None)
@given(changes=st.lists(CHANGE, min_size=1, max_size=6))
def test_wrong_types_anywhere(folder: Path, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    imported(folder, broken(WHOLE, changes).encode("utf-8", "surrogatepass"))


@settings(max_examples=30, deadline=None)
@given(changes=st.lists(CHANGE, min_size=1, max_size=3))
def test_what_import_calls_runnable_loads(folder: Path, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    made = imported(folder, broken(WHOLE, changes).encode("utf-8", "surrogatepass"))
    if made is None:
        return
    for name, text in made.files.items():
        (folder / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "out" / name).write_text(text, encoding="utf-8")
    found = ""
    try:
        load(folder / "out" / "scenario.yaml")
    except ScenarioError as error:
        found = str(error)
    assert bool(made.problems) == bool(found), (made.problems, found)


@settings(max_examples=60, deadline=None)
@given(cut=st.floats(0, 1), content=st.sampled_from([as_json(shop()), as_json(everything())]))
def test_cut_anywhere(folder: Path, cut: float, content: str) -> None:
    imported(folder, content[: int(cut * len(content))].encode())


LETTERS = "{}[]:,-&*!|>'\"%@` \n\tabkinditems0"


@settings(max_examples=200, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), st.text(LETTERS, max_size=80).map(str.encode)))
def test_noise(folder: Path, content: bytes) -> None:
    imported(folder, content)


SHOP = as_json(shop()).encode()
END = {
    "namespace": "shop",
    "pod_name": "web-6d4cf56db6-00001",
    "labels": ["reserved:world"],
    "workloads": [{"name": "web"}],
}
FLOW = {
    "time": "2026-01-02T03:04:05.678Z",
    "verdict": "FORWARDED",
    "is_reply": False,
    "IP": {"source": "10.244.1.1", "destination": "10.244.2.2"},
    "l4": {"TCP": {"source_port": 1, "destination_port": 8080, "flags": {"SYN": True}}},
    "l7": {"type": "REQUEST"},
    "source": END,
    "destination": END,
    "destination_service": {"name": "cart", "namespace": "shop"},
}
LABELS = {"source_workload": "web", "destination_service": "cart.shop.svc", "reporter": "source", "__name__": "x"}
SERIES = {"metric": LABELS, "values": [[0, "1"], [60, "9"]], "value": [0, "1"]}
ANSWER = {"status": "success", "data": {"resultType": "matrix", "result": [SERIES, SERIES]}}
LOGS = {"hubble": FLOW, "istio": ANSWER}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(LOGS)))
def test_flow_logs_of_wrong_types(folder: Path, data: st.DataObject, kind: str) -> None:
    ways = st.sampled_from(list(places(LOGS[kind])))
    changes = data.draw(st.lists(st.tuples(ways, st.sampled_from(ODD)), max_size=4))
    later = json.dumps({**FLOW, "time": "2026-01-02T03:05:05Z"})
    content = broken(LOGS[kind], changes) + (f"\n{later}\n" if kind == "hubble" else "")
    imported(folder, SHOP, (kind, content.encode()))


CELLS = st.sampled_from(
    ["2", "eni-1", "10.244.1.1", "192.0.2.1", "8080", "6", "17", "-", "0", "9" * 30, "ACCEPT", "OK", "é"]
)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=14, max_size=14), max_size=4))
def test_vpc_logs_of_wrong_cells(folder: Path, rows: list[list[str]]) -> None:
    imported(folder, SHOP, ("vpc", "\n".join(map(" ".join, rows)).encode()))
