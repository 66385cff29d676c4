"""The choice of network: CNI, kube-proxy mode and fabric, each validated by the file that defines it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from netsim import cni, fabric, proxy
from netsim.errors import Problem, UsageError, quote
from netsim.ipam import AddressesExhausted, Allocator
from netsim.model.cluster import Pod
from netsim.model.datapath import DataPath
from netsim.scenario.located import Map
from netsim.scenario.pools import Machines
from netsim.scenario.schema import DEFAULTS, Spec
from netsim.scenario.validation import Source, validate

EBPF, IPTABLES, NO_PROXY = "ebpf", "iptables", "none"


@dataclass(frozen=True, slots=True)
class Network:
    """The validated config models of the chosen files, and what the CNI's data path is."""

    cni: BaseModel
    proxy: BaseModel
    fabric: BaseModel
    path: DataPath
    allocator: Allocator | None


def network_of(spec: Spec, source: Source, problems: list[Problem]) -> Network | None:
    """The chosen network, or None; ``source`` is the spec."""
    chosen, settings = _configured(spec.cni, "plugin", cni.load, (source.at("cni"), problems))
    _, wires = _configured(_wires(spec.fabric), "topology", fabric.load, (source.at("fabric"), problems))
    if chosen is None or settings is None:
        return None
    replaced = bool(chosen.replaces_proxy(settings))
    written = dict(spec.proxy) if spec.proxy is not None else {"mode": NO_PROXY if replaced else IPTABLES}
    if wrong := _misfit(written.get("mode"), replaced, str(spec.cni["plugin"])):
        problems.append(source.at("proxy", "mode").problem(*wrong))
        return None
    if written.get("mode") == NO_PROXY:
        written["mode"] = EBPF
    _, rules = _configured(written, "mode", proxy.load, (source.at("proxy"), problems))
    if rules is None or wires is None:
        return None
    return Network(settings, rules, wires, chosen.data_path(settings), chosen.allocator(settings))


def section_problems(spec: Map, source: Source) -> list[Problem]:
    """What is wrong with the chosen CNI and fabric, looked at even when the rest of the spec is wrong."""
    problems: list[Problem] = []
    for section, key, load in (("cni", "plugin", cni.load), ("fabric", "topology", fabric.load)):
        written = spec.get(section)
        if isinstance(written, Map):
            data = _wires(written) if section == "fabric" else written
            _configured(data, key, load, (source.at(section), problems))
    return problems


def _wires(written: dict[str, Any]) -> dict[str, Any]:
    """What is written of the fabric, with the topology that it has where none is."""
    return {**DEFAULTS["fabric"], **written}


def _misfit(mode: object, replaced: bool, plugin: str) -> tuple[str, str] | None:
    """Why a kube-proxy mode does not go with a CNI: Services are translated exactly once."""
    if mode in (NO_PROXY, EBPF) and not replaced:
        others = [name for name in proxy.names() if name != EBPF]
        return f"{plugin} does not replace kube-proxy here", f"Modes for it: {', '.join(others)}."
    if isinstance(mode, str) and mode not in (NO_PROXY, EBPF) and replaced:
        return f"{plugin} replaces kube-proxy here", f"Write mode: {NO_PROXY}, or leave proxy out."
    return None


def _configured(
    data: dict[str, Any], key: str, load: Callable[[str], ModuleType], found: tuple[Source, list[Problem]]
) -> tuple[ModuleType | None, BaseModel | None]:
    """The module that ``key`` names and its validated config."""
    place, problems = found
    name = data.get(key)
    if not isinstance(name, str):
        message = f"{quote(key)} is missing" if name is None else f"{quote(key)} must be text"
        problems.append(place.problem(message, f"Add {key}: to it.", key=True))
        return None, None
    try:
        module = load(name)
    except UsageError as error:
        problems.append(place.at(key).problem(error.message, error.hint))
        return None, None
    model: type[BaseModel] = module.Config
    settings, wrong = validate(model, data, place)
    problems.extend(wrong)
    return module, settings


def check_addresses(
    network: Network, machines: Machines, pods: Iterable[Pod], cluster: tuple[IPv4Network, Source]
) -> Iterator[Problem]:
    """Every pod needs an address from the CNI's allocator; ``cluster`` is the podCIDR and its section."""
    cidr, place = cluster
    if network.allocator is None:
        return
    placed = sorted((pod.path, pod.node) for pod in pods if not pod.host_network)
    nodes = {node.name: node.pod_cidr for node in machines.nodes}
    try:
        network.allocator(placed, nodes, cidr)
    except AddressesExhausted as error:
        yield place.at("podCIDR").problem(str(error))
