"""Senders behind one bottleneck, built by hand: what TCP does on links alone, without cores, CNI or scenario."""

from dataclasses import dataclass, field, replace

import numpy as np

from netsim.program import (
    Endpoint,
    Endpoints,
    Entry,
    Fabric,
    Kind,
    Op,
    Paths,
    Program,
    Relation,
    Role,
    Routes,
    Stations,
    Traffic,
    TrafficKind,
    Transports,
    Visits,
)
from tests.programs import Chain, column, constant_law, transports

GBIT, MILLISECOND = 10**9, 10**9
MSS, FULL_WIRE = 1448, 1538  # bytes of payload, and of link time, of a full frame at MTU 1500
CONTROLS = ("reno", "cubic", "dctcp")
AWAY, BACK = 1, 2  # paths


def socket(control: str = "reno", initial_window: int = 10, receive_window: int = 1 << 40, **cells: int) -> Transports:
    """One kind of TCP socket, with RACK unless told otherwise."""
    cells = {"rack": 1} | cells
    return transports(initial_window, receive_window, congestion=CONTROLS.index(control), **cells)


@dataclass
class Dumbbell:
    """``senders`` with a wire each to a switch, and one wire from there to the receiver.

    Half of ``round_trip`` (ps, without serialisation) is spent behind the bottleneck, half on the way back. Where
    ``access`` is 0 the senders share the bottleneck's own queue, and nothing comes before it.
    """

    rate: int = 10 * GBIT  # bit/s of the bottleneck
    round_trip: int = MILLISECOND
    senders: int = 1
    access: int = 0  # bit/s of a sender's own wire
    duration: int = 1000 * MILLISECOND
    size: int = 0  # bytes of each stream, 0 without end
    starts: tuple[int, ...] = ()  # ps, one for each sender; by default all at 0
    room: int = -1  # bytes of the bottleneck's buffer
    mark: int = -1
    loss: int = 0  # 10^-9
    burst: int = 0  # bytes of a super-packet, 0: a frame at a time
    quantum: int = 8
    seed: int = 1
    transports: Transports = field(default_factory=socket)

    @property
    def bottleneck(self) -> int:
        """The station of the link that all share."""
        return 0

    def program(self) -> Program:
        """The Program: the senders at places 0, 1, ...; then the switch and the receiver."""
        blank = Chain([0], duration=self.duration, seed=self.seed, transports=self.transports).program()
        many, starts = self.senders, self.starts or (0,) * self.senders
        route = np.zeros((len(Entry), len(Endpoint), len(Endpoint), len(Relation)), dtype=np.int64)
        away, back = column(AWAY), column(BACK)
        stations = self.stations()
        names = tuple(f"station{number}" for number in range(len(stations.kind)))
        parties = tuple(f"sender{number}" for number in range(many))
        return replace(
            blank, quantum=self.quantum, laws=np.array([constant_law(0), constant_law(self.size)]),
            arrivals=column(), clients=np.arange(many), backends=column(many), stations=stations,
            fabric=self.fabric(), visits=visits(),
            paths=Paths(column(0, 0, 1), column(0, 1, 1), column(*[MSS] * 3), column(*[self.burst] * 3)),
            routes=Routes(route, away, back, away, back, away, back, away, away, back),
            endpoints=self.endpoints(),
            traffic=Traffic(
                kind=column(*[TrafficKind.BULK] * many), call=column(*[0] * many), first_client=np.arange(many),
                clients=column(*[1] * many), first=column(*[0] * many), arrivals=column(*[0] * many),
                users=column(*[1] * many), think=column(*[-1] * many), start=column(*starts),
                stop=column(*[-1] * many), interval=column(*[0] * many), key=60 + np.arange(many),
            ),
            names=replace(
                blank.names, stations=names, roles=names, groups=names, visits=("away", "back"), traffic=parties,
                endpoints=(*parties, "receiver"), addresses=("",) * (many + 1), congestion=CONTROLS,
            ),
        )  # fmt: skip

    def stations(self) -> Stations:
        """The bottleneck, the way back, the senders' wires, and the receiver's pod."""
        own = self.senders if self.access else 0
        switch, receiver = self.senders, self.senders + 1
        half = self.round_trip // 2
        links = 2 + 2 * own
        out = [-1] * (links - 1)
        fast = max(self.rate, self.access) * 1000
        return Stations(
            kind=column(*[Kind.LINK] * links, Kind.POD), servers=column(*[1] * links, -1),
            room=column(self.room, *out, -1), key=np.arange(links + 1),
            rate=column(self.rate, fast, *[self.access] * own, *[fast] * own, 0),
            travel=column(half, self.round_trip - half, *[0] * (2 * own), 0),
            place=column(receiver, switch, *[switch] * own, *range(own), -1),
            mtu=column(*[-1] * (links + 1)), reports=column(*[0] * (links + 1)),
            loss=column(self.loss, *[0] * links), mark=column(self.mark, *out, -1),
        )  # fmt: skip

    def fabric(self) -> Fabric:
        """Which link leads from a place towards another."""
        many, switch, receiver = self.senders, self.senders, self.senders + 1
        hops = np.full((many + 2, many + 2), -1, dtype=np.int64)
        hops[switch, receiver], hops[receiver, :] = 0, 1
        hops[:many, receiver] = 2 + np.arange(many) if self.access else 0
        hops[switch, :many] = 2 + many + np.arange(many) if self.access else -1
        count = 2 + (2 * many if self.access else 0)
        return Fabric(hops, np.arange(count), column(*[1] * count), np.arange(count))

    def endpoints(self) -> Endpoints:
        """The senders and the receiver. Without wires of their own, all senders stand at the switch."""
        many = self.senders
        places = np.arange(many) if self.access else np.full(many, many)
        last = len(self.stations().kind) - 1
        return Endpoints(
            kind=column(*[Endpoint.INTERNET] * many, Endpoint.POD), node=column(*[-1] * (many + 1)),
            place=np.append(places, many + 1), station=column(*[-1] * many, last), travel=column(*[-1] * (many + 1)),
            mss=column(*[MSS] * (many + 1)), neighbour=column(*[-1] * (many + 1)),
            identity=column(*[-1] * (many + 1)), key=100 + np.arange(many + 1),
        )  # fmt: skip


def visits() -> Visits:
    """The wire away, and the wire back."""
    return Visits(
        op=column(Op.WIRE, Op.WIRE), role=column(Role.CLIENT, Role.SERVER), peer=column(Role.SERVER, Role.CLIENT),
        first_work=column(0, 0), works=column(0, 0), purpose=column(7, 8), outer=column(0, 0), align=column(1, 1),
        pair=column(0, 0), translates=column(0, 0), tracks=column(0, 0), masquerades=column(0, 0), screens=column(0, 0),
    )  # fmt: skip
