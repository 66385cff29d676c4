"""Which assumed streams network policies forbid: nobody would have sent them."""

from collections.abc import Callable
from ipaddress import IPv4Address

from netsim.importing.flows.flow import Ends
from netsim.importing.who import INTERNET, Who
from netsim.model.cluster import Pod
from netsim.policy import Cast, Evaluator, Party
from netsim.scenario.build import Inventory

Permit = Callable[[Ends], bool]
NODE = "node/"


def permit(inventory: Inventory, who: Who) -> Permit:
    """Says whether the policies of the cluster let the first pods of both ends talk.

    Streams from outside and from nodes are let through: whose address policies see there depends on the way in.
    """
    evaluator = Evaluator(inventory.policies, dict(inventory.namespaces))
    cast = Cast({f"{NODE}{node.name}": Party() for node in inventory.machines.nodes}, dict(inventory.namespaces))
    addresses = {path: IPv4Address(text) for text, path in who.pod_addresses.items() if _is_ipv4(text)}

    def party(pod: Pod) -> Party:
        return cast.pod(pod, addresses.get(pod.path))

    def allows(ends: Ends) -> bool:
        pods = who.owners.get(ends.source)
        service = who.services.get(ends.to.removeprefix("svc/"))
        if ends.source == INTERNET or not pods or service is None or not service.endpoints:
            return True
        target = next((one.target for one in service.targets if one.protocol == "TCP"), None)
        return evaluator.allows(party(pods[0]), party(who.pods[service.endpoints[0]]), (target, "TCP"))

    return allows if inventory.policies else lambda ends: True


def _is_ipv4(written: str) -> bool:
    try:
        IPv4Address(written)
    except ValueError:
        return False
    return True
