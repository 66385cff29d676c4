"""kube-proxy of one node: collects what the EndpointSlices say, syncs no more often than it may, and no more seldom.

Sources: kubernetes/kubernetes pkg/proxy/config, pkg/proxy/runner, pkg/util/async BoundedFrequencyRunner (burst of two).
"""

from collections.abc import Generator
from typing import Any

from simpy import Event

from netsim import costs, proxy
from netsim.control.api import Api
from netsim.control.endpoints import EndpointSlices
from netsim.control.plane import Plane
from netsim.control.views import EVERYBODY, Published, ServiceRows
from netsim.model.sync import Sync
from netsim.program_edits import Burn

BURST = 2
FOREVER = 1 << 60

Steps = Generator[Event, Any, None]


class Rules:
    """What a sync costs in the cluster's proxy mode."""

    def __init__(self, plane: Plane, slices: EndpointSlices) -> None:
        config = plane.cluster.proxy
        self.mode = proxy.load(config.mode)  # type: ignore[attr-defined]
        self.slices = slices
        self.profile = costs.load()
        least, most = config.periods  # type: ignore[attr-defined]
        self.least, self.most = least, most or FOREVER
        self.ports = sum(max(1, len(service.ports)) for service in plane.cluster.services)

    def work(self, before: dict[str, Published], news: dict[str, Published], full: bool) -> int:
        """ps of work of one sync on the reference hardware."""
        touched = changed = 0
        for path, published in news.items():
            old = {one.number for one in before[path].endpoints}
            new = {one.number for one in published.endpoints}
            changed += len(old ^ new)
            touched += len(new)
        ports = sum(max(1, len(one.service.ports)) for one in news.values())
        endpoints = sum(len(known) for known in self.slices.known.values())
        met = self.mode.sync(Sync(self.ports, endpoints, ports, changed, touched, full))
        return sum(self.profile.stage(name).per_burst * count for name, count in met)


class KubeProxy:
    """``earliest`` is when the token bucket of its runner lets it sync again."""

    def __init__(self, plane: Plane, api: Api, rules: Rules, rows: ServiceRows, name: str) -> None:
        self.plane, self.rules, self.rows, self.name = plane, rules, rows, name
        self.node = plane.node[name]
        self.inbox = api.watch(f"kube-proxy/{name}", "slices")
        self.known = dict(rules.slices.initial)
        self.tat = 0
        self.full = False
        self.up = True
        self.message = self.inbox.get()

    def run(self) -> Steps:
        """Sync when something has changed, and in any case from time to time."""
        last = self.plane.phase(self.name, "kube-proxy", self.rules.most) - self.rules.most
        while True:
            due = self.plane.wait(max(0, last + self.rules.most - self.plane.now))
            yield self.message | due
            yield self.plane.wait(max(0, self.tat - (BURST - 1) * self.rules.least - self.plane.now))
            last = self.plane.now
            self.tat = max(self.tat, last) + self.rules.least
            yield from self.sync()

    def collected(self) -> dict[str, Published]:
        """The latest of every Service that has been told of."""
        messages = list(self.inbox.rest())
        if self.message.triggered:
            messages.insert(0, self.message.value)
            self.message = self.inbox.get()
        return {one.service.path: one for one in messages if isinstance(one, Published)}

    def sync(self) -> Steps:
        """Write the rules; the kernel has them all at once when that is done."""
        news = self.collected()
        if not self.up:
            self.known |= news
            return
        work = self.rules.work(self.known, news, self.full)
        self.known |= news
        news = self.known.copy() if self.full else news
        self.full = False
        if work:
            self.plane.edit(Burn(self.node, work))
            yield self.plane.wait(self.scaled(work))
        if not self.up:
            return
        changed = [path for path, published in news.items() if self.rows.show(published, self.node)]
        if changed:
            self.plane.note("view", self.name, f"knows the endpoints of {', '.join(f'svc/{path}' for path in changed)}")

    def scaled(self, work: int) -> int:
        """Its time on this machine's cores."""
        return work * int(self.plane.program.nodes.slowness[self.node]) >> 16

    def fail(self) -> None:
        """Its machine is down."""
        self.up = False

    def recover(self) -> None:
        """It starts again and writes everything anew."""
        self.up, self.full = True, True
        self.inbox.send(None)


class Everybody:
    """Those who choose without a kube-proxy: clients that know the endpoints themselves."""

    def __init__(self, api: Api, rows: ServiceRows) -> None:
        self.inbox = api.watch("clients", "slices")
        self.rows = rows

    def run(self) -> Steps:
        """Pass on what the slices say."""
        while True:
            published = yield self.inbox.get()
            self.rows.show(published, EVERYBODY)
            self.rows.host_ports(published)
