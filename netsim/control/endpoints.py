"""The EndpointSlice controller: turns the pods behind each Service into slices, and tells every kube-proxy."""

from collections.abc import Generator
from typing import Any

from simpy import Event

from netsim.control.api import Api, LivePod, Seen
from netsim.control.plane import Plane
from netsim.control.slices import Slice, reconciled
from netsim.control.views import Published, ServiceRows
from netsim.lowering.views import Backend, members_of, site, views_of
from netsim.model.cluster import Service


class EndpointSlices:
    """Who stands behind each Service, in the order of their rows, and the slices that say so."""

    def __init__(self, plane: Plane, api: Api, rows: ServiceRows) -> None:
        self.plane, self.api, self.rows = plane, api, rows
        self.inbox = api.watch("endpointslices", "pods")
        self.sites = [site(plane.node[node.name], node) for node in plane.cluster.nodes]
        self.services = {service.path: service for service in plane.cluster.services}
        self.owners = self.owners_of()
        self.known: dict[str, dict[str, Backend]] = {}
        self.slices: dict[str, list[Slice]] = {}
        for path, service in self.services.items():
            lives = [api.pods[pod] for pod in service.endpoints]
            self.known[path] = {live.path: Backend(live.endpoint, plane.node[live.node]) for live in lives}
            self.slices[path], _ = reconciled([], self.known[path])
        self.initial = {path: self.published(path) for path in self.services}

    def owners_of(self) -> dict[str, set[str]]:
        """The workloads whose pods stand behind each Service from the start."""
        owner = {live.path: live.pod.owner for live in self.api.pods.values()}
        return {path: {owner[pod] for pod in one.endpoints} for path, one in self.services.items()}

    def selects(self, service: Service, live: LivePod) -> bool:
        """Whether a pod stands behind a Service: by labels, else because its workload does."""
        pod = live.pod
        if service.selector:
            return pod.namespace == service.namespace and set(service.selector) <= set(pod.labels)
        return pod.owner in (service.workload, *self.owners[service.path])

    def run(self) -> Generator[Event, Any, None]:
        """Collect changes for the batch period, then write the slices of every Service that they concern."""
        while True:
            changes = [(yield self.inbox.get())]
            yield self.plane.wait(self.plane.clocks.batch)
            changes += self.inbox.rest()
            dirty: dict[str, None] = {}
            for change in changes:
                dirty |= dict.fromkeys(self.take(change))
            for path in dirty:
                written = self.write(path)
                yield self.plane.wait(self.plane.clocks.write * written)
                self.publish(path)

    def take(self, change: Seen) -> list[str]:
        """Learn of a pod; the Services that it concerns."""
        live, found = change.live, []
        for path, service in self.services.items():
            if not self.selects(service, live):
                continue
            before = self.known[path].get(live.path)
            now = None if change.gone or live.endpoint < 0 else self.endpoint(change, before)
            if now != before:
                found.append(path)
                if now is None:
                    del self.known[path][live.path]
                else:
                    self.known[path][live.path] = now
        return found

    def endpoint(self, change: Seen, before: Backend | None) -> Backend:
        """A pod's conditions; a terminating one goes on serving if it did."""
        serving = change.ready and (not change.terminating or (before is not None and before.serving))
        ready = change.ready and not change.terminating
        return Backend(change.live.endpoint, self.plane.node[change.live.node], ready, serving, change.terminating)

    def write(self, path: str) -> int:
        """Deal out a Service's endpoints; how many slices are written, at least the one that changed."""
        self.slices[path], written = reconciled(self.slices[path], self.known[path])
        return max(written, 1)

    def published(self, path: str) -> Published:
        """What a Service's slices say now."""
        service = self.services[path]
        found = tuple(sorted(self.known[path].values(), key=lambda one: one.number))
        views = views_of(service, False, found, self.sites), views_of(service, True, found, self.sites)
        return Published(service, found, members_of(service, found), views)

    def publish(self, path: str) -> None:
        """Every kube-proxy is told, each in its own time."""
        self.rows.pin(self.initial[path])
        self.api.tell("slices", self.published(path))
