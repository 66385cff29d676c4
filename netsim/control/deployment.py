"""The controller of one workload: keeps its number of pods, and replaces them one after the other in a rollout."""

from collections.abc import Generator
from typing import Any

from simpy import Event

from netsim.control.api import Api, LivePod
from netsim.control.plane import Plane
from netsim.control.rolling import Count, new_pods, old_pods, resolved

Steps = Generator[Event, Any, None]


class Deployment:
    """``revision`` counts the rollouts; pods of an earlier one are old. ``replicas`` is what is wanted."""

    def __init__(self, plane: Plane, api: Api, path: str) -> None:
        self.plane, self.api, self.path = plane, api, path
        self.workload = api.workloads[path]
        self.inbox = api.watch(f"controller/{path}", ("workload", path))
        self.revision = 0
        self.replicas = self.workload.replicas
        self.bounds = self.workload.max_surge, self.workload.max_unavailable
        self.rolling = False

    def run(self) -> Steps:
        """Look again whenever one of its pods has changed."""
        while True:
            yield self.inbox.get()
            self.inbox.rest()
            self.sync()

    def rollout(self, max_surge: int | None, max_unavailable: int | None) -> None:
        """A new template."""
        surge, unavailable = self.bounds
        self.bounds = (
            surge if max_surge is None else max_surge,
            unavailable if max_unavailable is None else max_unavailable,
        )
        self.revision += 1
        self.rolling = True
        self.plane.note("rollout", self.path, f"begins: {self.replicas} pods to replace")
        self.sync()

    def scale(self, replicas: int) -> None:
        """Another number of pods."""
        if replicas != self.replicas:
            self.plane.note("scale", self.path, f"{self.replicas} to {replicas} replicas")
            self.replicas = replicas
            self.sync()

    def count(self, pods: list[LivePod]) -> Count:
        """How many there are, and how many are available."""
        return Count(len(pods), sum(live.ready for live in pods))

    def split(self) -> tuple[list[LivePod], list[LivePod]]:
        """Pods of the new and of the old templates."""
        new: list[LivePod] = []
        old: list[LivePod] = []
        for live in self.api.of_workload(self.path):
            (new if live.revision == self.revision else old).append(live)
        return new, old

    def sync(self) -> None:
        """Create and delete what is allowed now."""
        bounds = resolved(*self.bounds, self.replicas)
        new, old = self.split()
        change = new_pods(self.replicas, bounds, self.count(new), self.count(old))
        for _ in range(change):
            self.api.create(self.workload, self.revision)
        for live in worst(new)[: max(0, -change)]:
            self.api.delete(live)
        new, old = self.split()
        unhealthy, healthy = old_pods(self.replicas, bounds, self.count(new), self.count(old))
        for live in [one for one in worst(old) if not one.ready][:unhealthy]:
            self.api.delete(live)
        for live in [one for one in worst(old) if one.ready][:healthy]:
            self.api.delete(live)
        if self.rolling and not old and self.count(new) == Count(self.replicas, self.replicas):
            self.rolling = False
            self.plane.note("rollout", self.path, "done")


def worst(pods: list[LivePod]) -> list[LivePod]:
    """Pods in the order in which a ReplicaSet deletes them: unplaced, not ready, and the youngest first (ActivePods of
    pkg/controller/controller_utils.go)."""
    return sorted(pods, key=lambda one: (bool(one.node), one.ready, -one.created, -one.endpoint, one.path))
