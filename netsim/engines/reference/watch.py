"""Watches: how long callers wait for the answers to one call."""

from collections import deque
from typing import TYPE_CHECKING

from netsim.engines.reference.clock import Traveller
from netsim.engines.reference.order import PHASE_SHIFT, TIMER
from netsim.engines.reference.plan import Call

if TYPE_CHECKING:
    from netsim.engines.reference.exchange import Exchange
    from netsim.engines.reference.network import Network

PATIENCE = 15 << PHASE_SHIFT  # no phase of a connection has this number


class Watch(Traveller):
    """All attempts at a call have the same time, so those that began first are due first: one event at a time is
    enough, for the first that is not answered."""

    def __init__(self, network: "Network", call: Call) -> None:
        super().__init__(network.clock)
        self.network = network
        self.timeout = call.timeout
        self.waiting: deque[Exchange] = deque()
        self.armed = False

    def expect(self, exchange: "Exchange") -> None:
        """An attempt begins."""
        waiting = self.waiting
        while waiting and waiting[0].answered >= 0:
            waiting.popleft()
        waiting.append(exchange)
        if not self.armed:
            self.arm()

    def arm(self) -> None:
        """Look again when the first is due."""
        self.armed = True
        first = self.waiting[0]
        at = first.begun + self.timeout
        self.network.clock.send(self, self.network.transport, at, TIMER | first.tree_key | PATIENCE)

    def fire(self) -> None:
        """The time of one is over, unless it was answered."""
        waiting, now = self.waiting, self.network.clock._now
        while waiting and (waiting[0].answered >= 0 or waiting[0].begun + self.timeout <= now):
            exchange = waiting.popleft()
            if exchange.answered < 0:
                exchange.expired()
        self.armed = False
        if waiting:
            self.arm()
