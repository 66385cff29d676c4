"""Messages: requests and responses that are one UDP datagram each, and the flows that they belong to."""

from typing import TYPE_CHECKING

from netsim.chance import name_key, remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.connection import Connection
from netsim.engines.reference.exchange import Exchange, Stage
from netsim.engines.reference.flight import Flight
from netsim.engines.reference.plan import Call
from netsim.engines.reference.ports import CONNTRACK_STREAM, CONNTRACK_UDP, STREAM_AGE
from netsim.engines.reference.streams import truesize
from netsim.headers import TCP_IP, UDP_IP
from netsim.program import REASON, Phase

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network
    from netsim.engines.reference.pod import Pod

RACE = name_key("conntrack race")
MILLION = 1_000_000


class Flow(Connection):
    """A client's UDP socket and whom it talks to; there is no handshake and no FIN. ``opened``: a datagram came
    through. The first datagram of a flow is translated and tracked, later ones follow it."""

    def __init__(self, network: "Network", client: int, call: Call, keys: tuple[int, int]) -> None:
        super().__init__(network, client, call, keys)
        self.opened = False
        self.since = network.clock._now
        self.first = -1  # when the datagram was sent that was translated first
        self.unread = 0  # bytes in the client's socket buffer

    def resolve(self, burst: Burst) -> str:
        """Also let two first datagrams race for their conntrack entry: each has chosen an endpoint for itself before
        the other's entry was confirmed, and the later one's cannot be (nf_conntrack_confirm)."""
        if self.server < 0:
            self.first = burst.sent
        elif not self.opened and burst.sent == self.first and self.races(burst):
            return "insert-failed"
        return super().resolve(burst)

    def races(self, burst: Burst) -> bool:
        """Whether chance lets this datagram lose."""
        return self.call.race > 0 and remix(burst.luck, RACE) * MILLION >> 64 < self.call.race

    def was_reset(self, reason: int = -1) -> None:
        """An ICMP error has come to the client."""
        super().was_reset(reason if reason >= 0 else REASON["refused"])

    def close(self) -> None:
        """The socket is closed, of which only the client knows."""
        self.closed = True
        self.leave()
        self.network.connections.discard(self)
        self.network.sockets.closed += 1
        if self.ports is not None:
            self.ports.release()
        self.forget()

    def give_up(self) -> None:
        """Nobody waits for anything over it any more."""
        self.close()

    def forget(self) -> None:
        """Its conntrack entries stay for a while, longer where it has become a stream."""
        now = self.network.clock._now
        stay = CONNTRACK_STREAM if self.opened and now - self.since > STREAM_AGE else CONNTRACK_UDP
        for node, entries in self.tracked.items():
            self.network.nodes[node].forget_later(entries, stay)
        if self.nat is not None:
            self.nat.keep(now + stay)


class Message(Flight):
    """A request or a response in a datagram."""

    __slots__ = ("exchange", "payload", "row", "started")

    def __init__(self, exchange: Exchange, flow: Flow, phase: int) -> None:
        super().__init__(flow, phase, exchange.tree_key, remix(exchange.luck, 1 + phase))
        self.exchange = exchange
        self.payload = exchange.size(phase)
        self.started = self.network.clock._now
        self.row = -1
        self.mss = self.network.plan.endpoint_mss[flow.server if phase % 2 else flow.client] + TCP_IP - UDP_IP

    @property
    def headers(self) -> int:
        """Bytes of its packet before the payload."""
        return UDP_IP

    @property
    def empty(self) -> bool:
        """Whether it is a datagram without content."""
        return self.payload == 0

    def send(self) -> None:
        """Hand it to the socket."""
        self.network.recorder.transfer(self)
        if not self.path.visits:
            self.arrive()
            return
        burst = Burst(self, (0, self.payload or 1), 1)
        if self.phase == Phase.DATAGRAM_BACK:
            burst.core = self.connection.core_of(self.phase)
        self.network.recorder.launched(self)
        self.network.transport.send(burst)

    def admits(self, burst: Burst, room: int) -> bool:
        """Whether the receiving socket's buffer has room: a server has one for all its clients."""
        size, buffer = truesize(burst.payload), self.buffer()
        if buffer.unread + size > room:
            return False
        buffer.unread += size
        burst.fresh = size
        return True

    def buffer(self) -> "Flow | Pod":
        """The receiving socket."""
        flow = self.connection
        assert isinstance(flow, Flow)
        return flow if self.phase % 2 else self.network.pods[flow.server]

    def received(self, burst: Burst) -> None:
        """The thread has read it."""
        self.buffer().unread -= burst.fresh
        self.exchange.trail.extend(burst.trail)
        self.arrive()

    def arrive(self) -> None:
        """A server works on it even if the client does not wait any more; a client drops what comes too late."""
        exchange, flow = self.exchange, self.connection
        assert isinstance(flow, Flow)
        self.network.recorder.transfer_done(self)
        if self.phase != Phase.DATAGRAM_BACK:
            flow.opened = True
            exchange.wake(self.network.clock._now, Stage.REQUESTED, self.network.pods[flow.server])
        elif exchange.answered < 0:
            flow.asked.pop(exchange, None)
            exchange.responded()


def message(exchange: Exchange, flow: Connection, phase: int) -> Message:
    """What carries the request or response of an exchange over a flow."""
    assert isinstance(flow, Flow)
    if phase == Phase.RESPONSE:
        return Message(exchange, flow, Phase.DATAGRAM_BACK)
    return Message(exchange, flow, Phase.DATAGRAM if flow.opened else Phase.FIRST_DATAGRAM)
