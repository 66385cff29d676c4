"""Placement: which node a pod runs on: the one with the fewest pods, then the first by name.

CPU and memory requests, taints and affinity are not looked at.
"""

import heapq
from collections.abc import Iterable, Sequence

from netsim.model.cluster import Node
from netsim.model.policy import Labels

FULL, PORTS, LABELS = "full", "ports", "labels"  # why a pod fits on no node


class Board:
    """How full each node is. ``queues`` has a heap of (pods, node) for each node selector, updated late."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        self.by_name = {node.name: node for node in nodes}
        self.pods = dict.fromkeys(self.by_name, 0)
        self.host_ports: dict[str, set[int]] = {name: set() for name in self.by_name}
        self.queues: dict[Labels, list[tuple[int, str]]] = {}
        self.closed: set[str] = set()  # nodes that take no more pods

    def put(self, name: str, ports: Iterable[int]) -> None:
        """One pod more on a node, which takes these ``ports`` of the node itself (hostNetwork)."""
        self.pods[name] += 1
        self.host_ports[name].update(ports)

    def remove(self, name: str, ports: Iterable[int]) -> None:
        """One pod less."""
        self.pods[name] -= 1
        self.host_ports[name].difference_update(ports)
        for selector, queue in self.queues.items():
            if set(selector) <= set(self.by_name[name].labels):
                heapq.heappush(queue, (self.pods[name], name))

    def full(self, name: str) -> bool:
        """Whether a node has as many pods as it may."""
        return self.pods[name] >= self.by_name[name].max_pods

    def clash(self, name: str, ports: Iterable[int]) -> int | None:
        """One of ``ports`` that is taken on a node."""
        return next((port for port in ports if port in self.host_ports[name]), None)

    def choose(self, selector: Labels, ports: Sequence[int]) -> str | None:
        """The emptiest node with these labels and free ports, None where there is none (see ``why``)."""
        queue = self._queue(selector)
        busy: list[tuple[int, str]] = []
        found = None
        while queue and found is None:
            pods, name = heapq.heappop(queue)
            if pods != self.pods[name]:
                heapq.heappush(queue, (self.pods[name], name))
            elif not self.full(name):  # a full one comes back when a pod of it goes
                busy.append((pods, name))
                if name not in self.closed and self.clash(name, ports) is None:
                    found = name
        for entry in set(busy):
            heapq.heappush(queue, entry)
        return found

    def why(self, selector: Labels) -> str:
        """Why no node took a pod with this selector."""
        able = selected(self.nodes, selector)
        if not able:
            return LABELS
        return FULL if all(self.full(node.name) for node in able) else PORTS

    def _queue(self, selector: Labels) -> list[tuple[int, str]]:
        if selector not in self.queues:
            self.queues[selector] = sorted((self.pods[node.name], node.name) for node in selected(self.nodes, selector))
        return self.queues[selector]


def selected(nodes: Sequence[Node], selector: Labels) -> list[Node]:
    """The nodes that have all of these labels."""
    return [node for node in nodes if set(selector) <= set(node.labels)]
