"""Legs: which stages a packet crosses between two kinds of party, socket to socket, for one CNI's data path."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile

from netsim.model import stages
from netsim.model.datapath import DataPath, Encapsulation, Lane, Stage, Translation
from netsim.program import Endpoint, Entry, Relation, Role

Stages = tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """What happens at one party, or (``wire_to``) the wire to the next.

    ``received`` segments begin at the NIC's ring. ``opens`` is set where the first packet meets rules: ``"translate"``
    at the machine that resolves the Service, ``"miss"`` at machines where no rule matches.
    """

    role: Role
    stages: Stages = ()
    received_from: Role | None = None
    wire_to: Role | None = None
    encapsulation: Encapsulation | None = None
    travels: bool = False
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One direction of a connection. ``outside`` is the party that is no node of the cluster."""

    segments: tuple[Segment, ...]
    loopback: bool = False
    outside: Role | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """What legs are made of: the CNI's data path, that of a host's own stack, and the kube-proxy mode."""

    pods: DataPath
    host: DataPath
    translation: Translation


def application(pieces: Iterable[Stage]) -> Stages:
    """The same stages done by the sending thread."""
    return tuple(stage.on(Lane.APPLICATION) if stage.lane is Lane.SOFTIRQ else stage for stage in pieces)


def to_wire(pieces: Stages) -> Stages:
    """Stages that end at a NIC: the queueing discipline and the driver run where the packet is."""
    lane = pieces[-1].lane if pieces else Lane.APPLICATION
    return (*pieces, stages.QDISC.on(lane), stages.NIC_TRANSMIT.on(lane))


@dataclass(frozen=True, slots=True)
class Crossing:
    """What a packet meets between two machines: stages up to the NIC, from the NIC on, and what it wears between."""

    sent: Stages
    received: Stages
    wrapped: Encapsulation | None = None

    def leg(self, roles: tuple[Role, Role], opens: tuple[str, str]) -> Leg:
        """As one direction of a connection between ``roles``."""
        sender, receiver = roles
        return Leg(
            (
                Segment(sender, to_wire(self.sent), opens=opens[0]),
                Segment(sender, wire_to=receiver, encapsulation=self.wrapped),
                Segment(receiver, self.received, received_from=sender, opens=opens[1]),
            )
        )


class Legs:
    """Composes the two legs of every kind of connection."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def both(self, entry: Entry, client: Endpoint, server: Endpoint, relation: Relation) -> tuple[Leg, Leg] | None:
        """The legs towards the server and back; None for parties that cannot meet so."""
        if entry < Entry.NODE_PORT:
            return self.direct(client, server, relation, "translate" if entry == Entry.CLUSTER_IP else "miss")
        if client == Endpoint.POD or server == Endpoint.INTERNET or relation in (Relation.SAME_POD, Relation.OUTSIDE):
            return None
        return self.entered(entry, client, server, relation)

    # -- inside the cluster, and out of it ------------------------------------------------------------------------

    def direct(self, client: Endpoint, server: Endpoint, relation: Relation, opens: str) -> tuple[Leg, Leg] | None:
        """From a pod or host to another's own address or to a Service's, as the first packet finds out."""
        if Endpoint.INTERNET in (client, server) or (relation == Relation.OUTSIDE and server == Endpoint.POD):
            return None
        if relation == Relation.SAME_POD:
            return self.over_loopback(Role.CLIENT, Role.SERVER), self.over_loopback(Role.SERVER, Role.CLIENT)
        if relation == Relation.SAME_NODE:
            if client == server == Endpoint.HOST:
                return self.over_loopback(Role.CLIENT, Role.SERVER), self.over_loopback(Role.SERVER, Role.CLIENT)
            return (
                self.on_node((client, server), (Role.CLIENT, Role.SERVER), opens),
                self.on_node((server, client), (Role.SERVER, Role.CLIENT), ""),
            )
        there, back = self.crossings(client, server, relation)
        outside = Role.SERVER if relation == Relation.OUTSIDE else None
        return (
            replace(there.leg((Role.CLIENT, Role.SERVER), (opens, "miss")), outside=outside),
            replace(back.leg((Role.SERVER, Role.CLIENT), ("", "")), outside=outside),
        )

    def over_loopback(self, sender: Role, receiver: Role) -> Leg:
        """Within one network namespace."""
        return Leg((Segment(sender), Segment(receiver, (stages.LOOPBACK,))), loopback=True)

    def on_node(self, kinds: tuple[Endpoint, Endpoint], roles: tuple[Role, Role], opens: str) -> Leg:
        """Between two endpoints of one node; nothing reaches a NIC."""
        pods = self.network.pods
        if kinds == (Endpoint.POD, Endpoint.POD):
            local = pods.local if pods.local_service is None or opens != "translate" else pods.local_service
            sent, switched = pods.pod_out, (*local, *pods.pod_in)
        elif kinds[0] == Endpoint.POD:
            sent, switched = pods.pod_out, pods.entry_local
        else:
            sent, switched = application((*pods.entry_local, *pods.pod_in)), ()
        return Leg((Segment(roles[0], (*sent, *switched), opens=opens), Segment(roles[1])))

    def crossings(self, client: Endpoint, server: Endpoint, relation: Relation) -> tuple["Crossing", "Crossing"]:
        """Between two machines, there and back. Towards a host's own address nothing is tunnelled; a host that
        addresses a pod sends through its CNI's tunnel, and so comes the answer."""
        pods, host = self.network.pods, self.network.host
        host_out, host_in = (*host.pod_out, *host.egress), (*host.ingress, *host.pod_in)
        if server == Endpoint.HOST:
            if client == Endpoint.HOST:
                return Crossing(host_out, host_in), Crossing(host_out, host_in)
            return (
                Crossing((*pods.pod_out, *pods.external_egress), host_in),
                Crossing(host_out, (*pods.external_ingress, *pods.pod_in)),
            )
        between = self.between_nodes(pods, relation)
        pod_out, pod_in = (*pods.pod_out, *between.sent), (*between.received, *pods.pod_in)
        if client == Endpoint.POD:
            return Crossing(pod_out, pod_in, between.wrapped), Crossing(pod_out, pod_in, between.wrapped)
        own = application(plain(pods.entry_remote, between.wrapped))
        answer = (*plain(pods.entry_return, between.wrapped, back=True), *host.pod_in)
        return Crossing(own, pod_in, between.wrapped), Crossing(pod_out, answer, between.wrapped)

    @staticmethod
    def between_nodes(path: DataPath, relation: Relation) -> "Crossing":
        """From veth to veth of two nodes, by the tunnel or directly where the mode does so inside a subnet."""
        if relation == Relation.SAME_SUBNET and path.direct_egress is not None and path.direct_ingress is not None:
            return Crossing(path.direct_egress, path.direct_ingress)
        return Crossing(path.egress, path.ingress, path.encapsulation)

    # -- from outside, through an entry node ----------------------------------------------------------------------

    def entered(self, entry: Entry, client: Endpoint, server: Endpoint, relation: Relation) -> tuple[Leg, Leg]:
        """From a client outside to the node port of an entry node, and on to a pod there or elsewhere."""
        last = Role.CLIENT
        towards: list[Segment] = self.leave_client(client)
        if entry == Entry.LOAD_BALANCER:
            towards += [
                Segment(Role.CLIENT, wire_to=Role.BALANCER),
                Segment(Role.BALANCER, (stages.LB_FORWARD,)),
            ]
            last = Role.BALANCER
        towards.append(Segment(last, wire_to=Role.ENTRY))
        if relation == Relation.SAME_NODE:
            inside, out = self.enter_local(server, last)
        else:
            inside, out = self.enter_remote(server, last, relation)
        back = (*out, *self.reach_client(client, out))
        return Leg((*towards, *inside), outside=Role.CLIENT), Leg(back, outside=Role.CLIENT)

    def leave_client(self, client: Endpoint) -> list[Segment]:
        """The client's own part, before its packets are on the cluster's fabric."""
        host = self.network.host
        if client == Endpoint.INTERNET:
            return [Segment(Role.CLIENT, travels=True)]
        return [Segment(Role.CLIENT, to_wire((*host.pod_out, *host.egress)))]

    def reach_client(self, client: Endpoint, out: list[Segment]) -> list[Segment]:
        """The way from the machine that sends the answer out to the client's socket."""
        host = self.network.host
        sender = out[-1].role
        wire = Segment(sender, wire_to=Role.CLIENT)
        if client == Endpoint.INTERNET:
            return [wire, Segment(Role.CLIENT, travels=True)]
        return [wire, Segment(Role.CLIENT, (*host.ingress, *host.pod_in), received_from=sender)]

    def enter_local(self, server: Endpoint, last: Role) -> tuple[list[Segment], list[Segment]]:
        """The chosen endpoint is on the entry node: in by NodePort, out again by the same node."""
        pods, host = self.network.pods, self.network.host
        if server == Endpoint.POD:
            received, sent = (*pods.entry_local, *pods.pod_in), (*pods.pod_out, *pods.external_egress)
        else:
            translated = (stage for stage in pods.entry_local if stage.translates)
            received, sent = (*translated, *host.entry_local, *host.pod_in), (*host.pod_out, *host.egress)
        return (
            [Segment(Role.ENTRY, received, received_from=last, opens="translate"), Segment(Role.SERVER)],
            [Segment(Role.SERVER, to_wire(sent))],
        )

    def enter_remote(self, server: Endpoint, last: Role, relation: Relation) -> tuple[list[Segment], list[Segment]]:
        """The chosen endpoint is elsewhere: the entry node forwards, and the answer comes back to it.

        Its masquerading is part of the Service's walk, since it depends on the Service's traffic policy."""
        pods = self.network.pods
        path = pods if server == Endpoint.POD else self.network.host
        between = self.between_nodes(path, relation)
        wrapped = between.wrapped
        return (
            [
                Segment(Role.ENTRY, to_wire(plain(pods.entry_remote, wrapped)), received_from=last, opens="translate"),
                Segment(Role.ENTRY, wire_to=Role.SERVER, encapsulation=wrapped),
                Segment(Role.SERVER, (*between.received, *path.pod_in), received_from=Role.ENTRY, opens="miss"),
            ],
            [
                Segment(Role.SERVER, to_wire((*path.pod_out, *between.sent))),
                Segment(Role.SERVER, wire_to=Role.ENTRY, encapsulation=wrapped),
                Segment(Role.ENTRY, to_wire(plain(pods.entry_return, wrapped, back=True)), received_from=Role.SERVER),
            ],
        )


def plain(pieces: Stages, wrapped: Encapsulation | None, back: bool = False) -> Stages:
    """Without the tunnel's stages where the peer is reached without a tunnel: what is left is done by the host's own IP
    layer, at the beginning of the way out and at the end of the way ``back``."""
    if wrapped is not None:
        return pieces
    own = tuple(takewhile(lambda stage: stage.name in stages.HOST_LAYER, reversed(pieces) if back else pieces))
    return own[::-1] if back else own


def first_packet(segment_stages: Stages, translation: Translation, opens: str) -> Stages:
    """The stages of a flow's opening packet: the rules of kube-proxy stand where netfilter sees the packet first."""
    if not opens or any(piece.translates for piece in segment_stages):
        return segment_stages
    stage = translation.stage
    if stage.lane is Lane.APPLICATION:
        return (stage, *segment_stages) if opens == "translate" else segment_stages
    place = next((number for number, piece in enumerate(segment_stages) if piece.name == "conntrack"), None)
    if place is None:
        return segment_stages
    met = stage if opens == "translate" else replace(stage, translates=False)
    return (*segment_stages[:place], met.on(segment_stages[place].lane), *segment_stages[place:])
