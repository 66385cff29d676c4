"""Decides which node each pod runs on: the node with the fewest pods, then the first by name.

The order of files does not matter: pods bound to a node come first, then all others by owner and name.
CPU and memory requests, taints and affinity are not looked at.
"""

import heapq
from collections.abc import Iterable, Sequence

from netsim.errors import Problem, quote
from netsim.model.cluster import Node
from netsim.scenario.objects import Labels, PodPlan
from netsim.scenario.pools import Machines


def place(plans: Iterable[PodPlan], machines: Machines) -> tuple[dict[str, str], list[Problem]]:
    """The node of each pod path, and one problem for each owner whose pods do not fit."""
    board = _Board(machines)
    for plan in sorted(plans, key=_order):
        if plan.node is not None:
            board.bind(plan, plan.node)
        else:
            board.schedule(plan)
    return board.where, list(board.problems.values())


def _order(plan: PodPlan) -> tuple[bool, str, int, str]:
    return plan.node is None, plan.owner, len(plan.name), plan.path


class _Board:
    """How full each node is. ``queues`` has a heap of (pods, node) for each node selector, updated late."""

    def __init__(self, machines: Machines) -> None:
        self.machines = machines
        self.by_name = {node.name: node for node in machines.nodes}
        self.pods = dict.fromkeys(self.by_name, 0)
        self.host_ports: dict[str, set[int]] = {name: set() for name in self.by_name}
        self.queues: dict[Labels, list[tuple[int, str]]] = {}
        self.where: dict[str, str] = {}
        self.problems: dict[str, Problem] = {}

    def bind(self, plan: PodPlan, name: str) -> None:
        """Puts a pod on the node it must run on."""
        node = self.by_name.get(name)
        if node is None:
            self._refuse(plan, *self.machines.unknown(name))
        elif self.pods[name] >= node.max_pods:
            self._refuse(plan, f"node {quote(name)} holds at most {node.max_pods} pods", "Raise capacity.pods.")
        elif clash := self._clash(plan, name):
            self._refuse(plan, f"port {clash} of node {quote(name)} is taken by another hostNetwork pod")
        else:
            self._put(plan, name)

    def schedule(self, plan: PodPlan) -> None:
        """Puts a pod on the emptiest node that it may run on; once an owner's do not fit, they are left."""
        if plan.owner in self.problems:
            return
        queue = self._queue(plan.template.selector)
        busy: list[tuple[int, str]] = []
        found = False
        while queue and not found:
            pods, name = heapq.heappop(queue)
            if pods != self.pods[name]:
                heapq.heappush(queue, (self.pods[name], name))
            elif pods < self.by_name[name].max_pods:
                found = not self._clash(plan, name)
                if found:
                    self._put(plan, name)
                busy.append((self.pods[name], name))
        for entry in busy:
            heapq.heappush(queue, entry)
        if not found:
            self._refuse(plan, *self._why(plan, full=not busy))

    def _queue(self, selector: Labels) -> list[tuple[int, str]]:
        if selector not in self.queues:
            able = selected(self.machines.nodes, selector)
            self.queues[selector] = sorted((self.pods[node.name], node.name) for node in able)
        return self.queues[selector]

    def _clash(self, plan: PodPlan, name: str) -> int | None:
        if not plan.template.host_network:
            return None
        return next((port for port in plan.template.ports if port in self.host_ports[name]), None)

    def _put(self, plan: PodPlan, name: str) -> None:
        self.where[plan.path] = name
        self.pods[name] += 1
        if plan.template.host_network:
            self.host_ports[name].update(plan.template.ports)

    def _why(self, plan: PodPlan, full: bool) -> tuple[str, str]:
        selector = plan.template.selector
        if not selected(self.machines.nodes, selector):
            wanted = ", ".join(f"{key}={value}" for key, value in selector)
            return (
                f"no node has the labels that {plan.owner} selects: {wanted}",
                "Give a nodePool these labels.",
            )
        if full:
            return f"pod {plan.path} fits on no node: all are full", "Add nodes, or raise capacity.pods."
        return f"pod {plan.path} fits on no node: its host ports are taken on all of them", "Add nodes."

    def _refuse(self, plan: PodPlan, message: str, hint: str = "") -> None:
        self.problems.setdefault(plan.owner, plan.source.problem(message, hint))


def selected(nodes: Sequence[Node], selector: Labels) -> list[Node]:
    """The nodes that have all of these labels."""
    return [node for node in nodes if set(selector) <= set(node.labels)]
