"""Which objects become part of the simulated cluster, and which are left out and why."""

from collections import Counter
from dataclasses import dataclass, field

from netsim.importing.dump import Dump, Thing
from netsim.importing.findings import Finding
from netsim.importing.shapes import Data, mapping, part, rows, text

PHASES = {"Succeeded": "it has ended", "Failed": "it has ended"}
OWNERS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(slots=True)
class Population:
    """The objects that stay, in the order of the dump; ``findings`` says what was changed in them."""

    things: list[Thing] = field(default_factory=list)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


def populate(dump: Dump) -> Population:
    """Pods that run, workloads that have some, everything else; whether a pod is ready, its status says."""
    found = Population(left_out=Counter(dump.left_out))
    waiting = [pod for pod in dump.of("Pod", "") if not _absence(pod.data)]
    staffed = {owner for pod in waiting for owner in _owners(pod)}
    namespaces = {pod.namespace for pod in dump.of("Pod", "")}
    idle: list[str] = []
    for thing in dump.things:
        if thing.kind == "Pod" and thing.group == "" and (reason := _absence(thing.data)):
            found.left_out["Pod", reason] += 1
        elif not _is_workload(thing) or thing.namespace not in namespaces or _key(thing) in staffed:
            found.things.append(thing)
        elif thing.kind == "DaemonSet":
            found.left_out["DaemonSet", "none of its pods runs"] += 1
        else:
            found.things.append(_without_pods(thing))
            idle += [] if part(thing.data, "spec", "replicas") == 0 else [thing.path]
    if idle:
        named = ", ".join(idle[:5]) + (", ..." if len(idle) > 5 else "")
        why = f"{len(idle)} workloads have no pod that runs; their replicas are 0 in the manifests: {named}"
        found.findings.append(Finding("", why, "were they meant to be down?"))
    return found


def _absence(pod: Data) -> str:
    """Why a pod takes no traffic, or ""."""
    phase = text(pod, "status", "phase")
    if phase in PHASES:
        return PHASES[phase]
    if part(pod, "metadata", "deletionTimestamp") is not None:
        return "it is being deleted"
    if phase not in ("", "Running"):
        return "it is not running"
    return ""


def _is_workload(thing: Thing) -> bool:
    return thing.kind in OWNERS and thing.group == "apps"


def _key(thing: Thing) -> tuple[str, str, str]:
    return thing.kind, thing.namespace, thing.name


def _owners(pod: Thing) -> list[tuple[str, str, str]]:
    """The workloads that a pod belongs to: a ReplicaSet is called after its Deployment and a hash."""
    found = []
    for owner in rows(pod.data, "metadata", "ownerReferences"):
        kind, name = text(owner, "kind"), text(owner, "name")
        if kind == "ReplicaSet":
            kind, name = "Deployment", name.rpartition("-")[0]
        found.append((kind, pod.namespace, name))
    return found


def _without_pods(thing: Thing) -> Thing:
    spec = {**mapping(thing.data, "spec"), "replicas": 0}
    return Thing(thing.kind, thing.group, thing.namespace, thing.name, {**thing.data, "spec": spec})
