"""Where a CNI's data path holds opening packets against policies: as stages between the others."""

from dataclasses import replace

from netsim.model.datapath import DataPath, Stage
from netsim.model.policy import EGRESS, INGRESS
from netsim.model.stages import FILTER, POLICY_EGRESS, POLICY_INGRESS, TC_BPF

Stages = tuple[Stage, ...]
ENFORCING = (FILTER.name, TC_BPF.name)  # behind the first of these, where a Service's address is a pod's already


def policed(path: DataPath, directions: tuple[str, ...]) -> DataPath:
    """The data path with the screens of these directions, "egress" behind the first filter that a pod's packet
    meets, "ingress" before it is handed to the pod."""
    if EGRESS in directions:
        path = replace(
            path,
            local=leaving(path.local),
            egress=leaving(path.egress),
            external_egress=leaving(path.external_egress),
            local_service=path.local_service and leaving(path.local_service),
            direct_egress=path.direct_egress and leaving(path.direct_egress),
            to_gateway=path.to_gateway and replace(path.to_gateway, sent=leaving(path.to_gateway.sent)),
            to_host=leaving(path.entry_local if path.to_host is None else path.to_host),
        )
    return replace(path, pod_in=(POLICY_INGRESS, *path.pod_in)) if INGRESS in directions else path


def leaving(pieces: Stages) -> Stages:
    """With the screen of egress policies behind the first filter, at the front where there is none."""
    place = next((number + 1 for number, stage in enumerate(pieces) if stage.name in ENFORCING), 0)
    return (*pieces[:place], POLICY_EGRESS, *pieces[place:])


def exempt(pieces: Stages) -> Stages:
    """Without screens: policies never come between a node and the pods that are on it."""
    return tuple(stage for stage in pieces if not stage.screens)
