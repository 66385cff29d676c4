"""Edits: what the control plane changes takes effect in the running network's tables."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netsim.balancing.source_hash import choose
from netsim.chance import remix
from netsim.engines.reference.balancer import ENTRY
from netsim.engines.reference.clock import Traveller
from netsim.engines.reference.opening import screens_of
from netsim.engines.reference.order import TRAFFIC_LIMIT, call_key, request_key
from netsim.engines.reference.pod import Pod
from netsim.program_edits import (
    Burn,
    Edit,
    Grow,
    SetClients,
    SetEndpoint,
    SetEntries,
    SetHops,
    SetLink,
    SetMachine,
    SetScreens,
    SetView,
)

if TYPE_CHECKING:
    from netsim.engines.reference.core import Core
    from netsim.engines.reference.lanes import Begin
    from netsim.engines.reference.network import Network

BURNS = call_key(request_key(TRAFFIC_LIMIT - 1, 0), 1)  # stands for no stream of traffic


class Chore(Traveller):
    """Work of a daemon in a thread of its node."""

    system = True

    def __init__(self, network: "Network", number: int) -> None:
        super().__init__(network.clock)
        self.key = BURNS + request_key(0, number)

    def finished(self, core: "Core", begin: "Begin") -> None:
        """It is done, and nobody waits for it."""


def apply(network: "Network", edit: Edit) -> None:
    """Change what ``edit`` says, now."""
    APPLIERS[type(edit)](network, edit)


def _grow(network: "Network", edit: Grow) -> None:
    network.program = network.program.grown(edit)
    first = len(network.plan.endpoint_kind)
    network.plan.grow(edit.endpoints)
    network.presence.grow(len(edit.names))
    for number, station in enumerate(edit.endpoints.station.tolist()):
        network.pods[first + number] = Pod(network, first + number, station)


def _set_view(network: "Network", edit: SetView) -> None:
    network.services.set_view(edit.service, edit.node, edit.members)


def _set_entries(network: "Network", edit: SetEntries) -> None:
    network.services.entries[edit.service] = edit.nodes
    network.presence.changed |= edit.rehash
    for connection in network.connections if edit.rehash else ():
        if connection.service != edit.service or connection.entry_node < 0:
            continue
        bits = remix(connection.flow, ENTRY)
        chosen = edit.nodes[choose(edit.nodes, bits, 0, connection.flow, ())] if edit.nodes else -1
        connection.misplaced |= chosen != connection.entry_node


def _set_endpoint(network: "Network", edit: SetEndpoint) -> None:
    network.presence.set(edit.endpoint, edit.state)


def _set_machine(network: "Network", edit: SetMachine) -> None:
    if edit.up:
        network.nodes[edit.node].recover()
    else:
        network.presence.fail(edit.node)


def _set_link(network: "Network", edit: SetLink) -> None:
    network.links[edit.station].change(edit)


def _set_hops(network: "Network", edit: SetHops) -> None:
    plan = network.plan
    plan.groups.append(list(edit.links))
    plan.next_hop[edit.place][edit.target] = len(plan.groups) - 1
    for link in network.links.values():
        link.onward.clear()


def _set_clients(network: "Network", edit: SetClients) -> None:
    source = network.sources[edit.traffic]
    source.silent = not edit.clients
    source.clients = list(edit.clients) or source.clients


def _set_screens(network: "Network", edit: SetScreens) -> None:
    network.program = network.program.grown(edit)
    network.denied += [0] * len(edit.rules)
    for node in range(len(network.nodes)) if edit.node < 0 else (edit.node,):
        network.screens[node] = screens_of(edit.screens)


def _burn(network: "Network", edit: Burn) -> None:
    node = network.nodes[edit.node]
    if not node.down:
        network.chores += 1
        node.core_for(node.cores[0]).submit(Chore(network, network.chores), node.scaled(edit.work), 0)


APPLIERS: dict[type, Callable[["Network", Any], None]] = {
    Grow: _grow,
    SetView: _set_view,
    SetEntries: _set_entries,
    SetEndpoint: _set_endpoint,
    SetMachine: _set_machine,
    SetLink: _set_link,
    SetHops: _set_hops,
    SetClients: _set_clients,
    SetScreens: _set_screens,
    Burn: _burn,
}
