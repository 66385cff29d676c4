"""Failing nodes: the machine goes down at once, the cluster notices by its lease, evicts, and takes it back.

Sources: kubernetes/kubernetes pkg/controller/nodelifecycle, KEP-589 (leases), kubernetes#127352 (grace period of 50 s).
"""

from collections.abc import Callable, Generator
from typing import Any

from simpy import Event

from netsim.control.api import Api
from netsim.control.kubelet import Kubelet
from netsim.control.plane import Plane, next_tick
from netsim.control.proxies import KubeProxy
from netsim.model.workload import Control
from netsim.program_edits import SetMachine

Steps = Generator[Event, Any, None]


def noticed(failed: int, phase: int, clocks: Control) -> int:
    """When a node that failed becomes NotReady: at the first look (every ``monitor`` ps) after its last lease, which it
    renewed ``phase`` ps into each period, has not been renewed for longer than ``grace``."""
    last = next_tick(failed + 1, phase, clocks.lease) - clocks.lease
    return next_tick(max(last, 0) + clocks.grace + 1, 0, clocks.monitor)


class NodeLifecycle:
    """Knows each node's kubelet and kube-proxy. ``failures`` counts how often a node has failed."""

    def __init__(self, plane: Plane, api: Api, kubelets: dict[str, Kubelet], proxies: dict[str, KubeProxy]) -> None:
        self.plane, self.api, self.kubelets, self.proxies = plane, api, kubelets, proxies
        self.failures = dict.fromkeys(kubelets, 0)
        self.listeners: list[Callable[[str], None]] = []  # told of machines that fail and come back

    def fail(self, node: str) -> None:
        """The machine is down; the rest of the cluster does not know yet."""
        kubelet = self.kubelets[node]
        if not kubelet.up:
            return
        self.plane.note("node", node, "down")
        self.plane.edit(SetMachine(self.plane.node[node], up=False))
        kubelet.fail()
        for owner in {live.pod.owner: None for live in kubelet.mine()}:
            kubelet.plugin.clients.changed(owner)
        self.lose(node)

    def cut(self, node: str) -> None:
        """Its cable is down: it works on, and nobody hears of it, nor it of others."""
        if not self.kubelets[node].deaf:
            self.kubelets[node].deaf = True
            self.lose(node)

    def lose(self, node: str) -> None:
        """Its leases stop."""
        self.failures[node] += 1
        self.proxies[node].fail()
        self.plane.env.process(self.notice(node, self.failures[node]))
        self.tell(node)

    def tell(self, node: str) -> None:
        """Tell those who look at machines themselves."""
        for listener in self.listeners:
            listener(node)

    def notice(self, node: str, failure: int) -> Steps:
        """NotReady, with all its pods; and after the toleration of the taint they are evicted."""
        plane = self.plane
        at = noticed(plane.now, plane.phase(node, "lease", plane.clocks.lease), plane.clocks)
        yield plane.wait(at - plane.now)
        if failure != self.failures[node] or self.reached(node):
            return
        plane.note("node", node, "NotReady")
        self.api.ready_nodes.discard(node)
        for live in self.kubelets[node].mine():
            self.api.set_ready(live, False)
        yield plane.wait(plane.clocks.eviction)
        if failure != self.failures[node] or self.reached(node):
            return
        plane.note("node", node, "its pods are evicted")
        for live in self.kubelets[node].mine():
            if not live.pod.owner.startswith("daemonset/"):  # they tolerate both taints for ever
                self.api.delete(live)

    def reached(self, node: str) -> bool:
        """Whether its leases come."""
        return self.kubelets[node].up and not self.kubelets[node].deaf

    def recover(self, node: str) -> None:
        """The machine has started again."""
        kubelet = self.kubelets[node]
        if kubelet.up:
            return
        self.plane.note("node", node, "up again")
        self.plane.edit(SetMachine(self.plane.node[node], up=True))
        for live in kubelet.mine():
            self.api.set_ready(live, False)  # its kubelet says so itself: their containers are gone
        kubelet.recover()
        self.found(node)

    def join(self, node: str) -> None:
        """Its cable is in order again."""
        kubelet = self.kubelets[node]
        if kubelet.deaf:
            kubelet.hear()
            self.found(node)

    def found(self, node: str) -> None:
        """Its leases come again, unless it is cut off besides."""
        if self.reached(node):
            self.proxies[node].recover()
            self.plane.env.process(self.back(node))
            self.tell(node)

    def back(self, node: str) -> Steps:
        """Its kubelet's first lease makes it Ready, and its word the pods that have been running all the time."""
        yield self.plane.wait(self.plane.clocks.watch)
        if not self.reached(node) or node in self.api.ready_nodes:
            return
        self.api.ready_nodes.add(node)
        self.plane.note("node", node, "Ready")
        for live in self.kubelets[node].mine():
            if live.listening and not live.terminating:
                self.api.set_ready(live, True)
        self.api.tell("room", Room(node))


class Room:
    """A node that takes pods again, in place of one that has gone."""

    gone = False

    def __init__(self, node: str) -> None:
        self.node = node
