"""Takes out of objects what says nothing about the network: bookkeeping, environment, volumes, most of status."""

from typing import Any

from netsim.importing.dump import SECRET, Thing
from netsim.importing.shapes import Data, mapping, part, rows, text

METADATA = ("creationTimestamp", "generateName", "generation", "resourceVersion", "selfLink", "uid", "finalizers")
POD = (
    "enableServiceLinks",
    "imagePullSecrets",
    "preemptionPolicy",
    "priority",
    "schedulerName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "automountServiceAccountToken",
    "volumes",
)
CONTAINER = (
    "args", "command", "env", "envFrom", "image", "imagePullPolicy", "securityContext", "terminationMessagePath",
    "terminationMessagePolicy", "volumeDevices", "volumeMounts", "workingDir", "stdin", "stdinOnce", "tty",
)  # fmt: skip
# What is left of status, by kind; of other kinds' nothing.
STATUS: dict[str, tuple[str, ...]] = {
    "Node": ("addresses", "allocatable", "capacity"),
    "Pod": ("hostIP", "phase", "podIP", "podIPs"),
    "Service": ("loadBalancer",),
    "Ingress": ("loadBalancer",),
    "Gateway": ("addresses",),
    "HorizontalPodAutoscaler": ("currentReplicas", "desiredReplicas"),
}
READY = "Ready"
# Every pod has these two, from the DefaultTolerationSeconds admission plug-in.
EVERY_TOLERATION = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
USUAL_EVICTION = 300


def cleaned(thing: Thing) -> Data:
    """A copy of the object without noise; what is not known to be noise stays."""
    data = _without(thing.data, ("status",))
    metadata = mapping(thing.data, "metadata")
    if metadata:
        data["metadata"] = _without(metadata, METADATA)
        owners = rows(metadata, "ownerReferences")
        if owners:
            data["metadata"]["ownerReferences"] = [_without(one, ("uid", "blockOwnerDeletion")) for one in owners]
    if kept := _status(thing):
        data["status"] = kept
    if thing.kind == "Pod":
        data["spec"] = _pod(mapping(data, "spec"))
    elif (template := mapping(data, "spec", "template")) and "spec" in template:
        inner = {**template, "spec": _pod(mapping(template, "spec"))}
        if isinstance(template.get("metadata"), dict):
            inner["metadata"] = _without(template["metadata"], METADATA)
        data["spec"] = {**mapping(data, "spec"), "template": inner}
    return data


def _status(thing: Thing) -> Data:
    status = mapping(thing.data, "status")
    kept = {key: status[key] for key in STATUS.get(thing.kind, ()) if key in status}
    if thing.kind in ("Node", "Pod"):
        ready = [one for one in rows(status, "conditions") if text(one, "type") == READY]
        if ready:
            kept["conditions"] = [{key: one[key] for key in ("status", "type") if key in one} for one in ready]
    return kept


def _pod(spec: Data) -> Data:
    kept = _without(spec, POD)
    for key in ("containers", "initContainers", "ephemeralContainers"):
        if isinstance(kept.get(key), list):
            kept[key] = [_without(one, CONTAINER) if isinstance(one, dict) else one for one in kept[key]]
    if isinstance(kept.get("containers"), list):
        kept["containers"] = _parted(kept["containers"])
    if isinstance(kept.get("tolerations"), list):
        kept["tolerations"] = [one for one in kept["tolerations"] if not _is_usual(one)]
        if not kept["tolerations"]:
            del kept["tolerations"]
    return kept


def _is_usual(toleration: object) -> bool:
    named = text(toleration, "key") in EVERY_TOLERATION
    return named and isinstance(toleration, dict) and toleration.get("tolerationSeconds") == USUAL_EVICTION


def _without(data: Data, keys: tuple[str, ...]) -> Data:
    return {key: value for key, value in data.items() if key not in keys}


def without_secrets(data: Any) -> Any:
    """The same without the contents of Secrets that lie inside other objects, such as templates."""
    if isinstance(data, dict):
        hidden = ("data", "stringData") if data.get("kind") == SECRET else ()
        return {key: without_secrets(value) for key, value in data.items() if key not in hidden}
    return [without_secrets(one) for one in data] if isinstance(data, list) else data


def pod_spec(thing: Thing) -> Data:
    """The pod that an object is or has a template of."""
    return mapping(thing.data, "spec") if thing.kind == "Pod" else mapping(thing.data, "spec", "template", "spec")


def shares_ports(spec: Data) -> bool:
    """Whether two containers of a pod, or one twice, declare the same port."""
    seen = [key for one in rows(spec, "containers") for port in rows(one, "ports") if (key := _port(port))]
    return len(seen) > len(set(seen))


def _parted(containers: list[Any]) -> list[Any]:
    """The containers with each port in the first of them that declares it: those of a pod share one address."""
    seen: set[tuple[str, str]] = set()
    found: list[Any] = []
    for one in containers:
        ports = part(one, "ports")
        if isinstance(ports, list):
            kept = []
            for port in ports:
                key = _port(port)
                if key is None or key not in seen:
                    kept.append(port)
                seen |= {key} if key else set()
            one = {**one, "ports": kept} if len(kept) < len(ports) else one
        found.append(one)
    return found


def _port(port: object) -> tuple[str, str] | None:
    number = part(port, "containerPort")
    return (text(port, "protocol") or "TCP", str(number)) if number is not None else None
