"""Links that fail or get worse, and what they were before."""

from dataclasses import dataclass

from netsim.control.plane import Plane
from netsim.model.workload import Event
from netsim.program import Kind
from netsim.program_edits import SetLink


@dataclass(frozen=True, slots=True)
class Wire:
    """One direction of a cable as the Program has it."""

    rate: int
    travel: int
    loss: int


def state(wire: Wire, troubles: list[Event]) -> tuple[bool, int, int, int]:
    """Whether a wire works, and its rate, travel and loss, under all that is wrong with it at the same time."""
    up = all(one.action != "linkDown" for one in troubles)
    rate = min([wire.rate, *(one.rate for one in troubles if one.rate is not None)])
    travel = wire.travel + sum(one.travel for one in troubles)
    passed = 10**9 - wire.loss
    for one in troubles:
        passed = passed * (10**9 - one.loss) // 10**9
    return up, rate, travel, 10**9 - passed


class Links:
    """Every link by the name of its cable, ``a-b`` for ``a->b`` and ``b->a``."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        names, stations = plane.program.names.stations, plane.program.stations
        self.rows = {name: row for row, name in enumerate(names) if stations.kind[row] == Kind.LINK}
        columns = (stations.rate, stations.travel, stations.loss)
        self.wires = {row: Wire(*(int(column[row]) for column in columns)) for row in self.rows.values()}
        self.troubles: dict[int, list[Event]] = {row: [] for row in self.wires}

    def directions(self, cable: str) -> list[int]:
        """The rows of a cable: both directions of ``a-b``, one of ``a->b``."""
        if cable in self.rows:
            return [self.rows[cable]]
        return [row for name, row in self.rows.items() if cable in both(name)]

    def begin(self, event: Event) -> None:
        """Something goes wrong."""
        for row in self.directions(event.subject):
            self.troubles[row].append(event)
            self.apply(row)

    def end(self, event: Event) -> None:
        """It is over."""
        for row in self.directions(event.subject):
            self.troubles[row].remove(event)
            self.apply(row)

    def apply(self, row: int) -> None:
        """Let the wire be as it is now."""
        up, rate, travel, loss = state(self.wires[row], self.troubles[row])
        self.plane.edit(SetLink(row, up, rate, travel, loss))

    def of_place(self, place: int) -> set[int]:
        """The links that lead to a place."""
        return {row for row in self.wires if int(self.plane.program.stations.place[row]) == place}


def both(name: str) -> tuple[str, ...]:
    """The names of the cable that has the direction ``a->b``."""
    source, _, target = name.partition("->")
    return (f"{source}-{target}", f"{target}-{source}")
