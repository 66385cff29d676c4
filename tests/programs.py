"""Small Programs built by hand: what the oracles run, without scenario or CNI."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from netsim.chance import LAW_SIZE, UNITY
from netsim.program import (
    Calls,
    Endpoint,
    Endpoints,
    Entry,
    Fabric,
    Groups,
    Kind,
    Names,
    Nodes,
    Op,
    Paths,
    Program,
    Relation,
    Role,
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

SECOND = 10**12
GSO = 65_535
NOTHING, WIRE = 0, 1  # paths
PARTS = ("per_burst", "per_frame", "per_byte", "per_wakeup")


def column(*values: int) -> np.ndarray:
    """A column of these values."""
    return np.array(values, dtype=np.int64)


def constant_law(value: int) -> np.ndarray:
    """The table of a law that always gives ``value``."""
    return np.full(LAW_SIZE, value, dtype=np.int64)


def routes(index: np.ndarray, request: np.ndarray) -> Routes:
    """Routes whose requests and datagrams take these paths; everything else arrives at once."""
    nothing = column(*[0] * len(request))
    return Routes(index, nothing, nothing, request, nothing, nothing, nothing, request, request, nothing)


def empty(table: type) -> object:
    """A table without rows."""
    return table(**{entry.name: column() for entry in fields(table)})


SHARED = 2  # a mode of connections: all requests of a client go over one
WINDOW = 1 << 40  # bytes and segments: so large that it never holds anything back


ONE_SERVICE = Services(
    first=column(0), members=column(1), views=column(-1), strategy=column(0), walk=column(-1), masquerades=column(0),
    by_client=column(0), affinity=column(0), hairpin=column(1), announced=column(0), denies=column(0),
    first_entry=column(0), entries=column(-1), key=column(13),
)  # fmt: skip
PLAIN_CALL = {
    "protocol": column(0), "timeout": column(-1), "retries": column(0), "per_request": column(0), "tls": column(-1),
    "port": column(0), "first_lookup": column(0), "lookups": column(0), "resolves": column(0), "race": column(0),
    "after": column(-1), "paired": column(0),
}  # fmt: skip


def transports(initial_window: int = WINDOW, receive_window: int = WINDOW, **cells: int) -> Transports:
    """One kind of TCP socket; by default everything is sent at once."""
    row = {
        "congestion": 0, "ecn": 0, "initial_window": initial_window, "receive_window": receive_window,
        "delayed_ack": 40 * 10**9, "rack": 0, "idle_restart": 0, "hystart": 0, "discovery": 0,
    } | cells  # fmt: skip
    return Transports(**{name: column(cell) for name, cell in row.items()})


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
    transports: Transports = field(default_factory=transports)
    mode: int = 0  # of connections: one for each request

    def program(self) -> Program:
        """The Program of this chain. Acknowledgements come back at once."""
        links = len(self.rates)
        laws = [constant_law(0), self.payload] + ([self.service] if self.service is not None else [])
        places = links + 1
        hops = np.full((places, places), -1, dtype=np.int64)
        for here in range(places):
            for there in range(here + 1, places):
                hops[here, there] = here
        route = np.zeros((len(Entry), len(Endpoint), len(Endpoint), len(Relation)), dtype=np.int64)
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
                key=column(*range(links + 1)), mtu=column(*[-1] * (links + 1)), reports=column(*[0] * (links + 1)),
                loss=column(*[0] * (links + 1)), mark=column(*[-1] * (links + 1)),
            ),
            nodes=empty(Nodes),
            fabric=Fabric(hops, column(*range(links)), column(*[1] * links), column(*range(links))),
            stages=empty(Stages), works=empty(Works),
            visits=Visits(
                op=column(Op.WIRE), role=column(Role.CLIENT), peer=column(Role.SERVER), first_work=column(0),
                works=column(0),
                purpose=column(7), outer=column(0), align=column(1), pair=column(0), translates=column(0),
                tracks=column(0), masquerades=column(0), screens=column(0),
            ),
            paths=Paths(column(0, 0), column(0, 1), column(self.mss, self.mss), column(GSO, GSO)),
            routes=routes(route, column(request)),
            endpoints=Endpoints(
                kind=column(Endpoint.INTERNET, Endpoint.POD), node=column(-1, -1), place=column(0, links),
                station=column(-1, links), travel=column(-1, -1), mss=column(self.mss, self.mss),
                neighbour=column(-1, -1), identity=column(-1, -1),
                key=column(11, 12),
            ),
            services=ONE_SERVICE, views=empty(Views), screens=empty(Screens), tls=empty(Tls), entries=column(),
            transports=self.transports,
            calls=Calls(
                service=column(0), entry=column(0), request=column(1), response=column(0),
                probability=column(1_000_000),
                mode=column(self.mode), limit=column(1), keep_alive=column(SECOND), cpu_time=column(-1),
                service_time=column(2 if self.service is not None else -1), first_group=column(0), groups=column(0),
                transport=column(0), closer=column(0), key=column(14), **PLAIN_CALL,
            ),
            groups=empty(Groups),
            traffic=Traffic(
                kind=column(0), stop=column(-1), interval=column(0),
                call=column(0), first_client=column(0), clients=column(1), first=column(0),
                arrivals=column(len(self.arrivals)), users=column(0), think=column(-1), start=column(0),
                key=column(15),
            ),
            names=Names(
                stations=tuple(names), roles=("link",) * links + ("pod",), groups=tuple(names), stages=(), sources=(),
                confidence=(), visits=("wire",), endpoints=("client", "pod"), nodes=(), services=("pod",),
                traffic=("requests",), strategies=("random",), addresses=("", ""),
            ),
        )  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One visit of a request, and what it costs: ps per burst, per frame and when found idle, fs per byte."""

    op: Op
    per_burst: int = 0
    per_byte: int = 0
    per_frame: int = 0
    per_wakeup: int = 0


@dataclass(frozen=True)
class Stream:
    """Requests at these times, and the steps of each on its node."""

    arrivals: Sequence[int]
    steps: Sequence[Step]
    payload: np.ndarray = field(default_factory=lambda: constant_law(0))


BALANCER, TUNNEL, POD, FIRST_CORE = range(4)  # stations
CLIENTS = (Endpoint.HOST, Endpoint.POD)


@dataclass
class OneNode:
    """A node with cores, a tunnel process and a load balancer; up to two streams of requests meet there.

    A request is answered as soon as it has crossed its steps. Softirq work comes as ``Op.RECEIVE``.
    """

    streams: Sequence[Stream]
    cores: int = 1
    servers: int = 1  # of the tunnel process and of the balancer
    ring: int = 1 << 30
    idle_exit: int = 0
    seed: int = 1

    def program(self) -> Program:
        """The Program of this node: stream 0 comes from a host socket, stream 1 from a pod."""
        last = max(int(stream.arrivals[-1]) for stream in self.streams if len(stream.arrivals))
        many = len(self.streams)
        steps = [step for stream in self.streams for step in stream.steps]
        costs = {name: column(*(getattr(step, name) for step in steps)) for name in PARTS}
        starts = np.cumsum([0] + [len(stream.steps) for stream in self.streams])[:-1]
        route = np.zeros((len(Entry), len(Endpoint), len(Endpoint), len(Relation)), dtype=np.int64)
        route[:, Endpoint.POD] = 1 if many > 1 else 0
        rows = np.arange(many)
        blank = Chain(self.streams[0].arrivals, duration=last + 1000 * SECOND, seed=self.seed).program()
        calls = {entry.name: np.repeat(getattr(blank.calls, entry.name), many) for entry in fields(Calls)}
        return replace(
            blank,
            laws=np.array([constant_law(0), *(stream.payload for stream in self.streams)]),
            arrivals=np.concatenate([np.asarray(stream.arrivals, dtype=np.int64) for stream in self.streams]),
            clients=rows, backends=column(many), stations=self.stations(), nodes=self.nodes(),
            works=Works(column(*[-1] * len(steps)), **costs, first_stage=np.arange(len(steps)),
            stages=column(*[1] * len(steps))),
            visits=visits_of(steps),
            paths=Paths(first=column(0, *starts), visits=column(0, *(len(stream.steps) for stream in self.streams)),
                        mss=column(*[1448] * (many + 1)), burst=column(*[GSO] * (many + 1))),
            routes=routes(route, 1 + rows),
            endpoints=Endpoints(
                kind=column(*CLIENTS[:many], Endpoint.POD), node=column(*[0] * (many + 1)),
                place=column(*[0] * (many + 1)),
                station=column(*[-1] * many, POD), travel=column(*[-1] * (many + 1)),
                mss=column(*[1448] * (many + 1)),
                neighbour=column(*[-1] * (many + 1)), identity=column(*[-1] * (many + 1)),
                key=20 + np.arange(many + 1),
            ),
            calls=Calls(**calls | {"request": 1 + rows, "key": 40 + rows}),
            traffic=Traffic(
                kind=column(*[0] * many), stop=column(*[-1] * many), interval=column(*[0] * many),
                call=rows, first_client=rows, clients=column(*[1] * many), key=60 + rows,
                first=np.cumsum([0] + [len(stream.arrivals) for stream in self.streams])[:-1],
                arrivals=column(*(len(stream.arrivals) for stream in self.streams)), users=column(*[0] * many),
                think=column(*[-1] * many), start=column(*[0] * many),
            ),
            names=self.names(blank.names),
        )  # fmt: skip

    def stations(self) -> Stations:
        """Balancer, tunnel process, pod, then two lanes for each core."""
        lanes = [Kind.SOFTIRQ, Kind.APPLICATION] * self.cores
        count = FIRST_CORE + len(lanes)
        return Stations(
            kind=column(Kind.BALANCER, Kind.DAEMON, Kind.POD, *lanes),
            servers=column(self.servers, self.servers, -1, *[1] * len(lanes)),
            room=column(*[-1] * count), rate=column(*[-1] * count), travel=column(*[0] * count),
            place=column(*[0] * count),
            key=np.arange(count), mtu=column(*[-1] * count), reports=column(*[0] * count),
            loss=column(*[0] * count), mark=column(*[-1] * count),
        )  # fmt: skip

    def nodes(self) -> Nodes:
        """The one node, with a receive queue per core."""
        return Nodes(
            first_core=column(FIRST_CORE), cores=column(self.cores), queues=column(self.cores),
            ring=column(self.ring),
            conntrack_max=column(1 << 30), place=column(0), subnet=column(0), daemon=column(TUNNEL),
            slowness=column(UNITY),
            idle_exit=column(self.idle_exit), moderation=column(0), ports=column(1 << 30), nat_ports=column(1 << 30),
            socket_buffer=column(1 << 40), key=column(80),
        )  # fmt: skip

    def names(self, blank: Names) -> Names:
        """Names for everything."""
        lanes = [f"core{core}.{lane}" for core in range(self.cores) for lane in ("softirq", "threads")]
        stations = ("balancer", "tunnel", "pod", *lanes)
        parties = tuple(f"client{number}" for number in range(len(self.streams)))
        return replace(
            blank, stations=stations, roles=stations, groups=stations, nodes=("node",), endpoints=(*parties, "pod"),
            visits=tuple(f"step{number}" for number in range(sum(len(stream.steps) for stream in self.streams))),
            traffic=parties, addresses=("",) * (len(parties) + 1),
        )  # fmt: skip


def visits_of(steps: Sequence[Step]) -> Visits:
    """Visits at the client's node, one per step, with a row of Works each."""
    count = len(steps)
    zeros, ones = np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.int64)
    return Visits(
        op=column(*(step.op for step in steps)), role=zeros + Role.CLIENT, peer=zeros - 1,
        first_work=np.arange(count), works=ones,
        purpose=100 + np.arange(count), outer=zeros, align=ones, pair=zeros, translates=zeros, tracks=zeros,
        masquerades=zeros, screens=zeros,
    )  # fmt: skip
