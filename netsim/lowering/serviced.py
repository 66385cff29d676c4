"""What packets to a Service meet beside the CNI's own stages: the rules of kube-proxy, or its process."""

from dataclasses import replace

from netsim.lowering.segments import Stages
from netsim.model import stages
from netsim.model.datapath import Lane, Stage, Translation
from netsim.program import Phase

OPENING = (Phase.SYN, Phase.FIRST_DATAGRAM)
ACKNOWLEDGING = (Phase.ACK, Phase.ACK_BACK)
DATAGRAMS = (Phase.DATAGRAM, Phase.FIRST_DATAGRAM, Phase.DATAGRAM_BACK)
TRANSLATE, MISS, BACK = "translate", "miss", "back"


def serviced(pieces: Stages, phase: Phase, translation: Translation, opens: str) -> Stages:
    """The stages of a segment with what kube-proxy adds where netfilter sees the packet first.

    ``opens`` is ``"translate"`` on the machine that translates the Service's address, ``"miss"`` where the same packet
    matches no rule, ``"back"`` where what the server sends is given the Service's address again.
    """
    opening = phase in OPENING
    if not opening:
        pieces = tuple(stage for stage in pieces if not stage.first_packet)
    if not opens or (opens != BACK and any(piece.translates for piece in pieces)):
        return pieces
    if translation.stage.lane is Lane.APPLICATION:
        return (translation.stage, *pieces) if opening and opens == TRANSLATE else pieces
    place = next((number for number, piece in enumerate(pieces) if piece.name == stages.CONNTRACK.name), None)
    if place is None:
        return pieces
    lane = pieces[place].lane
    met = tuple(piece.on(lane) for piece in added(translation, opens, opening))
    behind = pieces[place:]
    if translation.relays and opens != MISS:
        met += relayed(phase)
        behind = tuple(piece.on(Lane.SOFTIRQ) if piece.lane is Lane.APPLICATION else piece for piece in behind)
    return (*pieces[:place], *met, *behind)


def added(translation: Translation, opens: str, opening: bool) -> Stages:
    """Stages of the kube-proxy mode itself."""
    if opens == BACK:
        return translation.reply
    first: tuple[Stage, ...] = ()
    if opening and opens == TRANSLATE:
        first = (translation.stage,)
    elif opening and translation.miss is not None:
        first = (translation.miss,)
    every = translation.forward if opens == TRANSLATE else ()
    return (*first, *(stage for stage in every if opening or not stage.first_packet))


def relayed(phase: Phase) -> Stages:
    """The sockets of a process between client and server; what it sends are super-packets again."""
    inside = (*received_by(phase), *sent_by(phase))
    moved = tuple(stage.on(Lane.WORKER) if stage.lane is Lane.APPLICATION else stage for stage in inside)
    return (*moved[:-1], replace(moved[-1], merges=True))


def received_by(phase: Phase) -> Stages:
    """What the process meets with a packet of a phase; it is woken up by all but acknowledgements."""
    if phase in ACKNOWLEDGING:
        return (stages.ACK_RECEIVE,)
    if phase in DATAGRAMS:
        return (stages.UDP_DELIVER, stages.DATAGRAM_RECEIVE)
    kernel = {Phase.SYN: stages.TCP_ACCEPT, Phase.SYNACK: stages.TCP_FINISH}.get(phase, stages.TCP_RECEIVE)
    return (kernel, stages.SOCKET_RECEIVE)


def sent_by(phase: Phase) -> Stages:
    """What it does then: connect to the pod, pass data on, or nothing where it has only been connected."""
    if phase == Phase.SYNACK:
        return ()
    if phase in ACKNOWLEDGING:
        return (stages.ACK_SEND,)
    if phase == Phase.SYN:
        return (stages.TCP_CONNECT,)
    return (stages.DATAGRAM_SEND if phase in DATAGRAMS else stages.SOCKET_SEND,)
