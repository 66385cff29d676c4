"""Growth: the rows of pods that come while a Program runs, as lowering would have made them."""

from ipaddress import IPv4Address

from netsim import cni
from netsim.chance import name_key
from netsim.headers import TCP_IP
from netsim.lowering.rows import Rows
from netsim.lowering.screens import Screening
from netsim.model.cluster import Pod, Scenario
from netsim.model.datapath import DataPath
from netsim.program import Endpoint, Endpoints, Kind, Program, Stations
from netsim.program_edits import Grow

UNKNOWN = 64  # workers of a workload that the scenario does not describe, as in model.cluster.Behaviour


class Growth:
    """Makes the rows of new pods of one scenario."""

    def __init__(self, scenario: Scenario, program: Program, screening: Screening) -> None:
        config = scenario.cluster.cni
        self.path: DataPath = cni.load(config.plugin).data_path(config)  # type: ignore[attr-defined]
        self.mtu = {node.name: node.nic.mtu for node in scenario.cluster.nodes}
        self.node = {name: number for number, name in enumerate(program.names.nodes)}
        self.workers = {one.target: one.concurrency for one in scenario.behaviours}
        self.neighbours = bool((program.endpoints.neighbour >= 0).any())
        self.screening = screening
        self.identity = -1

    def of(self, pod: Pod, address: str, program: Program) -> Grow:
        """The rows of a placed pod behind those that ``program`` has; the pod itself is the last of them."""
        self.identity = self.screening.identity(pod, IPv4Address(address) if address else None)
        stations: Rows[Stations] = Rows(Stations)
        endpoints: Rows[Endpoints] = Rows(Endpoints)
        names = [f"{pod.path}:localhost"] if self.neighbours else []
        names.append(pod.path)
        neighbour = -1
        for name in names:
            station = self._station(stations, pod, name) + len(program.stations.kind)
            row = self._endpoint(endpoints, pod, name, (station, neighbour), program)
            neighbour = row + len(program.endpoints.kind)
        return Grow(stations.done(), endpoints.done(), tuple(names), tuple(["", address][-len(names) :]))

    def _station(self, rows: Rows[Stations], pod: Pod, name: str) -> int:
        servers = self.workers.get(pod.owner, UNKNOWN) if name == pod.path else -1
        cells = dict.fromkeys(rows.columns, -1) | {"travel": 0, "reports": 0, "loss": 0}
        return rows.add(**cells | {"kind": Kind.POD, "servers": servers, "key": name_key(name)})

    def _endpoint(
        self, rows: Rows[Endpoints], pod: Pod, name: str, ties: tuple[int, int], program: Program
    ) -> int:
        on_host = pod.host_network or self.path.pods_on_host_network
        mtu = self.mtu[pod.node] if on_host else self.path.pod_mtu(self.mtu[pod.node])
        node, (station, neighbour) = self.node[pod.node], ties
        cells = dict.fromkeys(rows.columns, -1) | {
            "kind": Endpoint.HOST if on_host else Endpoint.POD,
            "node": node,
            "place": int(program.nodes.place[node]),
            "station": station,
            "mss": mtu - TCP_IP,
            "neighbour": neighbour,
            "identity": self.identity,
            "key": name_key(name),
        }
        return rows.add(**cells)
