"""Security: the handshake of TLS over a connection that was just opened."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from netsim.engines.reference.clock import Traveller
from netsim.engines.reference.exchange import worked
from netsim.engines.reference.flight import Transfer
from netsim.engines.reference.order import PHASE_SHIFT, WORK
from netsim.engines.reference.plan import Tls
from netsim.program import Phase, Role
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.exchange import Exchange
    from netsim.engines.reference.lanes import Begin

APART = 20  # bits: what is sent in one round has keys and luck of its own


class Hello(Transfer):
    """One flight of messages of a handshake, part of the byte stream that requests, or responses, go by later."""

    __slots__ = ("security",)

    def __init__(self, security: "Security", phase: int, payload: int) -> None:
        super().__init__(security.exchange, security.connection, phase, payload)
        self.security = security
        self.bursts = security.round + 1 << APART

    def taken(self) -> bool:
        """It is not for the application."""
        self.security.received(self.phase)
        return True


class Effort(Traveller):
    """What a thread has to compute in a handshake."""

    system = False

    def __init__(self, security: "Security", role: int, then: Callable[[], None]) -> None:
        super().__init__(security.exchange.network.clock)
        self.exchange = security.exchange
        self.role = role
        self.then = then
        self.begun = security.exchange.network.clock._now
        self.key = WORK | self.exchange.tree_key | (Phase.TLS + (role == Role.SERVER)) << PHASE_SHIFT

    def start(self, connection: "Connection", work: int) -> None:
        """Put ``work`` ps (on the reference hardware) into the thread's lane; a machine that is not modelled just takes
        the time."""
        network = self.exchange.network
        if connection.node(self.role) < 0:
            network.clock.send(self, network.transport, self.begun + work, self.key)
            return
        home = connection.home_core(self.role)
        core = home.node.core_for(home)
        core.submit(self, core.node.scaled(work), 0)

    def fire(self) -> None:
        """The time is over."""
        now = self.exchange.network.clock._now
        self.exchange.mark(Mark.TLS, self.begun, work=now - self.begun)
        self.then()

    def finished(self, core: "Core", begin: "Begin") -> None:
        """The work is done."""
        self.exchange.trail.extend(worked(Mark.TLS, core, begin))
        self.then()


class Security:
    """A handshake in ``rounds`` round trips. The server computes before its first answer (key exchange, signature), the
    client when that has come (certificates, key exchange)."""

    def __init__(self, exchange: "Exchange", connection: "Connection", tls: Tls) -> None:
        self.exchange = exchange
        self.connection = connection
        self.tls = tls
        self.round = 0

    def send(self, phase: int, size: int) -> None:
        """Send a flight of messages."""
        network, connection = self.exchange.network, self.connection
        if connection.reset:
            return
        hello = Hello(self, phase, size)
        network.recorder.transfer(hello, Phase.TLS_BACK if phase % 2 else Phase.TLS)
        if hello.path.visits:
            connection.live[hello] = None
            connection.sender(phase).enqueue(hello)
        else:
            network.transport.done(hello)

    def ask(self) -> None:
        """The client's part of a round; after the last one the connection can be used."""
        if self.round < self.tls.rounds:
            self.send(Phase.REQUEST, self.tls.request)
        else:
            self.exchange.connected(self.connection)

    def answer(self) -> None:
        """The server's part of a round."""
        self.send(Phase.RESPONSE, self.tls.response)

    def received(self, phase: int) -> None:
        """A flight has come to the other side."""
        if phase == Phase.REQUEST:
            self.compute(Role.SERVER, self.tls.server, self.answer)
        else:
            self.round += 1
            self.compute(Role.CLIENT, self.tls.client, self.ask)

    def compute(self, role: int, work: int, then: Callable[[], None]) -> None:
        """Do the work of a side where it is due, then go on."""
        due = self.round == (1 if role == Role.CLIENT else 0)
        if work and due and not self.connection.reset:
            Effort(self, role, then).start(self.connection, work)
        else:
            then()
