"""The Program's tables as plain Python objects, made once per run for the engine's loops."""

from dataclasses import dataclass

from netsim.program import Program

Work = tuple[list[int] | None, int, int, int]  # jitter table, ps per burst, ps per frame, fs per byte


@dataclass(slots=True)
class Visit:
    """One step of a path."""

    number: int
    op: int
    role: int
    peer: int
    works: tuple[Work, ...]
    wakeup: int
    purpose: int
    outer: int
    align: int
    pair: bool
    translates: bool
    tracks: int


@dataclass(slots=True)
class Path:
    """The steps of one transfer and the payload of a full frame."""

    visits: list[Visit]
    mss: int


@dataclass(slots=True)
class Route:
    """The paths of a connection between two parties, by Phase."""

    paths: tuple[Path, Path, Path, Path]


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
    key: int


class Plan:
    """Everything of a Program that the processes look up while they run."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.laws: list[list[int]] = program.laws.tolist()
        self.works = self._works(program)
        self.visits = self._visits(program)
        self.paths = [
            Path(self.visits[first : first + count], mss)
            for first, count, mss in zip(
                *_rows(program.paths.first, program.paths.visits, program.paths.mss), strict=True
            )
        ]
        self.routes = [
            Route((self.paths[syn], self.paths[synack], self.paths[request], self.paths[response]))
            for syn, synack, request, response in zip(
                *_rows(program.routes.syn, program.routes.synack, program.routes.request, program.routes.response),
                strict=True,
            )
        ]
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
        table = program.visits
        found = []
        for number, row in enumerate(
            zip(
                *_rows(table.op, table.role, table.peer, table.first_work, table.works, table.purpose),
                *_rows(table.outer, table.align, table.pair, table.translates, table.tracks),
                strict=True,
            )
        ):
            op, role, peer, first, count, purpose, outer, align, pair, translates, tracks = row
            mine = self.works[first : first + count]
            works, wakeup = tuple(work for work, _ in mine), sum(wake for _, wake in mine)
            found.append(
                Visit(
                    number, op, role, peer, works, wakeup, purpose, outer, align, bool(pair), bool(translates), tracks
                )
            )
        return found

    def _calls(self, program: Program) -> list[Call]:
        table, groups = program.calls, program.groups
        spans = [range(first, first + count) for first, count in zip(*_rows(groups.first, groups.calls), strict=True)]
        found = []
        for number, row in enumerate(
            zip(
                *_rows(table.service, table.entry, table.request, table.response, table.probability, table.mode),
                *_rows(table.limit, table.keep_alive, table.service_time, table.cpu_time),
                *_rows(table.first_group, table.groups, table.key),
                strict=True,
            )
        ):
            service, entry, request, response, probability, mode, limit, keep, serve, cpu, first, count, key = row
            found.append(
                Call(
                    number, service, entry, self.laws[request], self.laws[response], probability, mode, limit, keep,
                    self.law(serve), self.law(cpu), spans[first : first + count], key,
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

