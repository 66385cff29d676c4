"""Fitting: how much payload fits into a frame between two endpoints, as far as their sockets know."""

from typing import TYPE_CHECKING

from netsim.engines.reference.plan import Path

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.network import Network


class Fitting:
    """Payload of full frames: what the interfaces allow, and what path MTU discovery (RFC 1191) has found since."""

    def __init__(self, network: "Network") -> None:
        self.sizes = network.plan.endpoint_mss
        self.found: dict[tuple[int, int, int], int] = {}  # by client, server, direction

    def mss(self, connection: "Connection", path: Path, phase: int) -> int:
        """Payload in bytes of a full frame on a path: what the smaller interface allows, unless the path says."""
        if path.mss or connection.server < 0:
            return path.mss or 1
        largest = min(self.sizes[connection.client], self.sizes[connection.server])
        found = self.found
        return min(largest, found.get(_way(connection, phase), largest)) if found else largest

    def learn(self, connection: "Connection", phase: int, mss: int) -> None:
        """Frames with more payload than ``mss`` do not fit on the way."""
        way = _way(connection, phase)
        self.found[way] = min(mss, self.found.get(way, mss))
        if phase in connection.senders:
            connection.senders[phase].shorten(self.found[way])


def _way(connection: "Connection", phase: int) -> tuple[int, int, int]:
    return connection.client, connection.server, phase % 2
