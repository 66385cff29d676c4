"""Segments: what a packet meets at one party or on one wire, and the pieces that legs are composed of."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from netsim.model import stages
from netsim.model.datapath import DataPath, Encapsulation, Lane, Stage, Translation
from netsim.program import Relation, Role

Stages = tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """What happens at one party, or (``wire_to``) the wire to the next.

    ``received`` segments begin at the NIC's ring. ``opens`` is set where packets meet kube-proxy's rules:
    ``"translate"`` at the machine that resolves the Service, ``"back"`` there for what the server sends, ``"miss"``
    where no rule matches.
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
    """What legs are made of: the CNI's data path, that of a host's own stack, and the kube-proxy mode. ``balanced``
    says whether a machine passes packets on to the nodes that clients of a LoadBalancer Service come to."""

    pods: DataPath
    host: DataPath
    translation: Translation
    balanced: bool = True


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


def between_nodes(path: DataPath, relation: Relation) -> Crossing:
    """From veth to veth of two nodes, by the tunnel or directly where the mode does so inside a subnet."""
    if relation == Relation.SAME_SUBNET and path.direct_egress is not None and path.direct_ingress is not None:
        return Crossing(path.direct_egress, path.direct_ingress)
    return Crossing(path.egress, path.ingress, path.encapsulation)


def plain(pieces: Stages, wrapped: Encapsulation | None, back: bool = False) -> Stages:
    """Without the tunnel's stages where the peer is reached without a tunnel: what is left is done by the host's own IP
    layer, at the beginning of the way out and at the end of the way ``back``."""
    if wrapped is not None:
        return pieces
    own = tuple(takewhile(lambda stage: stage.name in stages.HOST_LAYER, reversed(pieces) if back else pieces))
    return own[::-1] if back else own


def answers(opens: str, pieces: Stages) -> str:
    """What ``opens`` is for the way back over the machine that met ``pieces`` towards the server: nothing where it did
    not translate, or the CNI's own stages do."""
    return "back" if opens == "translate" and not any(piece.translates for piece in pieces) else ""
