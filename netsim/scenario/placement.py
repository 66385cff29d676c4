"""Places every pod that a scenario starts with, or says why it fits nowhere.

The order of files does not matter: pods bound to a node come first, then all others by owner and name.
"""

from collections.abc import Iterable

from netsim.errors import Problem, quote
from netsim.model.placement import FULL, LABELS, Board, selected
from netsim.scenario.objects import PodPlan
from netsim.scenario.pools import Machines

__all__ = ["place", "selected"]


def place(plans: Iterable[PodPlan], machines: Machines) -> tuple[dict[str, str], list[Problem]]:
    """The node of each pod path, and one problem for each owner whose pods do not fit."""
    placing = _Placing(machines)
    for plan in sorted(plans, key=_order):
        if plan.node is not None:
            placing.bind(plan, plan.node)
        else:
            placing.schedule(plan)
    return placing.where, list(placing.problems.values())


def _order(plan: PodPlan) -> tuple[bool, str, int, str]:
    return plan.node is None, plan.owner, len(plan.name), plan.path


def _host_ports(plan: PodPlan) -> tuple[int, ...]:
    template = plan.template
    mapped = tuple(port for container in template.containers for port, _ in container.host_ports)
    return template.ports if template.host_network else mapped


class _Placing:
    def __init__(self, machines: Machines) -> None:
        self.machines = machines
        self.board = Board(machines.nodes)
        self.where: dict[str, str] = {}
        self.problems: dict[str, Problem] = {}

    def bind(self, plan: PodPlan, name: str) -> None:
        """Puts a pod on the node it must run on."""
        node = self.board.by_name.get(name)
        if node is None:
            self._refuse(plan, *self.machines.unknown(name))
        elif self.board.full(name):
            self._refuse(plan, f"node {quote(name)} holds at most {node.max_pods} pods", "Raise capacity.pods.")
        elif clash := self.board.clash(name, _host_ports(plan)):
            self._refuse(plan, f"port {clash} of node {quote(name)} is taken by another hostNetwork pod")
        else:
            self._put(plan, name)

    def schedule(self, plan: PodPlan) -> None:
        """Puts a pod on the emptiest node that it may run on; once an owner's do not fit, they are left."""
        if plan.owner in self.problems:
            return
        name = self.board.choose(plan.template.selector, _host_ports(plan))
        if name is None:
            self._refuse(plan, *self._why(plan))
        else:
            self._put(plan, name)

    def _put(self, plan: PodPlan, name: str) -> None:
        self.where[plan.path] = name
        self.board.put(name, _host_ports(plan))

    def _why(self, plan: PodPlan) -> tuple[str, str]:
        why = self.board.why(plan.template.selector)
        if why == LABELS:
            wanted = ", ".join(f"{key}={value}" for key, value in plan.template.selector)
            return f"no node has the labels that {plan.owner} selects: {wanted}", "Give a nodePool these labels."
        if why == FULL:
            return f"pod {plan.path} fits on no node: all are full", "Add nodes, or raise capacity.pods."
        return f"pod {plan.path} fits on no node: its host ports are taken on all of them", "Add nodes."

    def _refuse(self, plan: PodPlan, message: str, hint: str = "") -> None:
        self.problems.setdefault(plan.owner, plan.source.problem(message, hint))
