"""The kubelet of one node: starts pods (sandbox, CNI ADD, containers, probes), ends them (preStop, SIGTERM, SIGKILL).

Sources: kubernetes/kubernetes pkg/kubelet (kuberuntime, prober/worker.go, pod_workers.go), KEP-1672, KEP-3386.
"""

from collections.abc import Generator
from typing import Any

from simpy import Event

from netsim.control.api import LivePod
from netsim.control.network import Plugin
from netsim.control.plane import next_tick
from netsim.program import State

Steps = Generator[Event, Any, None]


class Kubelet:
    """``life`` counts how often its machine has started; what an earlier life began ends with it."""

    def __init__(self, plugin: Plugin, node: str) -> None:
        self.plugin, self.plane, self.api, self.node = plugin, plugin.plane, plugin.api, node
        self.clocks = self.plane.clocks
        self.inbox = self.api.watch(f"kubelet/{node}", ("pods", node))
        self.life = 0
        self.up = True
        self.deaf = False  # cut off from the API server

    def run(self) -> Steps:
        """Do what the API server says of this node's pods."""
        while True:
            live: LivePod = yield self.inbox.get()
            if self.up and not self.deaf:
                self.plane.env.process(self.stop(live) if live.terminating else self.start(live))

    def fail(self) -> None:
        """The machine is down, and every process on it gone."""
        self.up = False
        self.life += 1
        for live in self.mine():
            live.listening = False

    def recover(self) -> None:
        """The machine has started again: its pods are started afresh, those that were to go are cleared away."""
        self.up = True
        for live in self.mine():
            live.started = self.plane.now
            if live.terminating:
                self.finish(live)
            elif live.endpoint >= 0:
                self.plane.env.process(self.run_containers(live))
            else:
                self.plane.env.process(self.start(live))

    def hear(self) -> None:
        """It is in touch with the API server again, and does what it has missed."""
        self.deaf = False
        for live in self.mine():
            if live.terminating and not live.draining:
                self.plane.env.process(self.stop(live))
            elif live.endpoint < 0 and not live.started:
                self.plane.env.process(self.start(live))

    def mine(self) -> list[LivePod]:
        """The pods of this node."""
        return [live for live in self.api.pods.values() if live.node == self.node]

    def alive(self, live: LivePod, life: int) -> bool:
        """Whether what was begun in this ``life`` of the machine for a pod still matters."""
        return life == self.life and not live.terminating

    def start(self, live: LivePod) -> Steps:
        """A sandbox with an address, tried again as long as there is none; then the containers."""
        life, told = self.life, False
        live.started = self.plane.now
        while self.alive(live, life):
            yield self.plane.wait(self.clocks.sandbox + self.plugin.adding)
            if not self.alive(live, life):
                return
            if self.plugin.add(live):
                yield from self.run_containers(live)
                return
            if not told:
                self.plane.note("pod", live.path, f"no address is free on {self.node}: stays ContainerCreating")
            told = True
            yield self.plane.wait(self.clocks.retry)

    def run_containers(self, live: LivePod) -> Steps:
        """Containers start, their process listens some time later, and probes find out."""
        life, cycle = self.life, self.api.lifecycle(live)
        self.show(live)
        yield self.plane.wait(self.clocks.container)
        if not self.alive(live, life):
            return
        began = self.plane.now
        self.plane.env.process(self.listen(live, cycle.startup))
        if not cycle.probe_period:
            self.api.set_ready(live, True)
            return
        # The first probe comes with the container, later ones in step with the time the pod came here.
        probe = began if not cycle.probe_delay else self.next_probe(live, began + cycle.probe_delay)
        while True:
            yield self.plane.wait(probe - self.plane.now)
            if not self.alive(live, life):
                return
            if live.listening:
                self.api.set_ready(live, True)
                return
            probe = self.next_probe(live, probe + 1)

    def next_probe(self, live: LivePod, at: int) -> int:
        """The first tick of a pod's readiness prober that is not before ``at``."""
        return next_tick(at, live.started, self.api.lifecycle(live).probe_period)

    def listen(self, live: LivePod, startup: int) -> Steps:
        """The process is up ``startup`` ps after its container."""
        life = self.life
        yield self.plane.wait(startup)
        if self.alive(live, life):
            live.listening = True
            self.show(live)

    def show(self, live: LivePod) -> None:
        """Let the data plane know how a pod answers now."""
        state = State.LISTENING if live.listening else State.DEAD
        if live.draining:
            state = State.DRAINING
        self.plugin.show(live, state if live.screened else State.UNSCREENED)

    def stop(self, live: LivePod) -> Steps:
        """preStop, SIGTERM, and at the end of the grace period SIGKILL; then the sandbox is taken down."""
        life, cycle = self.life, self.api.lifecycle(live)
        deadline = self.plane.now + cycle.grace
        yield self.plane.wait(min(cycle.pre_stop, cycle.grace))
        if life != self.life:
            return
        if live.listening:
            live.draining = True
            self.plugin.clients.changed(live.pod.owner)
            self.show(live)
            self.plane.note("pod", live.path, "SIGTERM")
        while self.plane.now < deadline:
            yield self.plane.wait(min(self.clocks.relist, deadline - self.plane.now))
            if life != self.life:
                return
            if not self.busy(live):
                break
        else:
            self.plane.note("pod", live.path, "SIGKILL")
        live.listening = live.draining = False
        self.plugin.show(live, State.DEAD)
        yield self.plane.wait(self.plugin.deleting)
        if life == self.life:
            self.finish(live)

    def busy(self, live: LivePod) -> bool:
        """Whether requests are still being served; a process that has drained exits by itself."""
        return live.endpoint >= 0 and self.plane.counters().active[live.endpoint] > 0

    def finish(self, live: LivePod) -> None:
        """CNI DEL, and the pod object goes."""
        self.plugin.delete(live)
        self.plane.note("pod", live.path, "gone")
        self.api.remove(live)


