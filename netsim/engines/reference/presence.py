"""Presence: which endpoints and machines are there, and how those that are not answer."""

from typing import TYPE_CHECKING

from netsim.engines.reference.burst import Burst
from netsim.program import REASON, Phase, State

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.network import Network

SILENT = {State.GONE: REASON["gone"], State.UNSCREENED: REASON["policy"]}


class Presence:
    """The states of all endpoints. ``changed`` is False as long as everybody has listened since the start."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        self.states = [State.LISTENING] * len(network.plan.endpoint_kind)
        self.changed = False

    def grow(self, count: int) -> None:
        """As many endpoints more; they listen once they are told to."""
        self.states += [State.GONE] * count
        self.changed = True

    def set(self, endpoint: int, state: State) -> None:
        """An endpoint answers in another way from now on, and its connections learn of it."""
        before, self.states[endpoint] = self.states[endpoint], state
        self.changed = True
        if state == State.DRAINING:
            for connection in self.served_by(endpoint):
                connection.drain()
        elif state in (State.DEAD, State.GONE) and before in (State.LISTENING, State.DRAINING, State.UNSCREENED):
            self.end(endpoint, answers=state == State.DEAD)

    def end(self, endpoint: int, answers: bool) -> None:
        """The process of an endpoint is no more: its kernel resets its connections, or nobody does."""
        for connection in self.served_by(endpoint):
            connection.orphaned = True
            if answers and connection.established:
                connection.reject(Phase.REQUEST)
        if endpoint in self.network.pods:
            self.network.pods[endpoint].die()
        for connection in self.opened_by(endpoint):
            connection.abort(REASON["down"])

    def served_by(self, endpoint: int) -> "list[Connection]":
        """The connections to an endpoint, in the order of their keys."""
        return sorted((one for one in self.network.connections if one.server == endpoint), key=_key)

    def opened_by(self, endpoint: int) -> "list[Connection]":
        """The connections of an endpoint to others, in the order of their keys."""
        return sorted((one for one in self.network.connections if one.client == endpoint), key=_key)

    def fail(self, node: int) -> None:
        """A machine is down, and with it all that runs on it."""
        self.changed = True
        self.network.nodes[node].fail()
        for endpoint, where in enumerate(self.network.plan.endpoint_node):
            if where == node and self.states[endpoint] != State.GONE:
                self.set(endpoint, State.GONE)

    def admits(self, burst: Burst) -> bool:
        """Whether the socket that a burst has come to is there. If it is not, the burst is lost, or answered by RST."""
        connection, phase = burst.connection, burst.flight.phase
        back = phase % 2
        state = self.states[connection.client if back else connection.server]
        other = self.states[connection.server if back else connection.client]
        if state in SILENT or other == State.UNSCREENED:
            reason = SILENT.get(state, REASON["policy"])
            assert burst.core is not None
            self.network.transport.lose(burst, burst.frames, burst.core.soft_totals, reason)
            return False
        if burst.note is not None and burst.note.resets:
            return True
        closed = (connection.orphaned or connection.misplaced) and not back
        if state == State.DEAD or closed or (state == State.DRAINING and phase == Phase.SYN):
            self.network.transport.over(burst)
            if not back:
                connection.reject(phase)
            return False
        return True


def _key(connection: "Connection") -> int:
    return connection.key
