"""The CNI's agent on each node: programs the policies of pods that have come, and those that somebody has applied.

A pod is cut off until its policies are in place (fail closed: projectcalico/calico felix/rules drops what comes from an
interface that it does not know). That other nodes know a new pod's address later than its own node is left out.
"""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import simpy

from netsim.control.api import Api, LivePod
from netsim.control.kubelet import Kubelet
from netsim.control.plane import Plane
from netsim.lowering.screens import Policies, Screening
from netsim.model.workload import Event
from netsim.policy import applied
from netsim.program_edits import SetScreens

Steps = Generator[simpy.Event, Any, None]


class Agent:
    """``enforced`` are the policies that its node has now."""

    def __init__(self, agents: "Agents", kubelet: Kubelet) -> None:
        self.agents, self.kubelet = agents, kubelet
        self.plane = agents.plane
        self.inbox = agents.api.watch(f"agent/{kubelet.node}", ("ports", kubelet.node), "policies")
        self.enforced: Policies = agents.policies

    def run(self) -> Steps:
        """Collect what has come, then program it all."""
        while True:
            news = [(yield self.inbox.get())]
            yield self.plane.wait(self.plane.clocks.program)
            news += self.inbox.rest()
            for one in news:
                if isinstance(one, LivePod):
                    self.admit(one)
                else:
                    self.enforce(one)

    def admit(self, live: LivePod) -> None:
        """A pod's policies are in place."""
        if not live.screened:
            live.screened = True
            self.plane.note("pod", live.path, "its policies are in place")
            if not live.gone:
                self.kubelet.show(live)

    def enforce(self, policies: Policies) -> None:
        """The node has other policies from now on."""
        self.enforced = policies
        self.agents.show([self])
        self.plane.note("policy", self.kubelet.node, f"enforces {len(policies)} policies")


class Agents:
    """All of them, where the CNI enforces policies and there are some."""

    def __init__(self, plane: Plane, api: Api, kubelets: dict[str, Kubelet], screening: Screening) -> None:
        self.plane, self.api, self.screening = plane, api, screening
        self.policies: Policies = plane.cluster.policies
        screens = bool(screening.directions)
        self.all = [Agent(self, kubelet) for kubelet in kubelets.values()] if screens else []
        self.tables: dict[Policies, SetScreens] = {}

    def start(self) -> None:
        """Begin to work."""
        for one in self.all:
            self.plane.env.process(one.run())

    def apply(self, event: Event) -> None:
        """Somebody has applied policies; every node's agent hears of it in its own time."""
        self.policies = applied(self.policies, event.policies)
        self.api.tell("policies", self.policies)

    def identified(self) -> None:
        """There is a pod of a kind that no table has: tell all nodes."""
        self.tables.clear()
        self.show(self.all)

    def show(self, agents: list[Agent]) -> None:
        """Let nodes enforce what they have been told."""
        for one in agents:
            if one.enforced not in self.tables:
                edit = self.screening.change(one.enforced)
                self.plane.edit(replace(edit, node=self.plane.node[one.kubelet.node]))
                self.tables[one.enforced] = replace(edit, rules=())
            else:
                self.plane.edit(replace(self.tables[one.enforced], node=self.plane.node[one.kubelet.node]))
