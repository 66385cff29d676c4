"""The manifests beside the imported scenario: which objects netsim reads, which it only keeps, in which file."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from netsim.importing.block import document
from netsim.importing.dump import Thing
from netsim.importing.findings import Finding
from netsim.importing.noise import cleaned, pod_spec, shares_ports, without_secrets
from netsim.importing.shapes import Data
from netsim.scenario.located import Map, Seq
from netsim.scenario.manifests import READERS
from netsim.scenario.objects import Objects
from netsim.scenario.validation import Source

# API groups of the kinds that other projects' kinds share a name with.
GROUPS: dict[str, tuple[str, ...]] = {
    "Namespace": ("",),
    "Node": ("",),
    "Pod": ("",),
    "Service": ("",),
    "Deployment": ("apps",),
    "StatefulSet": ("apps",),
    "DaemonSet": ("apps",),
    "EndpointSlice": ("discovery.k8s.io",),
    "NetworkPolicy": ("networking.k8s.io",),
    "Ingress": ("networking.k8s.io",),
    "IngressClass": ("networking.k8s.io",),
    "HorizontalPodAutoscaler": ("autoscaling",),
    "PodDisruptionBudget": ("policy",),
    "Gateway": ("gateway.networking.k8s.io",),
    "GatewayClass": ("gateway.networking.k8s.io",),
    "HTTPRoute": ("gateway.networking.k8s.io",),
}
FILES = {
    "Namespace": "nodes",
    "Node": "nodes",
    "Pod": "pods",
    "Deployment": "workloads",
    "StatefulSet": "workloads",
    "DaemonSet": "workloads",
    "Service": "services",
    "EndpointSlice": "services",
}
OTHER_READ = "more"
KEPT = "unused"
FOLDER = "manifests"
LARGEST_FILE = 32 << 20  # characters; netsim reads files of up to 64 MiB
# Configuration of applications, which may hold what nobody should pass on.
SYSTEM_MAPS = (
    "calico-config", "canal-config", "cilium-config", "kube-flannel-cfg", "kube-proxy", "kubeadm-config",
    "rke2-canal-config", "antrea-config",
)  # fmt: skip
PRIVATE = "an application's configuration is none of netsim's business"
PLACE = (0, 0)
CONTAINERS = (dict, list)


@dataclass(slots=True)
class Manifests:
    """``files`` by path below the scenario's directory; ``read`` are those that the scenario lists."""

    files: dict[str, str] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    objects: Objects = field(default_factory=Objects)
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)  # by kind and reason
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


def manifests(things: Iterable[Thing]) -> Manifests:
    """Files for all objects; what netsim would refuse to read is kept apart from what it reads."""
    found = Manifests()
    by_file: dict[str, list[Data]] = defaultdict(list)
    shared: list[str] = []
    for thing in things:
        if thing.kind == "ConfigMap" and thing.name not in SYSTEM_MAPS:
            found.left_out["ConfigMap", PRIVATE] += 1
            continue
        data = cleaned(thing)
        if shares_ports(pod_spec(thing)):
            shared.append(thing.title)
        reason = _unread(thing, data, found.objects)
        if reason:
            found.kept[thing.kind, reason] += 1
            by_file[KEPT].append(without_secrets(data))
        else:
            by_file[FILES.get(thing.kind, OTHER_READ)].append(data)
    if shared:
        why = f"{len(shared)} objects declare a port in two containers of a pod, and the first keeps it: {shared[0]}"
        found.findings.append(Finding("", why, "which container listens there?"))
    for stem in ("nodes", "workloads", "pods", "services", OTHER_READ, KEPT):
        _write(stem, by_file.get(stem, []), found)
    return found


def _write(stem: str, listed: list[Data], found: Manifests) -> None:
    """One file, or several where it would be too large."""
    texts: list[str] = []
    sizes = 0
    number = 1
    for index, data in enumerate(listed):
        texts.append(document(data))
        sizes += len(texts[-1])
        if sizes < LARGEST_FILE and index < len(listed) - 1 and len(texts) < 9_000:
            continue
        path = f"{FOLDER}/{stem}.yaml" if number == 1 else f"{FOLDER}/{stem}-{number}.yaml"
        found.files[path] = "---\n".join(texts)
        if stem != KEPT:
            found.read.append(path)
        texts, sizes, number = [], 0, number + 1


def _unread(thing: Thing, data: Data, objects: Objects) -> str:
    """Why netsim does not read an object, or "" when it was read into ``objects``."""
    reader = READERS.get(thing.kind)
    if reader is None or thing.group not in GROUPS.get(thing.kind, (thing.group,)):
        return "netsim does not use this kind"
    root = located(data)
    problems = reader(root, Source(f"{FOLDER}/{FILES.get(thing.kind, OTHER_READ)}.yaml", root), objects)
    if not problems:
        return ""
    first = problems[0]
    hint = f": {first.path}: {first.message}" if first.path else f": {first.message}"
    return f"netsim cannot read it{hint}"


def located(data: Any) -> Any:
    """Plain data as the readers of manifests want it, everything at one place."""
    if type(data) is dict:
        whole = Map(PLACE)
        for key, value in data.items():
            whole[key] = located(value) if type(value) in CONTAINERS else value
        whole.places = dict.fromkeys(data, (PLACE, PLACE))
        return whole
    if type(data) is list:
        listed = Seq(PLACE)
        listed.extend([located(value) if type(value) in CONTAINERS else value for value in data])
        listed.places = [PLACE] * len(listed)
        return listed
    return data
