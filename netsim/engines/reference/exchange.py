"""Exchanges: one attempt at one call of a call tree, from the caller's view and the callee's."""

from enum import Enum
from typing import TYPE_CHECKING

from netsim.chance import draw, mix, name_key, remix
from netsim.engines.reference.clock import Place, Traveller
from netsim.engines.reference.order import WORK, attempt_key, call_key, request_key
from netsim.engines.reference.plan import Call
from netsim.program import REASON, Phase
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.lanes import Begin
    from netsim.engines.reference.lookup import Lookup
    from netsim.engines.reference.network import Network
    from netsim.engines.reference.pod import Pod
    from netsim.engines.reference.pool import Pool
    from netsim.engines.reference.services import Chooser
    from netsim.engines.reference.source import Source, Tick
    from netsim.engines.reference.tally import Stream

ROOT, REQUEST_SIZE, RESPONSE_SIZE, ATTEMPT = map(name_key, ("root", "request size", "response size", "attempt"))


class Stage(Enum):
    """What an exchange's next event means to the place that it arrives at."""

    REQUESTED = "its request has come"
    SERVED = "its service time is over"
    ANSWERED = "its response is back at the pod that called"


class Root:
    """A request that came from outside all pods, and what is known of it."""

    __slots__ = (
        "attempts", "client", "connect", "failure", "index", "intended", "key", "luck", "source", "stream", "tick",
        "traffic",
    )  # fmt: skip

    def __init__(self, source: "Source", index: int, intended: int, tick: "Tick | None") -> None:
        self.source = source
        self.traffic = source.number
        self.index = index
        self.intended = intended
        self.tick = tick
        self.key = request_key(source.number, index)
        self.luck = mix(source.network.program.seed, source.key, ROOT, index)
        self.client = -1
        self.connect = 0
        self.failure = -1
        self.stream: Stream | None = None  # of a bulk transfer
        self.attempts: dict[int, int] = {}  # so far, by place in the call tree

    def another(self, call: int) -> int:
        """The number of one more attempt at a call, whoever makes it."""
        number = self.attempts.get(call, 0)
        self.attempts[call] = number + 1
        return number


class Ended(Traveller):
    """What a caller is told of a failed exchange: the callee may still be at work on that."""

    stage = Stage.ANSWERED

    def __init__(self, exchange: "Exchange", trail: list[int]) -> None:
        super().__init__(exchange.network.clock)
        self.parent = exchange.parent
        self.call = exchange.call
        self.answered = exchange.answered
        self.failure = exchange.failure
        self.trail = trail


class Exchange(Traveller):
    """One attempt at a call. Its ``trail`` is the critical path of the root request since the call began; ``past``
    cells of it are of earlier attempts, of which there were ``tries``. ``answered`` is when the caller had its answer
    or gave it up: the callee may know nothing of it.
    """

    system = False  # its work in a thread is the application's

    def __init__(
        self, network: "Network", root: Root, call: Call, client: int, parent: "Exchange | Lookup | None"
    ) -> None:
        super().__init__(network.clock)
        self.network = network
        self.root = root
        self.call = call
        self.client = client
        self.parent = parent
        self.luck: int = remix(root.luck, call.key)
        self.request_bytes = self.drawn(call.request, REQUEST_SIZE)
        self.response_bytes = self.drawn(call.response, RESPONSE_SIZE)
        attempt = root.another(call.number)
        self.tree_key: int = attempt_key(call_key(root.key, call.number), attempt)
        if attempt:  # what is asked again is the same, all else has luck of its own
            self.luck = remix(self.luck, ATTEMPT ^ attempt)
        self.key = WORK | self.tree_key
        self.trail: list[int] = []
        self.past = self.tries = 0
        self.stage = Stage.REQUESTED
        self.pool: Pool
        self.chooser: Chooser | None = None  # of an L7 proxy, which counts its outstanding requests
        self.server = -1  # chosen by the caller itself
        self.connection: Connection | None = None
        self.pod: Pod
        self.begun = self.network.clock._now
        self.connecting = -1
        self.group = 0
        self.outstanding = 0
        self.latest: Exchange | Ended | None = None
        self.answered: int = -1  # when the caller had its answer or gave it up
        self.failure: int = -1  # a REASONS entry: what became of it
        self.broken: int = -1  # likewise of the calls made for it, the first that failed

    def drawn(self, law: list[int], purpose: int) -> int:
        """A value of a law; where lowest and highest are the same there is nothing to draw."""
        return law[0] if law[0] == law[-1] else draw(law, remix(self.luck, purpose))

    def size(self, phase: int) -> int:
        """Bytes of its request or response."""
        return self.response_bytes if phase % 2 else self.request_bytes

    # -- the caller's side -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Look names up if need be, then ask the client's pool for a connection."""
        if self.call.timeout >= 0:
            self.network.watch(self.call).expect(self)
        if self.call.resolves and self.call.lookups:
            self.network.resolver.look_up(self, self.ask)
        else:
            self.ask()

    def ask(self) -> None:
        """Ask for a connection; an L7 proxy chooses an endpoint first."""
        if self.answered >= 0:
            return
        if self.call.per_request and not self.choose():
            self.refuse(REASON["no-endpoint"])
            return
        shared = self.parent.pool_for(self) if self.parent is not None else None
        self.pool = shared or self.network.pool(self.client, self.call, self.server, self.pair())
        self.pool.ask(self)

    def pair(self) -> int:
        """The flow that its caller was called over, where that has connections of its own; else -1."""
        above = self.parent if self.call.paired and isinstance(self.parent, Exchange) else None
        return above.connection.flow if above is not None and above.connection is not None else -1

    def choose(self) -> bool:
        """Choose an endpoint for this request alone; False where there is none."""
        services, service = self.network.services, self.call.service
        own = services.views[service]  # what each node has a view of is one's own node's
        who = self.network.plan.endpoint_node[self.client] if own else ~self.client
        self.server = services.pick(service, who, self.client, self.luck)
        if self.server < 0:
            return False
        self.chooser = services.chooser(service, who)
        self.chooser.count(self.server, 1)
        return True

    def pool_for(self, exchange: "Exchange") -> "Pool | None":
        """The connections that the calls made for this one share with nobody else; none."""
        return None

    def connected(self, connection: "Connection") -> None:
        """A new connection is open, TLS included: the request goes, unless it was given up meanwhile."""
        waits = self.answered < 0
        if self.parent is None and waits:
            self.root.connect = self.network.clock._now - self.connecting
        self.pool.established(connection)
        if waits:
            self.network.transport.start(self, connection, Phase.REQUEST)

    def responded(self) -> None:
        """The whole response has reached the caller."""
        self.answered = self.network.clock._now
        assert self.connection is not None
        self.left()
        self.pool.release(self.connection)
        self.failure = self.broken
        if self.parent is None:
            self.root.failure = self.failure
            self.root.source.finish(self)
        else:
            self.wake(self.answered, Stage.ANSWERED, self.parent.pod)

    def expired(self) -> None:
        """The caller has waited long enough."""
        connection = self.connection
        if connection is None:
            self.refuse(REASON["timeout"])
            return
        self.answered = self.network.clock._now
        self.pool.abandon(self, connection)
        self.missed(REASON["timeout"])

    def refuse(self, reason: int) -> None:
        """No connection can be opened for it."""
        self.answered = self.network.clock._now
        self.missed(reason)

    def give_up(self, reason: int) -> None:
        """Its connection has failed."""
        assert self.connection is not None
        self.answered = self.network.clock._now
        self.pool.failed(self.connection)
        self.missed(reason)

    def missed(self, reason: int) -> None:
        """This attempt has failed: try once more at once, or tell the one who asked. What the callee still does for it
        is lost."""
        self.left()
        trail = self.trail[: self.past]
        if self.answered > self.begun:
            trail += (Mark.ATTEMPT, -1, self.begun, self.answered - self.begun, 0, 0, 0, 0, 0, 0, -1)
        if self.tries < self.call.retries:
            following = Exchange(self.network, self.root, self.call, self.client, self.parent)
            following.trail, following.past, following.tries = trail, len(trail), self.tries + 1
            if self.parent is None:
                self.root.connect = 0
            following.begin()
            return
        self.failure = reason
        if self.parent is None:
            self.root.failure = reason
            self.root.source.finish(self)
        else:
            self.key += 1
            self.network.clock.send(Ended(self, trail), self.parent.pod, self.answered, self.key)

    def left(self) -> None:
        """An L7 proxy has one request less outstanding."""
        if self.chooser is not None:
            self.chooser.count(self.server, -1)
            self.chooser = None

    # -- the callee's side -----------------------------------------------------------------------------------------

    def mark(self, mark: Mark, at: int, queue: int = 0, work: int = 0, station: int = -1) -> None:
        """Add a step that is no visit of a path."""
        self.trail.extend((mark, station, at, queue, 0, 0, work, 0, 0, 0, -1))

    def wake(self, at: int, stage: Stage, place: Place) -> None:
        """Arrive at a place, for the reason ``stage``."""
        self.stage = stage
        self.key += 1
        self.network.clock.send(self, place, at, self.key)

    def finished(self, core: "Core", begin: "Begin") -> None:
        """The CPU work on this request is done."""
        self.trail.extend(worked(Mark.CPU, core, begin))
        self.pod.call_next(self)


def worked(mark: Mark, core: "Core", begin: "Begin") -> tuple[int, ...]:
    """The step of a critical path that a job in a thread was."""
    now = core.clock.now
    wakeup = begin.ready - begin.start + begin.wakeup
    stolen = now - begin.start - wakeup - begin.work
    queue = begin.start - begin.arrive
    return (mark, core.app_totals.number, begin.arrive, queue, stolen, wakeup, begin.work, 0, 0, 0, -1)


def gather(parent: "Exchange | Lookup", child: Exchange | Ended) -> bool:
    """A call came back; True when it is the last of its group. That one (the lowest on a tie) is on the critical
    path."""
    latest = parent.latest
    if latest is None or (child.answered, -child.call.number) > (latest.answered, -latest.call.number):
        parent.latest = child
    if parent.broken < 0:
        parent.broken = child.failure
    parent.outstanding -= 1
    if parent.outstanding:
        return False
    assert parent.latest is not None
    parent.trail.extend(parent.latest.trail)
    parent.latest = None
    return True
