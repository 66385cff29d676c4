"""Sockets: what the two ends of a path do for each phase, in the thread and in the kernel's softirq."""

from collections.abc import Iterable

from netsim.lowering.segments import Leg, Segment, Stages
from netsim.lowering.serviced import ACKNOWLEDGING, DATAGRAMS, serviced
from netsim.model import stages
from netsim.model.datapath import Lane, Translation
from netsim.program import Phase

BULK = (Phase.REQUEST, Phase.RESPONSE)  # whose bursts may have several frames


def with_sockets(leg: Leg, phase: Phase, translation: Translation) -> Iterable[tuple[Segment, Stages]]:
    """The segments of a leg with the socket's stages at both ends, as the phase has them.

    A client on the internet has no socket here: its segment only travels.
    """
    first, last = 0, len(leg.segments) - 1
    found: list[tuple[Segment, Stages]] = []
    for place, segment in enumerate(leg.segments):
        pieces = serviced(segment.stages, phase, translation, segment.opens)
        if place == first and not segment.travels:
            pieces = sending(pieces, phase)
        if segment.received_from is not None:
            pieces = (stages.NIC_RECEIVE, *pieces)
        if place == last and not segment.travels:
            pieces = receiving(pieces, phase)
            if segment.received_from is None and not segment.stages:
                join_kernel_part(found, pieces)
                pieces = tuple(stage for stage in pieces if stage.lane is Lane.APPLICATION)
        found.append((segment, pieces))
    return [(segment, pieces) for segment, pieces in found if pieces or segment.wire_to is not None or segment.travels]


def join_kernel_part(found: list[tuple[Segment, Stages]], pieces: Stages) -> None:
    """On one node the receiving socket's softirq part is the end of what the packet is already in."""
    segment, before = found[-1]
    found[-1] = (segment, (*before, *(stage for stage in pieces if stage.lane is Lane.SOFTIRQ)))


def sending(pieces: Stages, phase: Phase) -> Stages:
    """With the sending socket in front; the kernel itself answers a SYN and acknowledges data, in the softirq that
    brought them."""
    if phase == Phase.SYN:
        return (stages.TCP_CONNECT, *pieces)
    if phase == Phase.SYNACK or phase in ACKNOWLEDGING:
        sent = tuple(stage.on(Lane.SOFTIRQ) if stage.lane is Lane.APPLICATION else stage for stage in pieces)
        return (stages.ACK_SEND, *sent) if phase in ACKNOWLEDGING else sent
    return (stages.DATAGRAM_SEND if phase in DATAGRAMS else stages.SOCKET_SEND, *pieces)


def receiving(pieces: Stages, phase: Phase) -> Stages:
    """With the receiving socket behind; SYNs and ACKs end in the kernel, a SYN-ACK wakes the thread that connects."""
    if phase == Phase.SYN:
        return (*pieces, stages.TCP_ACCEPT)
    if phase == Phase.SYNACK:
        return (*pieces, stages.TCP_FINISH, stages.SOCKET_RECEIVE)
    if phase in ACKNOWLEDGING:
        return (*pieces, stages.ACK_RECEIVE)
    if phase in DATAGRAMS:
        return (*pieces, stages.UDP_DELIVER, stages.DATAGRAM_RECEIVE)
    return (*pieces, stages.TCP_RECEIVE, stages.SOCKET_RECEIVE)
