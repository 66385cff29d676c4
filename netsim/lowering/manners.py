"""Manners: how calls are made, beside what is asked: protocol, patience, TLS, port, and the race of first datagrams."""

from netsim.costs import Profile
from netsim.lowering.parties import ServiceTable
from netsim.lowering.rows import Rows
from netsim.model import stages, transport
from netsim.model.cluster import Call, Cluster
from netsim.program import Entry, Protocol, Tls

SERVICE, POD, UDP = "svc", "pod", "UDP"
PROTOCOLS = {"TCP": Protocol.TCP, UDP: Protocol.UDP}
NATS = (stages.KUBE_SERVICES.name, stages.NFT_SERVICES.name)  # where nf_nat translates, whose entries can clash


class Manners:
    """Makes the columns of Calls that say how; collects Names.ports and the rows of Tls."""

    def __init__(self, cluster: Cluster, services: ServiceTable, profile: Profile) -> None:
        self.services = services
        self.profile = profile
        self.pods = {pod.path: pod for pod in cluster.pods}
        self.ports: list[str] = [""]
        self.tls: Rows[Tls] = Rows(Tls)
        self.known: dict[transport.Tls, int] = {}

    def cells(self, call: Call, entry: Entry) -> dict[str, int]:
        """The columns of one call."""
        name = self.port(call)
        if name not in self.ports:
            self.ports.append(name)
        return {
            "protocol": PROTOCOLS[call.protocol],
            "timeout": -1 if call.timeout is None else call.timeout,
            "retries": call.retries,
            "per_request": int(call.per_request),
            "tls": -1 if call.tls is None else self.handshake(call.tls),
            "port": self.ports.index(name),
            "resolves": int(call.resolves),
            "race": self.race(call, entry),
            "after": -1,
            "paired": int(call.connections.paired),
        }

    def port(self, call: Call) -> str:
        """Where the server listens, such as ``8080/TCP``; empty where nothing says it."""
        number = call.port
        kind, _, name = call.to.partition("/")
        if kind == SERVICE:
            service = self.services.services[name]
            ports = [one for one in service.targets if one.protocol == call.protocol]
            found = next((one.target for one in ports if number in (None, one.port)), None)
            if found is not None:
                return f"{found}/{call.protocol}"
            name = service.endpoints[0] if service.endpoints else ""
        if number is None and kind in (SERVICE, POD) and name in self.pods:
            listening = [port for container in self.pods[name].containers for port in container.ports]
            number = listening[0] if listening else None
        return "" if number is None else f"{number}/{call.protocol}"

    def handshake(self, tls: transport.Tls) -> int:
        """The row of a kind of TLS handshake; work that the scenario does not say is the cost profile's."""
        row = self.known.get(tls)
        if row is None:
            names = (stages.TLS_CLIENT.name, stages.TLS_SERVER.name)
            client, server = (self.profile.stage(name).per_burst for name in names)
            if None in (tls.client, tls.server):
                for name in names:
                    self.services.paths.stage_name(name)
            row = self.known[tls] = self.tls.add(
                rounds=tls.rounds,
                request=tls.request,
                response=tls.response,
                client=client if tls.client is None else tls.client,
                server=server if tls.server is None else tls.server,
            )
        return row

    def race(self, call: Call, entry: Entry) -> int:
        """The chance of a first datagram to lose its conntrack entry to another of the same socket: only where NAT of a
        Service's address changes it; -1 where conntrack is told not to look."""
        if call.race < 0:
            return -1
        translated = entry == Entry.CLUSTER_IP and self.services.by_proxy(entry)
        return call.race if translated and self.services.translation.stage.name in NATS else 0
