"""Conversations: who calls whom in the call trees of a scenario's traffic."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsim.lowering.demand import Demand
from netsim.program import Entry


@dataclass(frozen=True, slots=True)
class Conversation:
    """A place in a call tree over the network: rows of Endpoints on both sides, of Traffic and of Calls, and the number
    of the port in Names.ports. ``enters`` is set where an entry node may stand between the two."""

    traffic: int
    call: int
    clients: tuple[int, ...]
    servers: tuple[int, ...]
    port: int
    enters: bool


def conversations(demand: Demand) -> Iterator[Conversation]:
    """Every place in every call tree: whoever serves a call is the client of the calls behind it."""
    calls, groups, services = demand.calls.columns, demand.groups.columns, demand.services.rows.columns
    roots = zip(*(demand.traffic.columns[name] for name in ("call", "first_client", "clients")), strict=True)
    for number, (root, first, count) in enumerate(roots):
        waiting = [(root, tuple(demand.clients[first : first + count]))]
        while waiting:
            call, clients = waiting.pop()
            service, servers = calls["service"][call], clients
            if service >= 0:
                start = services["first"][service]
                servers = tuple(demand.services.backends[start : start + services["members"][service]])
                enters = calls["entry"][call] >= Entry.NODE_PORT
                yield Conversation(number, call, clients, servers, calls["port"][call], enters)
            place = calls["first_group"][call]
            for group in range(place, place + calls["groups"][call]):
                child = groups["first"][group]
                waiting += [(one, servers) for one in range(child, child + groups["calls"][group])]
