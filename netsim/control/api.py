"""The API server: the pods and policies of the cluster, and who is told of their changes, when."""

from collections import defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any

from simpy import Event, Store

from netsim.control.plane import Plane
from netsim.model.cluster import Pod
from netsim.model.policy import NetworkPolicy
from netsim.model.workload import Lifecycle, Workload


@dataclass(eq=False, slots=True)
class LivePod:
    """A pod as the API server knows it, and what its kubelet knows besides.

    ``endpoint`` is its row in the Program, -1 before it has an address. ``listening`` is its process, ``screened`` says
    whether its policies are in place. It is ``gone`` when its address is free again.
    """

    pod: Pod
    revision: int = 0
    endpoint: int = -1
    address: object = None
    created: int = 0
    started: int = 0
    ready: bool = False
    ready_since: int = 0
    listening: bool = False
    draining: bool = False
    screened: bool = True
    terminating: bool = False
    gone: bool = False

    @property
    def path(self) -> str:
        """``ns/name``."""
        return self.pod.path

    @property
    def node(self) -> str:
        """Where it runs, "" before it is scheduled."""
        return self.pod.node


@dataclass(frozen=True, slots=True)
class Seen:
    """What a change of a pod looked like when watchers were told of it."""

    live: LivePod
    ready: bool
    terminating: bool
    gone: bool


class Inbox:
    """Messages on their way to one watcher; they come in the order in which they were sent."""

    def __init__(self, plane: Plane, name: str) -> None:
        self.plane = plane
        self.name = name
        self.sent = 0
        self.last = 0
        self.store = Store(plane.env)

    def send(self, message: object) -> None:
        """A message that arrives after a watch latency of half to one and a half of its mean."""
        plane, mean = self.plane, self.plane.clocks.watch
        late = mean // 2 + plane.luck(self.name, "watch", self.sent, mean + 1)
        self.sent += 1
        self.last = max(self.last, plane.now + late)
        plane.env.process(self.deliver(message, self.last - plane.now))

    def deliver(self, message: object, delay: int) -> Generator[Event, Any, None]:
        """It is on its way."""
        yield self.plane.wait(delay)
        yield self.store.put(message)

    def get(self) -> Event:
        """The next message."""
        return self.store.get()

    def rest(self) -> list[object]:
        """All other messages that have come."""
        found = list(self.store.items)
        self.store.items.clear()
        return found


class Api:
    """The store and its watches. A topic is a plural, or a pair of it and a node's name."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.pods: dict[str, LivePod] = {}
        self.workloads: dict[str, Workload] = {one.path: one for one in plane.cluster.workloads}
        self.policies: dict[str, NetworkPolicy] = {one.path: one for one in plane.cluster.policies}
        self.ready_nodes = {node.name for node in plane.cluster.nodes}
        self.inboxes: dict[object, list[Inbox]] = defaultdict(list)
        self.numbers: dict[str, int] = {}
        for pod in sorted(plane.cluster.pods, key=lambda one: one.path):
            end = plane.endpoint[pod.path]
            self.pods[pod.path] = LivePod(pod, endpoint=end, ready=True, listening=True)

    def watch(self, name: str, *topics: object) -> Inbox:
        """A new watcher of these topics."""
        inbox = Inbox(self.plane, name)
        for topic in topics:
            self.inboxes[topic].append(inbox)
        return inbox

    def tell(self, topic: object, message: object) -> None:
        """Tell the watchers of a topic."""
        for inbox in self.inboxes.get(topic, ()):
            inbox.send(message)

    def of_workload(self, path: str) -> Iterator[LivePod]:
        """Its pods that are not on their way out."""
        return (one for one in self.pods.values() if one.pod.owner == path and not one.terminating)

    def lifecycle(self, live: LivePod) -> Lifecycle:
        """How pods like this one come and go."""
        found = self.workloads.get(live.pod.owner)
        return found.lifecycle if found else Lifecycle()

    def create(self, workload: Workload, revision: int) -> LivePod:
        """A new pod of a workload, not placed yet."""
        _, namespace, name = workload.path.split("/")
        number = self.numbers.get(workload.path, 0)
        while f"{namespace}/{name}-{number}" in self.plane.endpoint:
            number += 1
        self.numbers[workload.path] = number + 1
        pod = Pod(
            namespace, f"{name}-{number}", workload.node or "", workload.path, workload.labels, workload.containers,
            workload.host_network,
        )  # fmt: skip
        live = self.pods[pod.path] = LivePod(pod, revision, created=self.plane.now)
        self.changed(live)
        self.tell("unbound", live)
        return live

    def bind(self, live: LivePod, node: str) -> None:
        """The scheduler's decision."""
        live.pod = replace(live.pod, node=node)
        self.tell(("pods", node), live)

    def set_ready(self, live: LivePod, ready: bool) -> None:
        """Its Ready condition."""
        if live.ready != ready:
            live.ready, live.ready_since = ready, self.plane.now
            self.plane.note("pod", live.path, "ready" if ready else "not ready")
            self.changed(live)

    def delete(self, live: LivePod) -> None:
        """Ask a pod to end; its endpoint is terminating from now on."""
        if live.terminating:
            return
        live.terminating = True
        self.plane.note("pod", live.path, "terminating")
        self.changed(live)
        if live.node:
            self.tell(("pods", live.node), live)
        else:
            self.remove(live)

    def remove(self, live: LivePod) -> None:
        """Its last trace is gone."""
        live.gone = True
        self.pods.pop(live.path, None)
        self.changed(live)
        self.tell("room", live)

    def changed(self, live: LivePod) -> None:
        """Tell those who look at pods."""
        self.tell("pods", Seen(live, live.ready, live.terminating, live.gone))
        self.tell(("workload", live.pod.owner), live)
