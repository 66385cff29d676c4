"""The scheduler: takes pods without a node from its queue, one after the other, and binds each to a node."""

from collections.abc import Generator
from typing import Any

from simpy import Event

from netsim.control.api import Api, LivePod
from netsim.control.plane import Plane
from netsim.model.placement import Board


class Scheduler:
    """One queue for the whole cluster. Pods that fit nowhere wait until there is room again."""

    def __init__(self, plane: Plane, api: Api) -> None:
        self.plane, self.api = plane, api
        self.inbox = api.watch("scheduler", "unbound", "room")
        self.board = Board(plane.cluster.nodes)
        self.placed: set[str] = set()
        self.unplaced: list[LivePod] = []
        for live in api.pods.values():
            self.put(live, live.node)

    def run(self) -> Generator[Event, Any, None]:
        """Place pod after pod."""
        while True:
            live = yield self.inbox.get()
            for one in self.woken(live) if live.gone or live.node else [live]:
                yield self.plane.wait(self.plane.clocks.schedule)
                self.place(one)

    def woken(self, live: LivePod) -> list[LivePod]:
        """There is room again: a pod has gone, or a node has come back. Who waits is looked at once more."""
        if live.gone and live.path in self.placed:
            self.placed.remove(live.path)
            self.board.remove(live.node, self.host_ports(live))
        waiting, self.unplaced = self.unplaced, []
        return waiting

    def place(self, live: LivePod) -> None:
        """Bind a pod, or put it aside."""
        if live.terminating:
            return
        workload = self.api.workloads.get(live.pod.owner)
        self.board.closed = set(self.board.by_name) - self.api.ready_nodes
        node = live.node or self.board.choose(workload.selector if workload else (), self.host_ports(live))
        if node is None:
            self.plane.note("pod", live.path, "fits on no node: Pending")
            self.unplaced.append(live)
            return
        self.put(live, node)
        self.api.bind(live, node)

    def put(self, live: LivePod, node: str) -> None:
        """Count a pod on its node."""
        self.placed.add(live.path)
        self.board.put(node, self.host_ports(live))

    @staticmethod
    def host_ports(live: LivePod) -> tuple[int, ...]:
        """The ports of the node that a pod takes."""
        pod = live.pod
        return tuple(port for one in pod.containers for port in one.ports) if pod.host_network else ()
