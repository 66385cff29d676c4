"""Import says no only in words: whatever shape a dump has, it is imported or refused with a place."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netsim.errors import InputError
from netsim.importing import Request, bring_in
from netsim.importing.inputs import Input
from tests.unit.importing.kubernetes import as_json, config_map, daemon_set, listed, shop, thing

ODD: list[Any] = [None, True, 0, -1, 3.5, 10**30, "", "x", "\ud800", "a: b", [], [[]], [None], {}, {"": {}}, "10.0.0.0/8"]


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


def broken(changes: list[tuple[tuple[Any, ...], Any]]) -> str:
    """The dump with other values at some places."""
    data = json.loads(json.dumps(WHOLE))
    for way, value in changes:
        holder = data
        try:
            for step in way[:-1]:
                holder = holder[step]
            if way:
                holder[way[-1]] = value
            else:
                data = value
        except (KeyError, IndexError, TypeError):
            continue
    return json.dumps(data)


def imported(folder: Path, content: bytes) -> None:
    """Imports a dump or sees it refused in words."""
    path = folder / "dump"
    path.write_bytes(content)
    try:
        made = bring_in(Request([Input("dump", path)]))
    except InputError as error:
        assert str(error)
        assert "Error" not in str(error).split(":")[0]
    else:
        assert made.files["scenario.yaml"].startswith("# Imported by ")
        assert all(content.encode() for content in made.files.values())


CHANGE = st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("importing")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGE, min_size=1, max_size=6))
def test_wrong_types_anywhere(folder: Path, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    imported(folder, broken(changes).encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(cut=st.floats(0, 1), content=st.sampled_from([as_json(shop()), as_json(everything())]))
def test_cut_anywhere(folder: Path, cut: float, content: str) -> None:
    imported(folder, content[: int(cut * len(content))].encode())


@settings(max_examples=200, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), st.text("{}[]:,-&*!|>'\"%@` \n\tabkinditems0", max_size=80).map(str.encode)))
def test_noise(folder: Path, content: bytes) -> None:
    imported(folder, content)
