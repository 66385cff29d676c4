"""Machines: nodes, the machines outside, and the fabric between them become stations and places."""

from collections import deque
from collections.abc import Iterable

import numpy as np

from netsim.chance import UNITY, name_key
from netsim.lowering.rows import Rows
from netsim.model.cluster import External, Kernel, Node
from netsim.model.datapath import DataPath
from netsim.model.fabric import Machine, Topology
from netsim.program import Fabric, Kind, Nodes, Stations

TUN_QUEUE = 500  # frames: TUN_READQ_SIZE of drivers/net/tun.c
CONNTRACK_PER_CORE, CONNTRACK_LEAST = 32_768, 131_072  # kube-proxy: conntrack.maxPerCore and conntrack.min
MILLION = 1_000_000
INTERNET, BALANCER = "internet", "load-balancer"
BACKBONE = 400_000_000_000  # bit/s between the fabric and the clients on the internet: never the limit


class StationTable:
    """Stations under construction, with the names that reports use."""

    def __init__(self) -> None:
        self.rows: Rows[Stations] = Rows(Stations)
        self.names: list[str] = []
        self.roles: list[str] = []
        self.groups: list[str] = []

    def add(self, kind: Kind, name: str, group: str, **cells: int) -> int:
        """A station; cells that are not given are -1 (one server)."""
        row = {"servers": 1, "room": -1, "rate": -1, "travel": 0, "place": -1, "mtu": -1, "reports": 0, "loss": 0}
        row |= {"mark": -1} | cells
        self.names.append(name)
        self.roles.append(kind.name.lower())
        self.groups.append(group)
        return self.rows.add(kind=kind, key=name_key(name), **row)

    def spare(self, largest: int) -> None:
        """Let links without a limit that no packet reaches: ``largest`` is the size of the largest one in bytes."""
        limits = self.rows.columns["mtu"]
        for row, limit in enumerate(limits):
            if limit >= largest:
                limits[row] = -1


class MachineTable:
    """Nodes of the cluster and machines outside as rows of Nodes, in the order of their names."""

    def __init__(self, stations: StationTable, idle_exit: int, path: DataPath, with_daemon: bool) -> None:
        self.stations = stations
        self.idle_exit = idle_exit
        self.nat_ports = path.nat_ports
        self.with_daemon = with_daemon
        self.rows: Rows[Nodes] = Rows(Nodes)
        self.names: list[str] = []
        self.number: dict[str, int] = {}

    def add(self, machine: Node | External, place: int, subnet: int) -> None:
        """A machine with its cores; ``subnet`` is -1 outside the cluster."""
        name = machine.name
        kernel = machine.kernel if isinstance(machine, Node) else Kernel()
        limit = kernel.conntrack_max
        first = -1
        for core in range(machine.cores):
            lane = self.stations.add(Kind.SOFTIRQ, f"{name}.core{core}.softirq", name, room=kernel.backlog)
            self.stations.add(Kind.APPLICATION, f"{name}.core{core}.threads", name)
            first = lane if first < 0 else first
        daemon = -1
        if self.with_daemon and subnet >= 0:
            daemon = self.stations.add(Kind.DAEMON, f"{name}.tunnel", name, room=TUN_QUEUE)
        self.number[name] = self.rows.add(
            first_core=first,
            cores=machine.cores,
            queues=machine.nic.queues,
            ring=machine.nic.ring,
            conntrack_max=limit or max(CONNTRACK_PER_CORE * machine.cores, CONNTRACK_LEAST),
            place=place,
            subnet=subnet,
            daemon=daemon,
            slowness=UNITY * MILLION // machine.speed,
            idle_exit=self.idle_exit,
            moderation=machine.nic.moderation,
            ports=kernel.ports,
            nat_ports=kernel.nat_ports if self.nat_ports is None else self.nat_ports,
            socket_buffer=kernel.socket_buffer,
            key=name_key(name),
        )
        self.names.append(name)


def attached(
    nodes: Iterable[Node], externals: Iterable[External], balancer: int | None, internet: bool
) -> tuple[Machine, ...]:
    """Everything with a NIC on the fabric; ``balancer`` is the balancer's bandwidth where there is one."""
    found = [Machine(node.name, node.nic.bandwidth, node.zone, mtu=node.nic.mtu) for node in nodes]
    found += [Machine(one.name, one.nic.bandwidth, one.zone, one.latency, one.nic.mtu) for one in externals]
    if balancer is not None:
        found.append(Machine(BALANCER, balancer))
    if internet:
        found.append(Machine(INTERNET, BACKBONE))
    return tuple(found)


class FabricTable:
    """Links as stations, and for each pair of places the links that lead on."""

    def __init__(self, topology: Topology, stations: StationTable) -> None:
        self.place = {name: number for number, name in enumerate(topology.places)}
        self.subnets = dict(topology.subnets)
        self.out: list[list[tuple[int, int]]] = [[] for _ in self.place]  # (station, far place)
        self.into: list[list[int]] = [[] for _ in self.place]
        for link in topology.links:
            source, target = self.place[link.source], self.place[link.target]
            station = stations.add(
                Kind.LINK,
                link.name,
                link.name,
                rate=link.rate,
                travel=link.travel,
                room=-1 if link.room is None else link.room,
                place=target,
                mtu=link.mtu,
                reports=int(link.reports),
                loss=link.loss,
                mark=-1 if link.mark is None else link.mark,
            )
            self.out[source].append((station, target))
            self.into[target].append(source)

    def distances(self, target: int) -> list[int]:
        """Hops from every place to ``target``, -1 where there is no way."""
        found = [-1] * len(self.place)
        found[target] = 0
        frontier = deque([target])
        while frontier:
            here = frontier.popleft()
            for before in self.into[here]:
                if found[before] < 0:
                    found[before] = found[here] + 1
                    frontier.append(before)
        return found

    def done(self, targets: Iterable[int]) -> Fabric:
        """ECMP groups towards every machine: the links on a shortest way, in the order of their stations."""
        hops = np.full((len(self.place), len(self.place)), -1, dtype=np.int64)
        groups: dict[tuple[int, ...], int] = {}
        for target in targets:
            distance = self.distances(target)
            for here, links in enumerate(self.out):
                closer = tuple(
                    station for station, far in links if distance[far] == distance[here] - 1 and distance[far] >= 0
                )
                if closer:
                    hops[here, target] = groups.setdefault(closer, len(groups))
        sizes = [len(group) for group in groups]
        firsts = [sum(sizes[:number]) for number in range(len(sizes))]
        members = [station for group in groups for station in group]
        return Fabric(hops, *(np.array(cells, dtype=np.int64) for cells in (firsts, sizes, members)))
