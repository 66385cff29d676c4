"""What is sent without being answered: bulk transfers over TCP, and streams of datagrams."""

from typing import TYPE_CHECKING

from netsim.chance import mix, name_key
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.connection import Connection
from netsim.engines.reference.exchange import Exchange
from netsim.engines.reference.flight import Flight, Transfer
from netsim.engines.reference.order import ISSUE, call_key, request_key
from netsim.engines.reference.source import REFUSED_PAUSE, Source, Tick
from netsim.engines.reference.tally import Stream
from netsim.headers import TCP_IP, UDP_IP
from netsim.program import Op, Phase, TrafficKind
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.network import Network

ENDLESS = 1 << 62  # bytes
OVERHEAD = 576  # bytes of a socket buffer beyond its data: sk_buff 256 and skb_shared_info 320 (include/linux/skbuff.h)
PAGE_PART = 2048  # bytes of which receive buffers are made (half a page, as drivers split it)
DATAGRAMS = name_key("datagrams")


def truesize(payload: int) -> int:
    """Bytes of a socket buffer that a datagram takes."""
    return OVERHEAD + -(-(payload + OVERHEAD // 2) // PAGE_PART) * PAGE_PART


def under_way(exchange: Exchange) -> Transfer | None:
    """The transfer of a stream, None before its connection is open."""
    connection = exchange.connection
    return None if connection is None else next(iter(connection.live), None)


class BulkSource(Source):
    """Streams that each send one long transfer over a connection of their own."""

    def begin(self) -> None:
        """All streams start at the same time."""
        traffic = self.network.program.traffic
        self.transfers: dict[int, Exchange] = {}
        for stream in range(self.users):
            tick = Tick(self, stream)
            self.clock.send(tick, self, int(traffic.start[self.number]), ISSUE | request_key(self.number, stream))

    def ticked(self, tick: Tick) -> None:
        """A stream starts, or its time is over."""
        if tick.round:
            self.stop(self.transfers[tick.user])
            return
        root = self.root(tick.user, tick.user, None)
        exchange = Exchange(self.network, root, self.call, root.client, None)
        exchange.request_bytes = exchange.request_bytes or ENDLESS
        exchange.response_bytes = 0
        root.stream = Stream(self, tick.user, root.client)
        self.network.recorder.streams.append(root.stream)
        self.network.recorder.issued(root, exchange)
        self.transfers[tick.user] = exchange
        exchange.begin()

    def sending(self, exchange: Exchange) -> None:
        """The connection is open: the time that a stream has begins, as iperf3 counts it."""
        traffic = self.network.program.traffic
        start, stop = int(traffic.start[self.number]), int(traffic.stop[self.number])
        if stop >= 0:
            tick = Tick(self, exchange.root.index)
            tick.round = 1
            key = ISSUE | request_key(self.number, tick.user)
            self.clock.send(tick, self, self.clock._now + stop - start, key)

    def stop(self, exchange: Exchange) -> None:
        """The time of a stream is over: what it has sent is all that it sends."""
        transfer = under_way(exchange)
        if exchange.answered >= 0 or transfer is None:
            return
        transfer.connection.sender(Phase.REQUEST).cut(transfer)
        self.network.recorder.sized(exchange, transfer)
        if transfer.missing == 0:
            exchange.trail.extend(transfer.latest)
            exchange.mark(Mark.SEND, transfer.latest_at, queue=self.clock._now - transfer.latest_at)
            self.network.transport.done(transfer)

    def close(self) -> None:
        """At the end of the run, say of a transfer without end what was sent of it."""
        for exchange in self.transfers.values():
            if exchange.request_bytes < ENDLESS or exchange.answered >= 0:
                continue
            transfer = under_way(exchange)
            if transfer is not None and transfer.payload == ENDLESS:
                transfer.payload = transfer.connection.sender(Phase.REQUEST).next - transfer.start
            self.network.recorder.sized(exchange, transfer)

    def finish(self, exchange: Exchange) -> None:
        """A stream has come to its end."""
        stream = exchange.root.stream
        assert stream is not None
        stream.finished, stream.outcome = self.clock._now, 1 + exchange.root.failure
        stream.server = -1 if exchange.connection is None else exchange.connection.server
        self.network.recorder.finished(exchange)


class Datagrams(Flight):
    """One stream of datagrams, from the thread that sends them to the one that reads them."""

    def __init__(self, source: "DatagramSource", stream: int, client: int) -> None:
        network = source.network
        key = call_key(request_key(source.number, stream), source.call.number)
        connection = Connection(network, client, source.call, (stream, key))
        luck = mix(network.program.seed, source.key, DATAGRAMS, stream)
        super().__init__(connection, Phase.FIRST_DATAGRAM, key, luck)
        self.mss = network.plan.endpoint_mss[client] + TCP_IP - UDP_IP  # of one frame, which a datagram fits in
        self.source = source
        self.stream = Stream(source, stream, client)
        self.size = source.call.request[0]
        self.busy = False
        self.opened = False  # a first datagram came through
        self.due = 0
        self.waiting = 0  # bytes in the receiver's buffer
        self.last: tuple[int, int] | None = None  # when the last one was sent and read

    @property
    def headers(self) -> int:
        """Bytes of its packets before the payload."""
        return UDP_IP

    @property
    def empty(self) -> bool:
        """Whether its datagrams have no content."""
        return self.size == 0

    def send(self) -> None:
        """Hand a datagram to the socket."""
        if self.opened and self.phase == Phase.FIRST_DATAGRAM:
            self.phase = int(Phase.DATAGRAM)
            self.path = self.connection.route.paths[self.phase]
        burst = Burst(self, (0, self.size or 1), 1)
        stream = self.stream
        stream.datagrams += 1
        stream.sent += self.size
        if stream.started < 0:
            stream.started = burst.sent
        self.busy = burst.visits[0].op == Op.APPLICATION
        self.network.transport.send(burst)

    def pushed(self, burst: Burst) -> None:
        """The thread is free for the next, if that is due."""
        self.busy = False
        if self.source.may_send(self):
            self.send()

    def admits(self, burst: Burst, room: int) -> bool:
        """Whether the receiving socket's buffer has room; the truesize of a packet counts."""
        size = truesize(burst.payload)
        if self.waiting + size > room:
            return False
        self.waiting += size
        burst.fresh = size
        return True

    def lost(self, burst: Burst) -> None:
        """A datagram was dropped; where its thread's own system call refuses it, that tries again a while later."""
        self.stream.lost[burst.reason] += 1
        if self.busy and burst.position == 0:
            self.busy = False
            self.source.refused(self)

    def received(self, burst: Burst) -> None:
        """A datagram was read."""
        now, stream = self.network.clock._now, self.stream
        self.opened = True
        self.waiting -= burst.fresh
        stream.received += 1
        stream.server = self.connection.server
        stream.arrived(burst.payload, now)
        stream.delayed(now - burst.sent)
        if self.last is not None:
            stream.varied(abs((now - self.last[1]) - (burst.sent - self.last[0])))
        self.last = (burst.sent, now)


class DatagramSource(Source):
    """Streams of datagrams, paced or as fast as the sender's core allows."""

    def begin(self) -> None:
        """All streams start at the same time; paced ones keep their own time."""
        traffic = self.network.program.traffic
        self.interval = int(traffic.interval[self.number])
        self.start, self.stop = int(traffic.start[self.number]), int(traffic.stop[self.number])
        if self.stop < 0:
            self.stop = self.network.program.duration
        self.stop = min(self.stop, self.network.program.duration)
        self.streams = [
            Datagrams(self, stream, self.clients[stream % len(self.clients)]) for stream in range(self.users)
        ]
        self.network.recorder.streams.extend(one.stream for one in self.streams)
        for stream in range(self.users):
            self.clock.send(Tick(self, stream), self, self.start, ISSUE | request_key(self.number, stream))

    def ticked(self, tick: Tick) -> None:
        """A datagram of a stream is due; its thread sends it when it is free."""
        flight = self.streams[tick.user]
        flight.due += 1
        if not flight.busy:
            flight.send()
        tick.round += 1
        at = self.start + tick.round * self.interval
        if self.interval and at < self.stop:
            self.clock.send(tick, self, at, ISSUE | request_key(self.number, tick.user))

    def refused(self, flight: Datagrams) -> None:
        """A stream without a pace of its own begins again after a pause."""
        if not self.interval:
            number = flight.stream.stream
            at = self.clock._now + REFUSED_PAUSE
            self.clock.send(Tick(self, number), self, at, ISSUE | request_key(self.number, number))

    def may_send(self, flight: Datagrams) -> bool:
        """Whether a thread that has become free has something to send."""
        if self.interval:
            return flight.due > flight.stream.datagrams
        return self.clock._now < self.stop

    def close(self) -> None:
        """At the end of the run, count what there was no time for."""
        for flight in self.streams:
            stream = flight.stream
            stream.unsent = max(0, flight.due - stream.datagrams) if self.interval else 0
            stream.finished, stream.outcome = self.stop, 0


def source(network: "Network", number: int, kind: int) -> Source:
    """The source of one stream of traffic."""
    kinds = {TrafficKind.BULK: BulkSource, TrafficKind.DATAGRAMS: DatagramSource}
    return kinds.get(TrafficKind(kind), Source)(network, number)
