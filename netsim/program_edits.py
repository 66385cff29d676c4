"""Edits: what the control plane changes in a Program while it runs, at one instant each.

Rows are appended, never taken away, and ids are never used again. What is on its way meets the changed tables at its
next look-up.
"""

from dataclasses import dataclass

from netsim.program_kinds import State
from netsim.program_tables import Endpoints, Screens, Stations


@dataclass(frozen=True)
class Grow:
    """New endpoints, each with a station (its pool of workers) in the same order; rows follow the present ones."""

    stations: Stations
    endpoints: Endpoints
    names: tuple[str, ...]  # of the endpoints; their stations are called and grouped alike
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class SetView:
    """The endpoints among which a node chooses for a row of Services. ``node`` -1: all nodes, and what decides whether
    the Service has any endpoint at all."""

    service: int
    node: int
    members: tuple[int, ...]


@dataclass(frozen=True)
class SetEntries:
    """The nodes that clients outside may come to for a row of Services. With ``rehash`` flows are placed anew by their
    hash, as routers and switches do it: those that come to another node are answered by RST there."""

    service: int
    nodes: tuple[int, ...]
    rehash: bool = False


@dataclass(frozen=True)
class SetEndpoint:
    """How an endpoint answers from now on."""

    endpoint: int
    state: State


@dataclass(frozen=True)
class SetMachine:
    """A machine fails, or works again with empty tables; what was in it is lost without a word."""

    node: int
    up: bool


@dataclass(frozen=True)
class SetLink:
    """The state of one direction of a wire: bit/s, ps of propagation, loss in 10^-9. -1 leaves a value as it is."""

    station: int
    up: bool = True
    rate: int = -1
    travel: int = -1
    loss: int = -1


@dataclass(frozen=True)
class SetHops:
    """The links among which ECMP chooses at a place towards a target place; none: there is no way."""

    place: int
    target: int
    links: tuple[int, ...]


@dataclass(frozen=True)
class SetClients:
    """The endpoints that a stream of traffic sends from."""

    traffic: int
    clients: tuple[int, ...]


@dataclass(frozen=True)
class SetScreens:
    """The policies that a node enforces: rows of Screens, instead of all that it enforced before. Their walks are rows
    of Works that are there from the start. ``rules`` are appended to Names.rules."""

    node: int  # -1: every node
    screens: Screens
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Burn:
    """Work of a daemon of the node in one thread, in ps on the reference hardware: kube-proxy's sync and the like."""

    node: int
    work: int


Edit = Grow | SetView | SetEntries | SetEndpoint | SetMachine | SetLink | SetHops | SetClients | SetScreens | Burn


@dataclass(frozen=True)
class Counters:
    """What control may read of a running Program, in whole numbers since its start; lists by endpoint id."""

    cpu: list[int]  # ps of the pods' own work, on their nodes' cores
    requests: list[int]  # that were answered or are being served
    active: list[int]  # being served, or waiting for a worker
