"""Traces of kubenet: nodes with a podCIDR, and nothing else that could carry their packets."""

from netsim.importing.dump import Dump
from netsim.importing.findings import SUPPOSED, Finding, Guess
from netsim.importing.shapes import text


def look(dump: Dump) -> Guess | None:
    """kubenet, where the dump has DaemonSets or pods of the system and no CNI among them."""
    nodes = dump.of("Node", "")
    ranges = [node for node in nodes if text(node.data, "spec", "podCIDR")]
    system = [thing for kind in ("DaemonSet", "Pod") for thing in dump.of(kind) if thing.namespace == "kube-system"]
    if not ranges or not system:
        return None
    why = f"{len(ranges)} of {len(nodes)} nodes have a podCIDR, and no CNI is among the workloads of kube-system"
    return Guess(
        "kubenet", {}, [Finding("cni.plugin: kubenet", why, "is the CNI outside of the cluster's API?")], SUPPOSED
    )
