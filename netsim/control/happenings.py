"""Happenings: the events of a scenario, each begun at its time and undone when it is over."""

from collections.abc import Callable, Generator
from typing import Any

import simpy

from netsim.control.agents import Agents
from netsim.control.deployment import Deployment
from netsim.control.links import Links
from netsim.control.nodes import NodeLifecycle
from netsim.control.plane import Plane
from netsim.control.routing import Routing
from netsim.model.workload import Event
from netsim.units import show_bandwidth, show_duration, show_ratio

Steps = Generator[simpy.Event, Any, None]


class Happenings:
    """What acts on the cluster from outside: people, and failures."""

    def __init__(self, plane: Plane, deployments: dict[str, Deployment], nodes: NodeLifecycle, agents: Agents) -> None:
        self.plane, self.deployments, self.nodes, self.agents = plane, deployments, nodes, agents
        self.links = Links(plane)
        self.routing = Routing(plane, self.links)
        self.begin: dict[str, Callable[[Event], None]] = {
            "rollout": self.rollout,
            "scale": self.scale,
            "nodeDown": self.node_down,
            "linkDown": self.link_down,
            "linkDegrade": self.link_degrade,
            "applyManifests": self.apply_manifests,
        }

    def run(self, event: Event) -> Steps:
        """One event."""
        yield self.plane.wait(event.at)
        self.begin[event.action](event)
        if event.lasts is not None:
            yield self.plane.wait(event.lasts)
            self.end(event)

    def end(self, event: Event) -> None:
        """It is over."""
        if event.action == "nodeDown":
            self.nodes.recover(event.subject)
            self.routing.node(event.subject, up=True)
        else:
            self.links.end(event)
            self.plane.note("link", event.subject, "as before")
            if event.action == "linkDown":
                self.routing.changed(event.subject, event.silent)
                self.reach(event)

    def rollout(self, event: Event) -> None:
        """A workload gets a new template."""
        self.deployments[event.subject].rollout(event.max_surge, event.max_unavailable)

    def scale(self, event: Event) -> None:
        """A workload gets another number of pods."""
        assert event.replicas is not None
        self.deployments[event.subject].scale(event.replicas)

    def node_down(self, event: Event) -> None:
        """A machine fails."""
        self.nodes.fail(event.subject)
        self.routing.node(event.subject, up=False)

    def link_down(self, event: Event) -> None:
        """A cable carries nothing any more."""
        self.plane.note("link", event.subject, "down, its ends do not notice" if event.silent else "down")
        self.links.begin(event)
        self.routing.changed(event.subject, event.silent)
        self.reach(event)

    def link_degrade(self, event: Event) -> None:
        """A cable gets worse."""
        told = [f"rate {show_bandwidth(event.rate)}"] if event.rate is not None else []
        told += [f"latency +{show_duration(event.travel)}"] if event.travel else []
        told += [f"loss {show_ratio(event.loss // 1000)}"] if event.loss else []
        self.plane.note("link", event.subject, ", ".join(told))
        self.links.begin(event)

    def reach(self, event: Event) -> None:
        """Let nodes whose only cable this is be cut off, or be back."""
        for node in self.plane.machines:
            rows = self.links.of_place(int(self.plane.program.nodes.place[self.plane.node[node]]))
            if rows & set(self.links.directions(event.subject)):
                alone = all(any(one.action == "linkDown" for one in self.links.troubles[row]) for row in rows)
                (self.nodes.cut if alone else self.nodes.join)(node)

    def apply_manifests(self, event: Event) -> None:
        """Somebody runs kubectl apply."""
        self.plane.note("apply", event.subject, "applied")
        if event.policies:
            self.agents.apply(event)
        for path, replicas in event.scales:
            self.deployments[path].scale(replicas)
