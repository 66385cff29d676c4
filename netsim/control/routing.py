"""Routing: the links among which ECMP chooses, as routers learn that a link or a node is gone.

A router notices at once that a cable on it has lost its light; a peer that only fell silent it believes in for the hold
time (BGP), or until BFD notices. Others learn of it router by router, ``advertise`` ps for each.
Sources: FRR doc/user/basic.rst and bgpd.h (hold 180 s, 9 s with the datacenter profile), projectcalico/bird
proto/bgp/config.Y (hold 240 s), FRR bfdd/bfd.h (300 ms, three times).
"""

from collections import deque
from collections.abc import Generator
from typing import Any

from simpy import Event

from netsim import cni
from netsim.control.links import Links
from netsim.control.plane import Plane
from netsim.program import Kind, Program
from netsim.program_edits import SetHops

Steps = Generator[Event, Any, None]
Hops = dict[tuple[int, int], tuple[int, ...]]


class Wiring:
    """The graph of a Program: links from place to place, and who is reached."""

    def __init__(self, program: Program) -> None:
        fabric, stations = program.fabric, program.stations
        members = fabric.members.tolist()
        spans = zip(fabric.group_first.tolist(), fabric.group_size.tolist(), strict=True)
        groups = [tuple(members[first : first + size]) for first, size in spans]
        table = fabric.next_hop.tolist()
        self.hops: Hops = {
            (here, target): groups[group]
            for here, row in enumerate(table)
            for target, group in enumerate(row)
            if group >= 0
        }
        self.far = {
            row: int(stations.place[row]) for row in range(len(stations.kind)) if stations.kind[row] == Kind.LINK
        }
        self.near: dict[int, int] = {}
        for (here, _), links in self.hops.items():
            self.near |= dict.fromkeys(links, here)
        self.targets = sorted({target for _, target in self.hops})

    def routes(self, without: set[int]) -> Hops:
        """The links on a shortest way from each place to each target, some links left out; () where there is none."""
        into: dict[int, list[tuple[int, int]]] = {}
        for link, here in self.near.items():
            if link not in without:
                into.setdefault(self.far[link], []).append((link, here))
        found: Hops = dict.fromkeys(self.hops, ())
        for target in self.targets:
            for here, links in toward(target, into).items():
                found[here, target] = links
        return found

    def steps(self, start: set[int]) -> dict[int, int]:
        """How many links away from the nearest of ``start`` each place is."""
        away = dict.fromkeys(start, 0)
        frontier = deque(sorted(start))
        while frontier:
            here = frontier.popleft()
            for link, near in self.near.items():
                if near == here and self.far[link] not in away:
                    away[self.far[link]] = away[here] + 1
                    frontier.append(self.far[link])
        return away


def toward(target: int, into: dict[int, list[tuple[int, int]]]) -> dict[int, tuple[int, ...]]:
    """For each place from which ``target`` is reached the links that lead one step closer, in the order of rows."""
    distance = {target: 0}
    frontier = deque([target])
    while frontier:
        here = frontier.popleft()
        for _, before in into.get(here, ()):
            if before not in distance:
                distance[before] = distance[here] + 1
                frontier.append(before)
    closer: dict[int, list[int]] = {}
    for there, away in distance.items():
        for link, here in into.get(there, ()):
            if distance.get(here) == away + 1:
                closer.setdefault(here, []).append(link)
    return {here: tuple(sorted(links)) for here, links in closer.items()}


class Routing:
    """The routers' knowledge: links that they have withdrawn. ``silence`` is how long the fabric's routers believe in a
    peer that fell silent, ``hold`` how long the nodes do, None where they have no sessions with each other."""

    def __init__(self, plane: Plane, links: Links) -> None:
        self.plane, self.links = plane, links
        self.wiring = Wiring(plane.program)
        self.shown = dict(self.wiring.hops)
        clocks = plane.clocks
        self.silence = clocks.hold if clocks.bfd is None else clocks.bfd
        self.withdrawn: set[int] = set()
        self.lost: set[str] = set()
        config = plane.cluster.cni
        known = getattr(cni.load(config.plugin), "route_hold", None)  # type: ignore[attr-defined]
        own = known(config) if known else None
        peers = own if clocks.bfd is None or own is None else clocks.bfd
        self.hold = peers if clocks.route_hold is None else clocks.route_hold

    def changed(self, cable: str, silent: bool) -> None:
        """A cable has failed, or works again."""
        rows = set(self.links.directions(cable))
        # A session needs both directions: routers use neither when one is down.
        rows |= {link for link in self.wiring.near for row in rows if self.opposite(link, row)}
        broken = any(one.action == "linkDown" for row in rows for one in self.links.troubles[row])
        known = [row for row in rows if row in self.wiring.near]
        ends = {place for row in known for place in (self.wiring.near[row], self.wiring.far[row])}
        late = self.silence if silent and broken else 0
        self.plane.env.process(self.converge(rows, ends, broken, late))

    def opposite(self, link: int, row: int) -> bool:
        """Whether two links are the directions of one cable."""
        near, far = self.wiring.near, self.wiring.far
        return row in near and near[link] == far[row] and far[link] == near[row]

    def converge(self, rows: set[int], ends: set[int], broken: bool, late: int) -> Steps:
        """The ends notice after ``late`` ps, then their neighbours hear of it, and so on."""
        yield self.plane.wait(late)
        still = any(one.action == "linkDown" for row in rows for one in self.links.troubles[row])
        if still != broken:
            return
        self.withdrawn = self.withdrawn | rows if broken else self.withdrawn - rows
        names = ", ".join(self.plane.program.names.stations[row] for row in sorted(rows))
        self.plane.note("route", names, "taken out of the routes" if broken else "in the routes again")
        yield from self.spread(ends)

    def spread(self, ends: set[int]) -> Steps:
        """Let places choose as is known by now, the nearest to ``ends`` first."""
        away, routes = self.wiring.steps(ends), self.wiring.routes(self.withdrawn)
        for step in range(max(away.values(), default=0) + 1):
            yield self.plane.wait(self.plane.clocks.advertise if step else 0)
            for (here, target), links in routes.items():
                if away.get(here) == step and self.shown[here, target] != links:
                    self.shown[here, target] = links
                    self.plane.edit(SetHops(here, target, links))

    def node(self, name: str, up: bool) -> None:
        """A machine has failed, or is back. Where nodes hold sessions with each other (BGP), they forget the routes to
        its pods at the end of the hold time; until then, and with other CNIs for good, packets set out in vain."""
        if up:
            self.lost.discard(name)
            self.plane.env.process(self.regained(name))
        elif self.hold is not None:
            self.lost.add(name)
            self.plane.env.process(self.forgotten(name, self.hold))

    def forgotten(self, name: str, hold: int) -> Steps:
        """The sessions with a dead node run out."""
        yield self.plane.wait(hold)
        if name in self.lost:
            self.withdrawn |= self.access(name)
            self.plane.note("route", name, "the routes to its pods are withdrawn")
            yield from self.spread(set(self.wiring.near.values()))

    def regained(self, name: str) -> Steps:
        """The routes come back with the sessions."""
        yield self.plane.wait(self.plane.clocks.advertise)
        if self.withdrawn & self.access(name):
            self.withdrawn -= self.access(name)
            self.plane.note("route", name, "the routes to its pods are back")
            yield from self.spread(set(self.wiring.near.values()))

    def access(self, name: str) -> set[int]:
        """The links that lead to a node."""
        return self.links.of_place(int(self.plane.program.nodes.place[self.plane.node[name]]))
