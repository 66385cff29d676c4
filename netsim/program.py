"""Program: a scenario with every name turned into an integer, the one thing that engines read.

Times are int64 picoseconds, sizes bytes, rates bit/s. Every table is a frozen dataclass of int64 columns of equal
length; an id is a row number, and -1 means "none". ``dump`` prints the whole as text, ``fingerprint`` hashes it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from netsim.program_edits import Grow, SetScreens
from netsim.program_kinds import (
    BILLION,
    REASON,
    REASONS,
    Endpoint,
    Entry,
    Kind,
    Op,
    Phase,
    Protocol,
    Relation,
    Role,
    Screen,
    State,
    TrafficKind,
    Verdict,
)
from netsim.program_names import Names
from netsim.program_tables import (
    Calls,
    Column,
    Endpoints,
    Fabric,
    Groups,
    Nodes,
    Paths,
    Routes,
    Screens,
    Services,
    Stages,
    Stations,
    Tls,
    Traffic,
    Transports,
    Views,
    Visits,
    Works,
)

SCHEMA = 3
Table = TypeVar("Table", Stations, Endpoints)


@dataclass(frozen=True)
class Program:
    """Everything that an engine needs to run one variant once."""

    scenario: str
    variant: str
    cni: str
    mode: str
    proxy: str
    seed: int
    duration: int
    quantum: int
    laws: Column  # shape (laws, LAW_SIZE)
    arrivals: Column  # intended times in ps, ascending per traffic
    clients: Column  # endpoint ids
    backends: Column  # endpoint ids
    entries: Column  # node ids
    stations: Stations
    nodes: Nodes
    fabric: Fabric
    stages: Stages
    works: Works
    visits: Visits
    paths: Paths
    routes: Routes
    endpoints: Endpoints
    services: Services
    views: Views
    screens: Screens
    tls: Tls
    transports: Transports
    calls: Calls
    groups: Groups
    traffic: Traffic
    names: Names

    def tables(self) -> Iterator[tuple[str, Column]]:
        """Every array with its dotted name, in a fixed order."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                yield field.name, value
            elif hasattr(value, "__dataclass_fields__") and not isinstance(value, Names):
                for column in fields(value):
                    yield f"{field.name}.{column.name}", getattr(value, column.name)

    def fingerprint(self) -> str:
        """SHA-256 of all that decides a run, as hexadecimal text."""
        head = (SCHEMA, self.seed, self.duration, self.quantum, self.names.strategies, self.names.congestion)
        digest = hashlib.sha256(repr(head).encode())
        for name, column in self.tables():
            digest.update(f"{name} {column.shape}".encode())
            digest.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
        return digest.hexdigest()

    def grown(self, edit: Grow | SetScreens) -> "Program":
        """This program with the rows that an edit appends, for those who read the records afterwards."""
        names = self.names
        if isinstance(edit, SetScreens):
            # Which policies were in force at a packet's time can no longer be told from the tables.
            nothing = Screens(*(column[:0] for column in vars(self.screens).values()))
            return replace(self, screens=nothing, names=replace(names, rules=names.rules + edit.rules))
        kinds = ("pod",) * len(edit.names)
        return replace(
            self,
            stations=_appended(self.stations, edit.stations),
            endpoints=_appended(self.endpoints, edit.endpoints),
            names=replace(
                names,
                stations=names.stations + edit.names,
                roles=names.roles + kinds,
                groups=names.groups + edit.names,
                endpoints=names.endpoints + edit.names,
                addresses=names.addresses + edit.addresses,
            ),
        )

    def dump(self) -> str:
        """The program as text: a line per row of each table, laws and arrivals by their size."""
        lines = [
            f"program {self.scenario} / {self.variant}  seed {self.seed}  {self.fingerprint()[:16]}"
        ]
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                lines.append(f"{field.name}: {value.shape}")
            elif hasattr(value, "__dataclass_fields__") and not isinstance(value, Names):
                lines.extend(_table_text(field.name, value, getattr(self.names, field.name, ())))
        return "\n".join(lines) + "\n"


def _appended(table: Table, rows: Table) -> Table:
    """A table with the rows of another behind its own."""
    columns = [np.concatenate([getattr(table, field.name), getattr(rows, field.name)]) for field in fields(table)]
    return type(table)(*columns)


def _table_text(title: str, table: object, names: tuple[str, ...]) -> Iterator[str]:
    columns = {field.name: getattr(table, field.name) for field in fields(table)}  # type: ignore[arg-type]
    yield f"{title}: " + " ".join(columns)
    if any(column.ndim > 1 for column in columns.values()) or len({len(column) for column in columns.values()}) > 1:
        yield from (f"  {name} {column.tolist()}" for name, column in columns.items())
        return
    for row, values in enumerate(zip(*(column.tolist() for column in columns.values()), strict=True)):
        yield f"  {row} " + " ".join(map(str, values)) + (f"  {names[row]}" if row < len(names) else "")


__all__ = [
    "BILLION",
    "REASON",
    "REASONS",
    "Calls",
    "Column",
    "Endpoint",
    "Endpoints",
    "Entry",
    "Fabric",
    "Groups",
    "Kind",
    "Names",
    "Nodes",
    "Op",
    "Paths",
    "Phase",
    "Program",
    "Protocol",
    "Relation",
    "Role",
    "Routes",
    "Screen",
    "Screens",
    "Services",
    "Stages",
    "State",
    "Stations",
    "Tls",
    "Traffic",
    "TrafficKind",
    "Transports",
    "Verdict",
    "Views",
    "Visits",
    "Works",
]
