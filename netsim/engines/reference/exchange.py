"""Exchanges: one request and its response at one place of a call tree, from the caller's view and the callee's."""

from enum import Enum
from typing import TYPE_CHECKING

from netsim.chance import draw, mix, name_key, remix
from netsim.engines.reference.clock import Traveller
from netsim.engines.reference.order import WORK, call_key, request_key
from netsim.engines.reference.plan import Call
from netsim.records import Mark

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.lanes import Begin
    from netsim.engines.reference.network import Network
    from netsim.engines.reference.pod import Pod
    from netsim.engines.reference.pool import Pool
    from netsim.engines.reference.source import Source, Tick
    from netsim.engines.reference.tally import Stream

ROOT, REQUEST_SIZE, RESPONSE_SIZE = map(name_key, ("root", "request size", "response size"))


class Stage(Enum):
    """What an exchange's next event means to the pod that it arrives at."""

    REQUESTED = "its request has come"
    SERVED = "its service time is over"
    ANSWERED = "its response is back at the pod that called"


class Root:
    """A request that came from outside all pods, and what is known of it."""

    __slots__ = (
        "client", "connect", "failure", "index", "intended", "key", "luck", "source", "stream", "tick", "traffic"
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


class Exchange(Traveller):
    """One call. Its ``trail`` is the critical path of the root request since this call began."""

    system = False  # its work in a thread is the application's

    def __init__(self, network: "Network", root: Root, call: Call, client: int, parent: "Exchange | None") -> None:
        super().__init__(network.clock)
        self.network = network
        self.root = root
        self.call = call
        self.client = client
        self.parent = parent
        self.tree_key: int = call_key(root.key, call.number)
        self.key = WORK | self.tree_key
        self.luck: int = remix(root.luck, call.key)
        self.request_bytes = self.drawn(call.request, REQUEST_SIZE)
        self.response_bytes = self.drawn(call.response, RESPONSE_SIZE)
        self.trail: list[int] = []
        self.stage = Stage.REQUESTED
        self.pool: Pool
        self.connection: Connection | None = None
        self.pod: Pod
        self.connecting = -1
        self.group = 0
        self.outstanding = 0
        self.latest: Exchange | None = None
        self.answered = -1
        self.failed = False

    def drawn(self, law: list[int], purpose: int) -> int:
        """A value of a law; where lowest and highest are the same there is nothing to draw."""
        return law[0] if law[0] == law[-1] else draw(law, remix(self.luck, purpose))

    def size(self, phase: int) -> int:
        """Bytes of its request or response."""
        return self.response_bytes if phase % 2 else self.request_bytes

    def begin(self) -> None:
        """Ask the client's pool for a connection."""
        self.pool = self.network.pool(self.client, self.call)
        self.pool.ask(self)

    def mark(self, mark: Mark, at: int, queue: int = 0, work: int = 0, station: int = -1) -> None:
        """Add a step that is no visit of a path."""
        self.trail.extend((mark, station, at, queue, 0, 0, work, 0, 0, 0, -1))

    def wake(self, at: int, stage: Stage, pod: "Pod") -> None:
        """Arrive at a pod, for the reason ``stage``."""
        self.stage = stage
        self.key += 1
        self.network.clock.send(self, pod, at, self.key)

    def finished(self, core: "Core", begin: "Begin") -> None:
        """The CPU work on this request is done."""
        now = self.network.clock._now
        wakeup = begin.ready - begin.start + begin.wakeup
        stolen = now - begin.start - wakeup - begin.work
        queue = begin.start - begin.arrive
        self.trail.extend(
            (Mark.CPU, core.app_totals.number, begin.arrive, queue, stolen, wakeup, begin.work, 0, 0, 0, -1)
        )
        self.pod.call_next(self)

    def responded(self) -> None:
        """The whole response has reached the caller."""
        self.answered = self.network.clock._now
        assert self.connection is not None
        self.pool.release(self.connection)
        self.end()

    def refuse(self, reason: int) -> None:
        """No connection can be opened for it."""
        self.failed = True
        self.answered = self.network.clock._now
        if self.root.failure < 0:
            self.root.failure = reason
        self.end()

    def give_up(self, reason: int) -> None:
        """Give up; the root request counts as failed for the first reason that was met."""
        assert self.connection is not None
        connection = self.connection
        self.refuse(reason)
        self.pool.failed(connection)

    def end(self) -> None:
        """Tell the one who asked."""
        if self.parent is None:
            self.root.source.finish(self)
        else:
            self.wake(self.answered, Stage.ANSWERED, self.parent.pod)
