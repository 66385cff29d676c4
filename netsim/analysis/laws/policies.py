"""Laws of network policies: nothing that is denied arrives, and every denial has its rule."""

from collections.abc import Iterator

import numpy as np

from netsim.program import Endpoint, Phase, Program, Screen, Verdict
from netsim.records import Column, Records

_PORT, _IDENTITIES = 1 << 20, 1 << 20  # more than a program has of either
_OPENING = (Phase.SYN, Phase.REQUEST)


def obeyed(program: Program, records: Records) -> Iterator[str]:
    """No opening packet or request arrives that the policies in force from the start deny. Where they change while the
    program runs it is not known which were in force, and nothing is checked."""
    screens, moves = program.screens, records.transfers
    if len(program.names.rules) > screens.rule.max(initial=-1) + 1:
        return
    denied = screens.action != Verdict.ALLOW
    masquerading = np.flatnonzero(program.services.masquerades)
    identity, ends = program.endpoints.identity, program.endpoints
    for direction in (Screen.EGRESS, Screen.INGRESS):
        mine = denied & (screens.direction == direction)
        forbidden = _combined(screens.port[mine], screens.client[mine], screens.server[mine])
        # Nothing ever stands between a node and the pods that are on it.
        own = (ends.kind[moves.source] == Endpoint.HOST) & (ends.node[moves.source] == ends.node[moves.target])
        # Who comes through an entry node that masquerades is taken for that node.
        service = program.calls.service[moves.call]
        hidden = np.isin(service, masquerading) & (direction == Screen.INGRESS)
        checked = ~own & ~hidden & np.isin(moves.phase, _OPENING)
        arrived = np.flatnonzero((moves.finished >= 0) & checked)
        port = program.calls.port[moves.call[arrived]]
        found = _combined(port, identity[moves.source[arrived]], identity[moves.target[arrived]])
        for row in arrived[np.isin(found, forbidden)].tolist():
            names = program.names.endpoints
            way = f"{names[moves.source[row]]} to {names[moves.target[row]]}"
            yield f"transfer {row} from {way} arrived, though a policy on {direction.name.lower()} denies it"


def counted(program: Program, records: Records) -> Iterator[str]:
    """There is a count for every rule, and none is negative."""
    if len(records.denied) != len(program.names.rules):
        yield f"{len(records.denied)} counts of denied packets for {len(program.names.rules)} rules"
    if (records.denied < 0).any():
        yield "a count of denied packets is negative"


def _combined(port: Column, client: Column, server: Column) -> Column:
    """One number for a port and two identities, which may be -1."""
    return ((port * _PORT) + client + 1) * _IDENTITIES + server + 1
