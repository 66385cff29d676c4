"""Views: the rows of Services that stand for one Service, and what nodes choose among in each."""

from dataclasses import dataclass

from netsim.control.plane import Plane
from netsim.lowering.entrances import NODE_ENTRIES
from netsim.lowering.views import Backend
from netsim.model.cluster import Service
from netsim.program import Entry
from netsim.program_edits import SetEntries, SetView

EVERYBODY = -1
VIEWED = (Entry.CLUSTER_IP, Entry.HOST_PORT, *NODE_ENTRIES)  # where a node's kube-proxy or CNI chooses


@dataclass(frozen=True, slots=True)
class Published:
    """All endpoints of a Service at one time, and what nodes make of them for traffic from inside and outside."""

    service: Service
    endpoints: tuple[Backend, ...]
    members: tuple[int, ...]
    views: tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, ...]]]

    def view(self, node: int, outside: bool) -> tuple[int, ...]:
        """What one node chooses among."""
        return self.views[outside].get(node, self.members)


class ServiceRows:
    """Rows of Services by the Service's path, each with how its clients come.

    The first change of a Service gives every node a view of its own, what it had before: from then on nodes learn of
    changes one by one. Who connects to the pods' own addresses, which DNS or an API tells him, has no node's view.
    """

    def __init__(self, plane: Plane) -> None:
        calls = plane.program.calls
        entry = dict(zip(calls.service.tolist(), calls.entry.tolist(), strict=True))
        self.plane = plane
        self.nodes = [plane.node[node.name] for node in plane.cluster.nodes]
        self.rows: dict[str, list[tuple[int, Entry]]] = {}
        self.shown: dict[tuple[int, int], tuple[int, ...]] = {}
        for row, target in enumerate(plane.program.names.services):
            kind, _, path = target.partition("/")
            if kind == "svc":
                self.rows.setdefault(path, []).append((row, Entry(entry.get(row, Entry.CLUSTER_IP))))

    def pin(self, before: Published) -> None:
        """Give every node what it has had until now."""
        for row, entry in self.rows.get(before.service.path, ()):
            if (row, EVERYBODY) not in self.shown:
                self.shown[row, EVERYBODY] = before.members
                for node in self.nodes if entry in VIEWED else ():
                    self.change(row, node, chosen(before, entry, node))

    def show(self, published: Published, node: int) -> bool:
        """Let a node choose among what was published; whether that changes anything."""
        changed = [
            self.change(row, node, chosen(published, entry, node))
            for row, entry in self.rows.get(published.service.path, ())
            if node == EVERYBODY or entry in VIEWED
        ]
        return any(changed)

    def change(self, row: int, node: int, members: tuple[int, ...]) -> bool:
        """Change one view; whether it is another than before."""
        if self.shown.get((row, node)) == members:
            return False
        self.shown[row, node] = members
        self.plane.edit(SetView(row, node, members))
        return True

    def host_ports(self, published: Published) -> None:
        """Let those who come to a port of a pod's node come to where the pods are now."""
        for row, entry in self.rows.get(published.service.path, ()):
            if entry == Entry.HOST_PORT:
                self.plane.edit(SetEntries(row, tuple(sorted({one.node for one in published.endpoints if one.ready}))))


def chosen(published: Published, entry: Entry, node: int) -> tuple[int, ...]:
    """What a node chooses among for connections that come by ``entry``."""
    if node == EVERYBODY:
        return published.members
    if entry == Entry.HOST_PORT:
        here = {one.number for one in published.endpoints if one.node == node}
        return tuple(number for number in published.members if number in here)
    return published.view(node, entry in NODE_ENTRIES)
