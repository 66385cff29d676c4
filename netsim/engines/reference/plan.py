"""The Program's tables as plain Python objects, made once per run for the engine's loops."""

from dataclasses import dataclass, fields
from importlib import import_module
from types import ModuleType
from typing import Any

from netsim.program import Endpoint, Endpoints, Op, Program

Work = tuple[list[int] | None, int, int, int]  # jitter table, ps per burst, ps per frame, fs per byte


@dataclass(slots=True)
class Visit:
    """One step of a path."""

    number: int
    op: int
    role: int
    peer: int
    works: tuple[Work, ...]
    interrupt: int  # ps of wake-up work of a RECEIVE's first group, the NIC's
    wakeup: int  # ps of all other wake-up work
    purpose: int
    outer: int
    align: int
    pair: bool
    translates: bool
    tracks: int
    masquerades: bool
    screens: int


@dataclass(slots=True)
class Path:
    """The steps of one transfer, the payload of a full frame, and the largest super-packet (0: none)."""

    visits: list[Visit]
    mss: int
    burst: int


@dataclass(slots=True)
class Route:
    """The paths of a connection between two parties, by Phase."""

    paths: tuple[Path, ...]


@dataclass(slots=True)
class Profile:
    """How the TCP sockets at both ends of a connection behave: a row of Transports."""

    control: ModuleType
    ecn: bool
    initial_window: int
    receive_window: int
    delayed_ack: int
    rack: bool
    idle_restart: bool
    hystart: bool
    discovery: bool


@dataclass(slots=True)
class Tls:
    """What a TLS handshake takes: a row of the table of that name."""

    rounds: int
    request: int
    response: int
    client: int
    server: int


@dataclass(slots=True)
class Call:
    """One place in a call tree."""

    number: int
    service: int
    entry: int
    request: list[int]
    response: list[int]
    probability: int
    mode: int
    limit: int
    keep_alive: int
    service_time: list[int] | None
    cpu_time: list[int] | None
    groups: list[range]
    transport: Profile
    closer: int
    protocol: int
    timeout: int
    retries: int
    per_request: bool
    tls: Tls | None
    port: int
    lookups: list[range]
    resolves: bool
    race: int
    after: int
    paired: bool
    key: int


class Plan:
    """Everything of a Program that the processes look up while they run."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.laws: list[list[int]] = program.laws.tolist()
        self.works = self._works(program)
        self.visits = self._visits(program)
        self.paths = [
            Path(self.visits[first : first + count], mss, burst)
            for first, count, mss, burst in zip(*_columns(program.paths), strict=True)
        ]
        self.routes = self._routes(program)
        self.profiles = self._profiles(program)
        self.route_index: list[list[list[list[int]]]] = program.routes.index.tolist()
        self.calls = self._calls(program)
        self.next_hop: list[list[int]] = program.fabric.next_hop.tolist()
        self.groups = self._groups(program)
        self.endpoint_kind: list[int] = program.endpoints.kind.tolist()
        self.endpoint_node: list[int] = program.endpoints.node.tolist()
        self.endpoint_place: list[int] = program.endpoints.place.tolist()
        self.endpoint_travel = [self.law(row) for row in program.endpoints.travel.tolist()]
        self.endpoint_mss: list[int] = program.endpoints.mss.tolist()
        self.endpoint_neighbour: list[int] = program.endpoints.neighbour.tolist()
        # A node's own host endpoint stands behind those of its pods on the host network.
        self.host_of = {
            node: end
            for end, (kind, node) in enumerate(zip(self.endpoint_kind, self.endpoint_node, strict=True))
            if kind == Endpoint.HOST
        }
        self.endpoint_identity: list[int] = program.endpoints.identity.tolist()
        self.endpoint_key: list[int] = program.endpoints.key.tolist()
        self.subnet: list[int] = program.nodes.subnet.tolist()
        self.node_key: list[int] = program.nodes.key.tolist()
        self.balancer_place = next(
            (
                place
                for kind, place in zip(*_rows(program.stations.kind, program.stations.place), strict=True)
                if kind == 4
            ),
            -1,
        )

    def grow(self, endpoints: Endpoints) -> None:
        """Endpoints that have come since."""
        self.endpoint_kind += endpoints.kind.tolist()
        self.endpoint_node += endpoints.node.tolist()
        self.endpoint_place += endpoints.place.tolist()
        self.endpoint_travel += [self.law(row) for row in endpoints.travel.tolist()]
        self.endpoint_mss += endpoints.mss.tolist()
        self.endpoint_neighbour += endpoints.neighbour.tolist()
        self.endpoint_identity += endpoints.identity.tolist()
        self.endpoint_key += endpoints.key.tolist()

    def law(self, row: int) -> list[int] | None:
        """The table of a law, None for -1."""
        return None if row < 0 else self.laws[row]

    def _works(self, program: Program) -> list[tuple[Work, int]]:
        works = program.works
        rows = zip(
            *_rows(works.jitter, works.per_burst, works.per_frame, works.per_byte, works.per_wakeup), strict=True
        )
        return [((self.law(jitter), burst, frame, byte), wakeup) for jitter, burst, frame, byte, wakeup in rows]

    def _visits(self, program: Program) -> list[Visit]:
        found = []
        for number, row in enumerate(zip(*_columns(program.visits), strict=True)):
            op, role, peer, first, count, purpose, outer, align, pair, translates, tracks, masks, screens = row
            mine = self.works[first : first + count]
            interrupt = mine[0][1] if op == Op.RECEIVE else 0
            works, wakeup = tuple(work for work, _ in mine), sum(wake for _, wake in mine) - interrupt
            flags = bool(translates), tracks, bool(masks), screens
            sizes = outer, align, bool(pair)
            found.append(Visit(number, op, role, peer, works, interrupt, wakeup, purpose, *sizes, *flags))
        return found

    def _routes(self, program: Program) -> list[Route]:
        _, *columns = _columns(program.routes)
        found = []
        for syn, synack, request, response, ack, ack_back, datagram, opening, answer in zip(*columns, strict=True):
            by_phase = (syn, synack, request, response, ack, ack_back, ack, ack_back, datagram, answer, opening)
            found.append(Route(tuple(self.paths[row] for row in by_phase)))
        return found

    def _profiles(self, program: Program) -> list[Profile]:
        names = program.names.congestion
        found = []
        for row in zip(*_columns(program.transports), strict=True):
            control, ecn, first, window, delay, rack, idle, hystart, discovery = row
            module = import_module(f"netsim.congestion.{names[control]}")
            flags = bool(rack), bool(idle), bool(hystart), bool(discovery)
            found.append(Profile(module, bool(ecn), first, window, delay, *flags))
        return found

    def _calls(self, program: Program) -> list[Call]:
        spans = [range(first, first + count) for first, count in zip(*_columns(program.groups), strict=True)]
        handshakes = [Tls(*row) for row in zip(*_columns(program.tls), strict=True)]
        found = []
        for number, row in enumerate(zip(*_columns(program.calls), strict=True)):
            service, entry, request, response, probability, mode, limit, keep, serve, cpu, first, count, *rest = row
            transport, closer, protocol, timeout, retries, chooses, tls, port, lookup, lookups, *rest = rest
            resolves, race, after, paired, key = rest
            found.append(
                Call(
                    number, service, entry, self.laws[request], self.laws[response], probability, mode, limit, keep,
                    self.law(serve), self.law(cpu), spans[first : first + count], self.profiles[transport], closer,
                    protocol, timeout, retries, bool(chooses), handshakes[tls] if tls >= 0 else None, port,
                    spans[lookup : lookup + lookups], bool(resolves), race, after, bool(paired), key,
                )
            )  # fmt: skip
        return found

    def _groups(self, program: Program) -> list[list[int]]:
        fabric = program.fabric
        members = fabric.members.tolist()
        return [
            members[first : first + size]
            for first, size in zip(*_rows(fabric.group_first, fabric.group_size), strict=True)
        ]


def _rows(*columns: object) -> list[list[int]]:
    return [column.tolist() for column in columns]  # type: ignore[attr-defined]


def _columns(table: Any) -> list[list[int]]:
    """All columns of a table, in the order of its fields."""
    return _rows(*(getattr(table, field.name) for field in fields(table)))

