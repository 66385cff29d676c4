"""The CNI plugin and its IPAM: gives pods their addresses, and takes them back.

Its times are assumed: what a plugin does on the node (namespace, veth pair, routes) is some ten netlink calls and the
start of two processes; an allocator that keeps its state in the API server's datastore writes there twice
(projectcalico/calico design/ipam: a block is claimed, then confirmed).
"""

from collections.abc import Callable
from ipaddress import IPv4Address

from netsim import cni, ipam
from netsim.control.api import Api, LivePod
from netsim.control.clients import Clients
from netsim.control.plane import Plane
from netsim.lowering.growth import Growth
from netsim.lowering.screens import Screening
from netsim.model.workload import MS
from netsim.program import State
from netsim.program_edits import SetEndpoint

EXECUTED = 40 * MS  # a plugin's run on the node (assumed)
DATASTORE = ("calico-blocks",)  # allocators that keep their state at the API server


class Plugin:
    """CNI ADD and DEL for all nodes, and the states of the endpoints that come of them."""

    def __init__(self, plane: Plane, api: Api, clients: Clients, screening: Screening) -> None:
        self.plane, self.api, self.clients, self.screening = plane, api, clients, screening
        self.identified: Callable[[], None] = lambda: None
        cluster = plane.cluster
        module = cni.load(cluster.cni.plugin)  # type: ignore[attr-defined]
        self.growth = Growth(plane.scenario, plane.program, screening)
        writes = 2 * plane.clocks.write if module.ipam(cluster.cni) in DATASTORE else 0
        self.adding = EXECUTED + writes
        self.deleting = EXECUTED + writes
        allocate = module.allocator(cluster.cni)
        nodes = {node.name: node.pod_cidr for node in cluster.nodes}
        self.pool = None if allocate is None else ipam.pool_of(allocate, nodes, cluster.pod_cidr)
        for live in api.pods.values():
            live.address = self.address(live)

    def address(self, live: LivePod) -> object:
        """An address for a pod, "" where it has its node's, None where there is none."""
        if self.pool is None or live.pod.host_network:
            return ""
        return self.pool.take(live.node)

    def add(self, live: LivePod) -> bool:
        """Give a pod its address and its rows in the Program; False while no address is free."""
        live.address = self.address(live)
        if live.address is None:
            return False
        known = len(self.screening.identities.parties)
        edit = self.growth.of(live.pod, str(live.address), self.plane.program)
        self.plane.edit(edit)
        if len(self.screening.identities.parties) > known:
            self.identified()
        live.screened = not self.screening.directions or live.pod.host_network
        for name in edit.names:
            self.plane.endpoint[name] = len(self.plane.endpoint)
        live.endpoint = self.plane.endpoint[live.path]
        self.api.tell(("ports", live.node), live)
        return True

    def delete(self, live: LivePod) -> None:
        """The address is free again, and nobody answers there."""
        self.show(live, State.GONE)
        if isinstance(live.address, IPv4Address) and self.pool is not None:
            self.pool.give(live.node, live.address)
        live.address = None

    def show(self, live: LivePod, state: State) -> None:
        """Let the data plane know how all containers of a pod answer."""
        if live.endpoint < 0:
            return
        neighbour = int(self.plane.program.endpoints.neighbour[live.endpoint])
        for end in (neighbour, live.endpoint) if neighbour >= 0 else (live.endpoint,):
            self.plane.edit(SetEndpoint(end, state))
        self.clients.changed(live.pod.owner)
