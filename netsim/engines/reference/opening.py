"""Opening: what a first packet does at a core: resolve its Service, enter conntrack, find a port, be screened."""

from typing import TYPE_CHECKING

from netsim.engines.reference.burst import Burst
from netsim.engines.reference.plan import Visit
from netsim.program import REASON, Phase, Screen, Screens, Verdict

if TYPE_CHECKING:
    from netsim.engines.reference.connection import Connection
    from netsim.engines.reference.core import Core

OPENING = (Phase.SYN, Phase.FIRST_DATAGRAM)
Key = tuple[int, int, int, int]  # direction, port, identities of client and server
Rules = dict[Key, tuple[int, int, int]]  # the Works row of the evaluation, a Verdict, the rule that denies


def screens_of(screens: Screens) -> Rules:
    """The rows of a table of policies by what they are looked up by."""
    keys = zip(*(c.tolist() for c in (screens.direction, screens.port, screens.client, screens.server)), strict=True)
    rows = zip(*(c.tolist() for c in (screens.walk, screens.action, screens.rule)), strict=True)
    return dict(zip(keys, rows, strict=True))


def opening(core: "Core", burst: Burst, visit: Visit) -> int | None:
    """What a flow's first packet does here.

    Returns the Works row of the rules it walks, of kube-proxy or of policies, -1 for none; None when it was dropped.
    """
    if burst.flight.phase not in OPENING:
        return -1
    connection = burst.connection
    translates, reason = visit.translates, ""
    if translates:
        reason = connection.resolve(burst)
        visit = burst.visits[burst.position]  # which the answer may have changed
    if reason == "refused":
        core.network.transport.refuse(burst, core.soft_totals, REASON["refused"])
        return None
    if not reason and visit.tracks and not core.node.track(connection, visit.tracks):
        reason = "conntrack"
    masquerades = visit.masquerades or (translates and core.network.services.masquerades(connection))
    if not reason and masquerades and not core.node.translate(connection):
        reason = "nat-ports"
    if reason:
        core.network.transport.lose(burst, burst.frames, core.soft_totals, REASON[reason])
        return None
    return screened(core, burst, visit) if visit.screens else (connection.walk if translates else -1)


def screened(core: "Core", burst: Burst, visit: Visit) -> int | None:
    """Hold a packet against the policies of its pod: the Works row of what was evaluated, None when it was denied."""
    network, connection = core.network, burst.connection
    if connection.server < 0:
        return -1
    identity = network.plan.endpoint_identity
    client = seen(core, connection) if visit.screens == Screen.INGRESS else connection.client
    key = (visit.screens, connection.call.port, identity[client], identity[connection.server])
    walk, action, rule = network.screens[core.node.number].get(key, (-1, Verdict.ALLOW, -1))
    if action == Verdict.ALLOW:
        return walk
    network.denied[rule] += 1
    if action == Verdict.REJECT:
        network.transport.refuse(burst, core.soft_totals, REASON["policy"])
    else:
        network.transport.lose(burst, burst.frames, core.soft_totals, REASON["policy"])
    return None


def seen(core: "Core", connection: "Connection") -> int:
    """The endpoint that a server takes for its client: the entry node itself where that masquerades on the way."""
    network = core.network
    node = connection.entry_node
    if node < 0 or node == core.node.number or not network.services.masquerades(connection):
        return connection.client
    return network.plan.host_of.get(node, connection.client)
