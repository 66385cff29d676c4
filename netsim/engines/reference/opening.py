"""Opening: what a flow's first packet does at a core: resolve its Service, enter conntrack, find a port."""

from typing import TYPE_CHECKING

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.plan import Visit
from netsim.program import REASON, Phase

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core

OPENING = (Phase.SYN, Phase.FIRST_DATAGRAM)


def opening(core: "Core", burst: Burst, visit: Visit) -> int | None:
    """What a flow's first packet does here: resolve the Service, enter conntrack.

    Returns the Works row of the rules it walks, -1 for none; None when the packet was dropped.
    """
    if burst.flight.phase not in OPENING:
        return -1
    connection = burst.connection
    translates = visit.translates
    if translates and not connection.resolve(burst):
        core.network.transport.lose(burst, burst.frames, core.soft_totals, REASON["no-endpoint"])
        return None
    visit = burst.visits[burst.position]  # which the answer may have changed
    if visit.tracks and not core.node.track(connection, visit.tracks):
        core.network.transport.lose(burst, burst.frames, core.soft_totals, REASON["conntrack"])
        return None
    masquerades = visit.masquerades or (translates and core.network.services.masquerades(connection))
    if masquerades and not core.node.translate(connection):
        core.network.transport.lose(burst, burst.frames, core.soft_totals, REASON["nat-ports"])
        return None
    return connection.walk if translates else -1
