"""Small Programs built by hand: what the oracles and random-program tests run, without scenario or CNI."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from netsim.chance import LAW_SIZE
from netsim.program import (
    Calls,
    Endpoint,
    Endpoints,
    Fabric,
    Groups,
    Kind,
    Names,
    Nodes,
    Op,
    Paths,
    Program,
    Role,
    Routes,
    Services,
    Stages,
    Stations,
    Traffic,
    Visits,
    Works,
)

SECOND = 10**12
NOTHING, WIRE = 0, 1  # paths


def column(*values: int) -> np.ndarray:
    """A column of these values."""
    return np.array(values, dtype=np.int64)


def constant_law(value: int) -> np.ndarray:
    """The table of a law that always gives ``value``."""
    return np.full(LAW_SIZE, value, dtype=np.int64)


def empty(table: type) -> object:
    """A table without rows."""
    return table(**{entry.name: column() for entry in fields(table)})


@dataclass
class Chain:
    """A client whose requests cross a chain of links to a pod with ``workers``; answers come back at once."""

    arrivals: Sequence[int]
    rates: Sequence[int] = ()  # bit/s of each link
    travel: int = 0
    room: int = -1
    payload: np.ndarray = field(default_factory=lambda: constant_law(0))
    service: np.ndarray | None = None
    workers: int = -1
    quantum: int = 8
    mss: int = 1448
    duration: int = 0
    seed: int = 1

    def program(self) -> Program:
        """The Program of this chain."""
        links = len(self.rates)
        laws = [constant_law(0), self.payload] + ([self.service] if self.service is not None else [])
        places = links + 1
        hops = np.full((places, places), -1, dtype=np.int64)
        for here in range(places):
            for there in range(here + 1, places):
                hops[here, there] = here
        route = np.zeros((3, 3, 3, 5), dtype=np.int64)
        request = WIRE if links else NOTHING
        names = [f"link{number}" for number in range(links)] + ["pod"]
        return Program(
            scenario="chain", variant="chain", cni="none", mode="", proxy="none", seed=self.seed,
            duration=self.duration or int(self.arrivals[-1]) + 1000 * SECOND, quantum=self.quantum,
            laws=np.array(laws), arrivals=np.array(self.arrivals, dtype=np.int64), clients=column(0),
            backends=column(1),
            stations=Stations(
                kind=column(*[Kind.LINK] * links, Kind.POD), servers=column(*[1] * links, self.workers),
                room=column(*[self.room] * links, -1), rate=column(*self.rates, 0),
                travel=column(*[self.travel] * links, 0), place=column(*range(1, links + 1), -1),
                key=column(*range(links + 1)),
            ),
            nodes=empty(Nodes), fabric=Fabric(hops, column(*range(links)), column(*[1] * links), column(*range(links))),
            stages=empty(Stages), works=empty(Works),
            visits=Visits(
                op=column(Op.WIRE), role=column(Role.CLIENT), peer=column(Role.SERVER), first_work=column(0), works=column(0),
                purpose=column(7), outer=column(0), align=column(1), pair=column(0), translates=column(0), tracks=column(0),
            ),
            paths=Paths(first=column(0, 0), visits=column(0, 1), mss=column(self.mss, self.mss)),
            routes=Routes(route, column(NOTHING), column(NOTHING), column(request), column(NOTHING)),
            endpoints=Endpoints(
                kind=column(Endpoint.INTERNET, Endpoint.POD), node=column(-1, -1), place=column(0, links),
                station=column(-1, links), travel=column(-1, -1), mss=column(self.mss, self.mss), neighbour=column(-1, -1),
                key=column(11, 12),
            ),
            services=Services(column(0), column(1), column(0), column(-1), column(0), column(13)),
            calls=Calls(
                service=column(0), entry=column(0), request=column(1), response=column(0), probability=column(1_000_000),
                mode=column(2), limit=column(1), keep_alive=column(SECOND), cpu_time=column(-1),
                service_time=column(2 if self.service is not None else -1), first_group=column(0), groups=column(0),
                key=column(14),
            ),
            groups=empty(Groups),
            traffic=Traffic(
                call=column(0), first_client=column(0), clients=column(1), first=column(0),
                arrivals=column(len(self.arrivals)), users=column(0), think=column(-1), start=column(0), key=column(15),
            ),
            names=Names(
                stations=tuple(names), roles=("link",) * links + ("pod",), groups=tuple(names), stages=(), sources=(),
                confidence=(), visits=("wire",), endpoints=("client", "pod"), nodes=(), services=("pod",),
                traffic=("requests",), strategies=("random",), addresses=("", ""),
            ),
        )  # fmt: skip
