"""Who is meant by an address or a name in flow logs: workloads, nodes, Services and the ports they are reached at."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from netsim.importing.dump import Dump
from netsim.importing.shapes import rows, text, words
from netsim.model.cluster import Pod, Service
from netsim.scenario.build import Inventory

INTERNET = "internet"
BALANCED = "LoadBalancer"
REACHABLE = (BALANCED, "NodePort")
WORKLOADS = ("deployment", "statefulset", "daemonset")
_REFERENCE = re.compile(r"[a-z]+(/[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?){2}")


@dataclass(frozen=True, slots=True)
class Door:
    """Where requests go in: ``to`` is ``svc/ns/name`` or ``pod/ns/name``, ``port`` the port that is called."""

    to: str
    port: int | None = None


@dataclass(slots=True)
class Who:
    """Everybody in the cluster by name and address."""

    pods: dict[str, Pod] = field(default_factory=dict)  # by ns/name
    services: dict[str, Service] = field(default_factory=dict)  # by ns/name
    owners: dict[str, list[Pod]] = field(default_factory=lambda: defaultdict(list))
    pod_addresses: dict[str, str] = field(default_factory=dict)
    node_addresses: dict[str, str] = field(default_factory=dict)
    service_addresses: dict[str, str] = field(default_factory=dict)
    doors: dict[tuple[str, int], list[Door]] = field(default_factory=lambda: defaultdict(list))
    node_ports: dict[int, Door] = field(default_factory=dict)

    def workload(self, namespace: str, name: str) -> str | None:
        """``deployment/ns/name`` of a workload with pods, or of another kind with that name, or of the pod."""
        candidates = [f"{kind}/{namespace}/{name}" for kind in (*WORKLOADS, "pod")]
        return next((path for path in candidates if path in self.owners), None)

    def asker(self, pod: str) -> str:
        """How a scenario file names the workload of a pod, or the pod where the workload's name is none."""
        owner = self.pods[pod].owner
        return owner if _REFERENCE.fullmatch(owner) else f"pod/{pod}"

    def door(self, pod: str, port: int) -> Door:
        """How a pod's port is reached: by the first of its Services that leads there, else at the pod itself."""
        found = self.doors.get((pod, port))
        if found:
            return found[0]
        listening = {number for one in self.pods[pod].containers for number in one.ports}
        return Door(f"pod/{pod}", port if port in listening else None)

    def at_service(self, path: str, port: int) -> Door | None:
        """A Service that has endpoints, at one of its ports; None where it has none."""
        service = self.services.get(path)
        if service is None or not service.endpoints:
            return None
        ports = tcp_ports(service)
        if not ports:
            return None
        return Door(f"svc/{path}", port if port in ports and port != ports[0] else None)

    def way_in(self, to: str) -> str | None:
        """How sources outside the cluster reach a Service, or None where they cannot."""
        service = self.services.get(to.removeprefix("svc/"))
        if service is None or service.kind not in REACHABLE:
            return None
        return "loadBalancer" if service.kind == BALANCED else "nodePort"


def tcp_ports(service: Service) -> list[int]:
    """The TCP ports of a Service."""
    if service.targets:
        return [one.port for one in service.targets if one.protocol == "TCP"]
    return list(service.ports)


def everybody(dump: Dump, inventory: Inventory) -> Who:
    """The inhabitants of the cluster as netsim has them, with the addresses that the dump gives them."""
    who = Who()
    for pod in inventory.pods:
        who.pods[pod.path] = pod
        who.owners[who.asker(pod.path)].append(pod)
        who.owners.setdefault(f"pod/{pod.path}", [pod])
    for service in inventory.services:
        who.services[service.path] = service
        _open(service, who)
    _addresses(dump, who)
    return who


def _open(service: Service, who: Who) -> None:
    if not service.endpoints:
        return
    ports = tcp_ports(service)
    targets = [(one.port, one.target, one.node_port) for one in service.targets if one.protocol == "TCP"]
    for number, (port, target, node_port) in enumerate(targets):
        door = Door(f"svc/{service.path}", port if number else None)
        for pod in service.endpoints:
            who.doors[pod, target].append(door)
        if node_port is not None:
            who.node_ports.setdefault(node_port, door)
    if not targets:
        for port, node_port in zip(ports, service.node_ports, strict=False):
            who.node_ports.setdefault(node_port, Door(f"svc/{service.path}", port if port != ports[0] else None))


def _addresses(dump: Dump, who: Who) -> None:
    for pod in dump.of("Pod", ""):
        # Pods on the host network have their node's address; whose traffic it is, only the port tells.
        if pod.path in who.pods and not who.pods[pod.path].host_network:
            for address in (text(pod.data, "status", "podIP"), *_each(pod.data, "podIPs", "ip")):
                if address:
                    who.pod_addresses.setdefault(address, pod.path)
    for node in dump.of("Node", ""):
        for address in _each(node.data, "addresses", "address"):
            who.node_addresses.setdefault(address, node.name)
    for service in dump.of("Service", ""):
        given = [text(service.data, "spec", "clusterIP"), *words(service.data, "spec", "externalIPs")]
        given += [text(one, "ip") for one in rows(service.data, "status", "loadBalancer", "ingress")]
        for address in given:
            if address not in ("", "None"):
                who.service_addresses.setdefault(address, service.path)


def _each(data: object, key: str, inner: str) -> Iterable[str]:
    return [found for one in rows(data, "status", key) if (found := text(one, inner))]
