"""Entrances: the nodes that clients outside may come to, as health checks and announcements find them.

A balancer asks every node from time to time (healthCheckNodePort under externalTrafficPolicy Local, kube-proxy's own
healthz otherwise). Where nodes announce an address, the others notice that one is gone (memberlist in layer 2), or the
router at once, since its cable lost the light. Sources: metallb/metallb website/content/concepts, KEP-1669, KEP-3458.
"""

from collections.abc import Generator
from typing import Any

from simpy import Event

from netsim.control.api import Api
from netsim.control.plane import Plane
from netsim.control.proxies import KubeProxy
from netsim.entry import balancers
from netsim.lowering.entrances import load_balancer_addresses
from netsim.model.balancer import Balancing
from netsim.model.cluster import Service, TrafficPolicy
from netsim.program import Entry
from netsim.program_edits import SetEntries

LAYER_2 = "metallb-l2"

Steps = Generator[Event, Any, None]


class Entrance:
    """The entry nodes of one Service behind a load balancer."""

    def __init__(self, plane: Plane, proxies: dict[str, KubeProxy], service: Service, rows: list[int]) -> None:
        self.plane, self.proxies, self.service, self.rows = plane, proxies, service, rows
        self.kind = balancers.load(plane.cluster.load_balancer.kind)
        self.address = load_balancer_addresses(plane.cluster)[service.path]
        self.nodes = sorted(proxies)
        self.used = {node: self.healthy(node) for node in self.nodes}
        self.streak = dict.fromkeys(self.nodes, 0)
        self.shown = self.chosen()
        if plane.cluster.load_balancer.balancing is Balancing.FORWARDS:
            # Until now the engine found them by the nodes' views, from now on by what the checks say.
            self.show(rehash=False)

    def healthy(self, node: str) -> bool:
        """Whether a node can serve what comes for this Service, to its own kube-proxy's knowledge."""
        proxy = self.proxies[node]
        if not proxy.up or self.service.external_policy != TrafficPolicy.LOCAL:
            return proxy.up
        return any(one.ready and one.node == proxy.node for one in proxy.known[self.service.path].endpoints)

    def chosen(self) -> tuple[str, ...]:
        """The nodes that clients come to."""
        able = tuple(node for node in self.nodes if self.used[node])
        found: tuple[str, ...] | None = self.kind.entry_nodes(self.address, able)
        return able if found is None else found

    def show(self, rehash: bool) -> None:
        """Let clients come to what is chosen now."""
        numbers = tuple(self.plane.node[node] for node in self.shown)
        for row in self.rows:
            self.plane.edit(SetEntries(row, numbers, rehash))

    def settle(self, rehash: bool) -> None:
        """Something may have changed."""
        if (now := self.chosen()) != self.shown:
            self.shown = now
            self.show(rehash)
            self.plane.note("entry", f"svc/{self.service.path}", f"clients come to {', '.join(now) or 'no node'}")

    def check(self) -> Steps:
        """Ask every node; so many answers in a row that are others than before are believed."""
        plane = self.plane
        yield plane.wait(plane.phase(f"svc/{self.service.path}", "health-check", plane.clocks.check))
        while True:
            for node in self.nodes:
                differs = self.healthy(node) != self.used[node]
                self.streak[node] = self.streak[node] + 1 if differs else 0
                if self.streak[node] >= plane.clocks.threshold:
                    self.used[node], self.streak[node] = not self.used[node], 0
            self.settle(rehash=False)
            yield plane.wait(plane.clocks.check)

    def announce(self, late: int) -> Steps:
        """Nodes announce the address, or no more."""
        yield self.plane.wait(late)
        self.used = {node: self.healthy(node) for node in self.nodes}
        self.settle(rehash=True)

    def follow(self, api: Api) -> Steps:
        """Announce as the endpoints of the Service come and go; the speakers watch them."""
        inbox = api.watch(f"speaker/{self.service.path}", "slices")
        while True:
            yield inbox.get()
            self.plane.env.process(self.announce(0))


class Entrances:
    """All of them."""

    def __init__(self, plane: Plane, api: Api, proxies: dict[str, KubeProxy]) -> None:
        self.plane = plane
        self.announces = plane.cluster.load_balancer.balancing is Balancing.ANNOUNCES
        services = {f"svc/{service.path}": service for service in plane.cluster.services}
        calls = plane.program.calls
        found = zip(calls.service.tolist(), calls.entry.tolist(), strict=True)
        balanced = sorted({row for row, entry in found if entry == Entry.LOAD_BALANCER})
        rows: dict[str, list[int]] = {}
        for row in balanced:
            target = plane.program.names.services[row].partition(":")[0]
            rows.setdefault(target, []).append(row)
        self.all = [Entrance(plane, proxies, services[name], rows[name]) for name in sorted(rows) if name in services]
        for one in self.all:
            plane.env.process(one.follow(api) if self.announces else one.check())

    def machine(self, _: str) -> None:
        """A machine has failed, or works again."""
        clocks = self.plane.clocks
        late = clocks.memberlist if self.plane.cluster.load_balancer.kind == LAYER_2 else clocks.advertise
        for one in self.all if self.announces else ():
            self.plane.env.process(one.announce(late))
