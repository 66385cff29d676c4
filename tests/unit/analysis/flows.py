"""A small world of streams made by hand: two machines of two cores, a link each way, and what an engine would find."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from netsim import program as tables
from netsim.chance import LAW_SIZE
from netsim.program import REASON, REASONS, Endpoint, Kind, Program, TrafficKind
from netsim.records import (
    BINS,
    Drops,
    Ledger,
    Lost,
    Progress,
    Records,
    Requests,
    Sockets,
    StationTotals,
    Streams,
    Transfers,
)
from tests.unit.analysis.synthetic import columns, program, records

SECOND = 10**12
GBIT = 10**9 // 8  # bytes
NAMES, LANES, LINKS = ("n-0", "n-1"), ("softirq", "app"), ("n-0->n-1", "n-1->n-0")


def world(kind: TrafficKind, streams: int = 2, **traffic: int) -> Program:
    """Streams from a pod on n-0 to one on n-1, over one second; ``size`` is what the call's request law says."""
    size, base = traffic.pop("size", 0), program([], SECOND)
    lanes = [Kind.SOFTIRQ, Kind.APPLICATION] * 4
    stations = columns(
        tables.Stations, 10, kind=[*lanes, Kind.LINK, Kind.LINK], servers=[1] * 10, room=[-1] * 10,
        rate=[0] * 8 + [10**10] * 2, place=[-1] * 8 + [1, 0], mtu=[-1] * 10, mark=[-1] * 10,
    )  # fmt: skip
    nodes = columns(
        tables.Nodes, 2, first_core=[0, 4], cores=[2, 2], daemon=[-1, -1], slowness=[65_536] * 2, ports=[100, 100],
        conntrack_max=[-1, -1],
    )  # fmt: skip
    names = replace(
        base.names,
        stations=(*(f"{node}.core{core}.{lane}" for node in NAMES for core in (0, 1) for lane in LANES), *LINKS),
        roles=("softirq", "application") * 4 + ("link", "link"),
        groups=("n-0",) * 4 + ("n-1",) * 4 + LINKS,
        nodes=NAMES, traffic=("flow",),
    )  # fmt: skip
    return replace(
        base, stations=stations, nodes=nodes, names=names,
        laws=np.full((1, LAW_SIZE), size, dtype=np.int64),
        endpoints=columns(
            tables.Endpoints, 2, kind=[Endpoint.POD] * 2, node=[0, 1], place=[0, 1], mss=[1448] * 2
        ),
        fabric=tables.Fabric(
            next_hop=np.array([[-1, 0], [1, -1]]), group_first=np.array([0, 1]), group_size=np.array([1, 1]),
            members=np.array([8, 9]),
        ),
        routes=replace(base.routes, **_routes()),
        traffic=columns(tables.Traffic, 1, **{"kind": [kind], "users": [streams], "clients": [1], "stop": [-1],
                                              **{name: [value] for name, value in traffic.items()}}),
    )  # fmt: skip


def _routes() -> dict[str, Any]:
    one, none = np.zeros(1, dtype=np.int64), np.full(1, -1, dtype=np.int64)
    rows = dict.fromkeys(("syn", "synack", "request", "ack_back", "opening", "datagram"), one)
    return rows | {"index": np.zeros((4, 3, 3, 5), dtype=np.int64), "response": none, "ack": none}


@dataclass
class Found:
    """What the streams of one run did; bytes per part of the run, per stream."""

    parts: Any
    resent: int = 0
    timeouts: int = 0
    recoveries: int = 0
    ended: int = -1
    outcome: int = -1
    lost: tuple[tuple[str, int], ...] = ()  # datagrams of stream 0
    size: int = 1000  # of a datagram
    unsent: int = 0


def steady(*gbps: float) -> np.ndarray:
    """Bytes per part of one second for streams of a constant rate."""
    return np.array([[round(rate * GBIT / BINS)] * BINS for rate in gbps], dtype=np.int64)


def bulk(made: Program, found: Found, **busy: float) -> Records:
    """Records of bulk streams; ``busy`` gives seconds at stations by number, as s7=0.99."""
    count, delivered = len(found.parts), found.parts.sum(axis=1)
    streams = columns(
        Streams, count, stream=range(count), server=[1] * count, finished=[found.ended] * count,
        outcome=[found.outcome] * count, sent=delivered + found.resent, delivered=delivered,
        resent=[found.resent] * count, timeouts=[found.timeouts] * count, recoveries=[found.recoveries] * count,
    )  # fmt: skip
    requests = columns(
        Requests, count, index=range(count), server=[1] * count, completed=[found.ended] * count,
        outcome=[found.outcome] * count, request_bytes=delivered, connect=[10**8 * (found.outcome == 0)] * count,
    )  # fmt: skip
    moves = columns(
        Transfers, count, index=range(count), phase=[2] * count, payload=delivered, finished=[found.ended] * count,
        bursts=-(-(delivered + found.resent) // 60_000), resent=[found.resent] * count,
        timeouts=[found.timeouts] * count,
    )  # fmt: skip
    whole = replace(_blank(made, busy), streams=streams, requests=requests, transfers=moves)
    return replace(whole, progress=_progress(found.parts))


def datagrams(made: Program, found: Found, **busy: float) -> Records:
    """Records of streams of datagrams."""
    count, delivered = len(found.parts), found.parts.sum(axis=1)
    received = delivered // found.size
    gone = np.zeros(count, dtype=np.int64)
    gone[0] = sum(number for _, number in found.lost)
    streams = columns(
        Streams, count, stream=range(count), server=[1] * count, finished=[made.duration] * count,
        sent=(received + gone) * found.size, delivered=delivered, datagrams=received + gone, received=received,
        unsent=[found.unsent] * count, jitter=[2 * 10**6] * count, delay_sum=received * 30 * 10**6,
        delay_least=[20 * 10**6] * count, delay_most=[90 * 10**6] * count,
    )  # fmt: skip
    lost = columns(
        Lost, len(found.lost), reason=[REASON[reason] for reason, _ in found.lost],
        datagrams=[number for _, number in found.lost],
    )  # fmt: skip
    drops = columns(
        Drops, len(found.lost), station=[6] * len(found.lost), reason=[REASON[reason] for reason, _ in found.lost],
        frames=[number for _, number in found.lost],
    )  # fmt: skip
    whole = replace(_blank(made, busy), streams=streams, lost=lost, drops=drops, ledger=_ledger(int(gone.sum())))
    return replace(whole, progress=_progress(found.parts))


def _ledger(lost: int) -> Ledger:
    """A balance of a million frames, each a burst."""
    whole, dropped = (10**6, 10**6 - lost, lost, 0), (lost, *[0] * (len(REASONS) - 1))
    return Ledger(10**6, 10**6 - lost, dropped, 0, *whole, *(10**9, 10**9, 0, 0), *(0, 0, 0, 0))


def _blank(made: Program, busy: dict[str, float]) -> Records:
    spent = np.zeros(10, dtype=np.int64)
    for station, seconds in busy.items():
        spent[int(station[1:])] = round(seconds * SECOND)
    system = np.where(made.stations.kind == Kind.APPLICATION, spent * 3 // 4, 0)
    base = records(program([], SECOND), 0)
    return replace(
        base, drops=columns(Drops, 0), sockets=Sockets(2, 0, 0, 0, 2, 2),
        stations=columns(StationTotals, 10, busy=spent, visits=(spent > 0).astype(np.int64), system=system),
        ledger=_ledger(0),
        conntrack_peak=np.zeros(2, dtype=np.int64),
    )  # fmt: skip


def _progress(parts: np.ndarray) -> Progress:
    count = len(parts)
    return columns(
        Progress, count * BINS, stream=np.repeat(range(count), BINS), part=np.tile(range(BINS), count),
        delivered=parts.ravel(),
    )  # fmt: skip
