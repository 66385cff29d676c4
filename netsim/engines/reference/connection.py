"""Connections: who talks to whom, over which paths, from the handshake to the last FIN."""

from typing import TYPE_CHECKING

from netsim.chance import mix, name_key, pick, remix
from netsim.engines.reference.burst import Burst
from netsim.engines.reference.lanes import Thread
from netsim.engines.reference.plan import Call, Route
from netsim.engines.reference.ports import CONNTRACK_TIME_WAIT, TIME_WAIT, Ports
from netsim.engines.reference.receiver import Receiver
from netsim.engines.reference.sender import Note, Sender
from netsim.engines.reference.signals import ONE, Acknowledgements, Goodbye
from netsim.program import REASON, Entry, Phase, Role

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.exchange import Exchange
    from netsim.engines.reference.flight import Transfer
    from netsim.engines.reference.network import Network
    from netsim.engines.reference.pool import Pool
    from netsim.engines.reference.services import Chooser
    from netsim.engines.reference.tally import Stream

FLOW, CLIENT_CORE, SERVER_CORE = map(name_key, ("flow", "client core", "server core"))
REQUEST, RESPONSE = int(Phase.REQUEST), int(Phase.RESPONSE)
RST = Note(0, (), 0, 0, resets=True)
CLIENT, SERVER = int(Role.CLIENT), int(Role.SERVER)  # plain numbers: these are compared for every packet


class Connection:
    """One TCP connection between a client endpoint and, once resolved, a server endpoint.

    ``flow`` are the bits that RSS, ECMP and balancers hash; they come from names, so variants share them.
    """

    def __init__(self, network: "Network", client: int, call: Call, keys: tuple[int, int]) -> None:
        number, self.key = keys  # of its opening among the client's, and in the order of events
        self.network = network
        self.client = client
        self.call = call
        self.service = call.service
        self.entry = call.entry
        self.flow = mix(
            network.program.seed, network.plan.endpoint_key[client] ^ network.services.key(call), FLOW, number
        )
        self.server = -1
        self.entry_node = -1
        self.client_place = network.plan.endpoint_place[client]
        self.server_place = -1
        self.walk = network.services.walk(call.service)
        self.tracked: dict[int, int] = {}
        self.core: Core | None = None  # where the SYN was handled
        self.threads = {CLIENT: Thread(), SERVER: Thread()}
        self.last_used = 0
        self.handshake = -1  # ps that it took; not where a part of it was sent twice
        self.established = self.closed = self.reset = self.repeated = False
        self.closing = False  # a FIN of either side has arrived
        self.closer = call.closer  # who hangs up first: 1 the server
        self.retired = False  # its pool counts it no more
        self.draining = False  # its server takes no further request over it
        self.orphaned = False  # its server's process is no more
        self.misplaced = False  # the network leads to a node that does not know it
        self.asked: dict[Exchange, None] = {}  # who waits for its handshake or for an answer over it
        self.pool: Pool | None = None
        self.chooser: Chooser | None = None
        self.ports: Ports | None = None
        self.nat: Ports | None = None
        self.stream: Stream | None = None
        self.live: dict[Transfer, None] = {}
        self.senders: dict[int, Sender] = {}
        self.receivers: dict[int, Receiver] = {}
        self.signals: dict[int, Acknowledgements] = {}
        self.route: Route = network.services.provisional_route(self)
        if call.entry >= Entry.NODE_PORT:
            self.entry_node = network.services.enter(self)
        if call.entry in (Entry.DIRECT, Entry.EGRESS_GATEWAY):
            self.settle(network.services.single(self))

    def settle(self, server: int) -> None:
        """Fix the server, and with it the paths."""
        self.server = server
        self.server_place = self.network.plan.endpoint_place[server]
        self.route = self.network.services.route(self)

    def resolve(self, burst: Burst) -> str:
        """Translate the Service address of an opening packet; the reason when no endpoint may be chosen here."""
        services = self.network.services
        if services.denies[self.service]:
            return "policy"
        if self.server < 0:
            server = services.choose(self)
            if server < 0:
                return "no-endpoint" if services.members[self.service] else "refused"
            self.settle(server)
        if self.server == self.client and self.service >= 0 and not services.hairpin[self.service]:
            return "hairpin"
        burst.visits = self.route.paths[burst.flight.phase].visits  # what is sent again starts on the provisional route
        return ""

    @property
    def announced(self) -> bool:
        """Whether the network itself leads to its entry node, without a balancer."""
        return bool(self.network.services.announced[self.service])

    @property
    def translator(self) -> int:
        """The node that makes an endpoint's address of the Service's."""
        return self.node(CLIENT) if self.entry < Entry.NODE_PORT else self.entry_node

    def node(self, role: int) -> int:
        """The node of a party, -1 where it has none."""
        if role == Role.ENTRY:
            return self.entry_node
        return self.network.plan.endpoint_node[self.client if role == Role.CLIENT else self.server]

    def place(self, role: int) -> int:
        """The fabric place of a party."""
        if role == CLIENT:
            return self.client_place
        if role == SERVER:
            return self.server_place
        return self.network.plan.balancer_place if role == Role.BALANCER else self.network.node_place[self.entry_node]

    def home_core(self, role: int) -> "Core":
        """The core on which the party's thread was last, where it wakes up when that core is idle."""
        thread = self.threads[role]
        if thread.core is None:
            cores = self.network.nodes[self.node(role)].cores
            thread.core = cores[pick(remix(self.flow, CLIENT_CORE if role == CLIENT else SERVER_CORE), len(cores))]
        return thread.core

    def core_of(self, phase: int) -> "Core | None":
        """The core of the thread that sends packets of a phase; None where its machine is not modelled."""
        role = SERVER if phase % 2 else CLIENT
        return self.home_core(role) if self.node(role) >= 0 else None

    # -- the two byte streams --------------------------------------------------------------------------------------

    def sender(self, phase: int) -> Sender:
        """Who sends the requests, or the responses."""
        found = self.senders.get(phase)
        if found is None:
            found = self.senders[phase] = Sender(self, phase)
        return found

    def receiver(self, phase: int) -> Receiver:
        """Who receives the requests, or the responses."""
        found = self.receivers.get(phase)
        if found is None:
            found = self.receivers[phase] = Receiver(self, phase)
        return found

    def tell(self, burst: Burst, with_data: bool = True) -> None:
        """Let a packet carry what its sender's own receiver has to say."""
        receiver = self.receivers.get(RESPONSE - burst.flight.phase % 2)
        if receiver is not None:
            burst.note = receiver.note(with_data)

    def told(self, burst: Burst) -> None:
        """A packet has brought what the other side's receiver had to say."""
        note = burst.note
        assert note is not None
        if note.resets:
            self.was_reset()
            return
        phase = RESPONSE - burst.flight.phase % 2
        sender = self.senders.get(phase)
        if sender is not None and not self.reset:
            sender.acknowledged(note)
        if note.asks:
            self.acknowledge(REQUEST + burst.flight.phase % 2)

    def acknowledge(self, phase: int) -> None:
        """Send what the receiver of a stream has to say in a packet of its own."""
        self.signal(phase, asks=False)

    def ask(self, phase: int) -> None:
        """Probe the closed window of a stream that this side sends."""
        self.signal(REQUEST + RESPONSE - phase, asks=True)

    def signal(self, phase: int, asks: bool) -> None:
        """A packet without data from the side that receives a stream."""
        kind = Phase.ACK + RESPONSE - phase
        flight = self.signals.get(kind)
        if flight is None:
            flight = self.signals[kind] = Acknowledgements(self, kind)
        receiver = self.receiver(phase)
        burst = Burst(flight, ONE, 1)
        burst.note = receiver.note(with_data=False)
        if asks:
            burst.note = burst.note._replace(asks=True)
        burst.core = receiver.core or self.core_of(kind)
        if burst.visits:
            self.network.transport.send(burst)
        else:
            self.told(burst)

    # -- refusals --------------------------------------------------------------------------------------------------

    def reject(self, phase: int) -> None:
        """Answer what has come, of a stream or a signal, by RST."""
        kind = Phase.ACK if phase % 2 else Phase.ACK_BACK
        flight = self.signals.get(kind)
        if flight is None:
            flight = self.signals[kind] = Acknowledgements(self, kind)
        burst = Burst(flight, ONE, 1)
        burst.note = RST
        burst.core = self.core_of(kind)
        if burst.visits:
            self.network.transport.send(burst)
        else:
            self.was_reset()

    def was_reset(self, reason: int = -1) -> None:
        """An RST or an ICMP error has come to the client: whoever waits for an answer has failed."""
        if not self.reset:
            self.abort(reason if reason >= 0 else REASON["reset" if self.established else "refused"])

    def drain(self) -> None:
        """The server takes no further request over this connection, and hangs up when it has answered those it has."""
        self.draining, self.closer = True, 1
        if self.established and self.pool is not None:
            self.pool.drained(self)

    # -- the end ---------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """One side hangs up."""
        self.closed = True
        self.leave()
        Goodbye(self, Phase.FIN_BACK if self.closer else Phase.FIN).start()

    def hung_up(self, phase: int) -> None:
        """A FIN has arrived: the other side hangs up too, or both have."""
        if not self.closing:
            self.closing = True
            Goodbye(self, Phase.FIN + Phase.FIN_BACK - phase).start()
            return
        self.acknowledge(RESPONSE if phase == Phase.FIN_BACK else REQUEST)
        self.over()

    def over(self, cleanly: bool = True) -> None:
        """Both sides have hung up: the one that did so first keeps the port in TIME_WAIT."""
        network = self.network
        network.connections.discard(self)
        network.sockets.closed += cleanly
        network.sockets.reset += not cleanly
        if self.ports is not None:
            if self.closer:
                self.ports.release()
            else:
                self.ports.keep(network.clock._now + TIME_WAIT)
        self.forget()

    def give_up(self) -> None:
        """The connection is of no use any more."""
        self.closed = self.reset = True
        self.network.connections.discard(self)
        self.network.sockets.reset += 1
        self.leave()
        if self.ports is not None:
            self.ports.release()
        self.forget()

    def abort(self, reason: int) -> None:
        """Everything on this connection has failed."""
        waiting = list(self.asked)
        self.asked.clear()
        for exchange in waiting:
            if exchange.answered < 0 and exchange.connection is self:
                exchange.give_up(reason)
        self.live.clear()
        if not self.closed and self.pool is not None:
            self.pool.failed(self)
        self.reset = True

    def leave(self) -> None:
        """Those who count open connections count it no more."""
        if self.chooser is not None:
            self.chooser.count(self.server, -1)
        if self.entry == Entry.LOAD_BALANCER and self.entry_node >= 0 and not self.announced:
            self.network.balancer.closed(self.entry_node)

    def forget(self) -> None:
        """Its conntrack entries, and with them its port for source translation, stay for a while."""
        for node, entries in self.tracked.items():
            self.network.nodes[node].forget_later(entries)
        if self.nat is not None:
            self.nat.keep(self.network.clock._now + CONNTRACK_TIME_WAIT)
