"""A small world made by hand: one core, one link, one pod, requests that queue by Lindley's recursion."""

from dataclasses import fields
from typing import Any

import numpy as np

from netsim import program as tables
from netsim.program import REASONS, Kind, Op, Program, Role
from netsim.records import (
    Drops,
    Ledger,
    Log,
    Lost,
    Mark,
    Progress,
    Records,
    Requests,
    Sockets,
    StationTotals,
    Steps,
    Streams,
    Transfers,
)

US = 1_000_000
SOFTIRQ, APPLICATION, LINK, POD = range(4)


def columns(table: Any, rows: int, **given: Any) -> Any:
    """A table of ``rows`` rows; columns not given are 0."""
    values = {field.name: np.zeros(rows, dtype=np.int64) for field in fields(table)}
    values |= {name: np.array(value, dtype=np.int64) for name, value in given.items()}
    return table(**values)


def program(arrivals: Any, duration: int, **names: Any) -> Program:
    """One open loop of requests from ``client`` to ``server``: a socket visit, a wire, a service time."""
    stations = columns(
        tables.Stations, 4, mtu=[-1] * 4, mark=[-1] * 4,
        kind=[Kind.SOFTIRQ, Kind.APPLICATION, Kind.LINK, Kind.POD], servers=[1, 1, 1, 64],
        room=[1000, -1, 100_000, -1], rate=[0, 0, 10**10, 0], travel=[0, 0, 2 * US, 0],
    )  # fmt: skip
    nodes = columns(
        tables.Nodes,
        1,
        cores=[1],
        queues=[1],
        ring=[1024],
        conntrack_max=[100],
        daemon=[-1],
        slowness=[65_536],
        ports=[28_232],
    )
    stages = columns(
        tables.Stages, 3, name=[0, 1, 2], per_burst=[300_000, 200_000, 0], per_frame=[0, 100_000, 50_000],
        per_byte=[100_000, 0, 0],
    )  # fmt: skip
    works = columns(tables.Works, 2, jitter=[-1, -1], first_stage=[0, 2], stages=[2, 1])
    visits = columns(
        tables.Visits, 2, op=[Op.APPLICATION, Op.WIRE], role=[Role.CLIENT, Role.CLIENT],
        peer=[-1, Role.SERVER], first_work=[0, 2], works=[1, 0], outer=[0, 50], align=[1, 1],
    )  # fmt: skip
    known = {
        "stations": ("a.core0.softirq", "a.core0.app", "a->b", "default/server"),
        "roles": ("softirq", "application", "link", "pod"),
        "groups": ("a", "a", "a->b", "default/server"),
        "stages": ("socket", "veth", "kube-proxy-walk"),
        "sources": ("a measurement", "assumed", "another"),
        "confidence": ("measured", "assumed", "measured"),
        "visits": ("client.socket", "wire"),
        "endpoints": ("client", "server"),
        "nodes": ("a",),
        "services": ("default/web",),
        "traffic": ("users",),
        "strategies": ("random",),
        "addresses": ("10.0.0.1", "10.0.0.2"),
        "clock": 3_800_000_000,
    }
    nothing = np.zeros(0, dtype=np.int64)
    return Program(
        scenario="synthetic", variant=names.get("variant", "plain"), cni="host", mode="", proxy="iptables",
        seed=1, duration=duration, quantum=8, laws=nothing, arrivals=np.array(arrivals, dtype=np.int64),
        views=columns(tables.Views, 0), screens=columns(tables.Screens, 0), tls=columns(tables.Tls, 0), entries=nothing,
        clients=np.array([0]), backends=np.array([1]), stations=stations, nodes=nodes,
        fabric=columns(tables.Fabric, 1), stages=stages, works=works, visits=visits,
        paths=columns(tables.Paths, 1, first=[0], visits=[2], mss=[1448]), routes=columns(tables.Routes, 1),
        endpoints=columns(tables.Endpoints, 2), services=columns(tables.Services, 1, walk=[1]),
        transports=columns(tables.Transports, 1, receive_window=[3 << 20]),
        calls=columns(tables.Calls, 1), groups=columns(tables.Groups, 1),
        traffic=columns(tables.Traffic, 1, clients=[1], arrivals=[len(arrivals)], stop=[-1]),
        names=tables.Names(**known),
    )  # fmt: skip


def records(made: Program, work: Any, service: int = 20 * US) -> Records:
    """What an engine would find: ``work`` ps per request in the application lane, 1 us on the link."""
    arrive = made.arrivals
    work = np.broadcast_to(np.asarray(work, dtype=np.int64), arrive.shape)
    start, free = np.zeros_like(arrive), 0
    for row, (at, needed) in enumerate(zip(arrive.tolist(), work.tolist(), strict=True)):
        start[row] = max(free, at)
        free = int(start[row]) + needed
    sent = start + work
    wire = np.full_like(arrive, US)
    on_link, link_free = np.zeros_like(arrive), 0
    for row, at in enumerate(sent.tolist()):
        on_link[row] = max(link_free, at)
        link_free = int(on_link[row]) + US
    served = on_link + wire + 2 * US
    done = served + service
    answered = done <= made.duration
    return Records(
        requests=_requests(made, done, answered),
        transfers=columns(Transfers, 0),
        steps=_steps(answered, (arrive, start, sent, on_link, served, done)),
        streams=columns(Streams, 0),
        lost=columns(Lost, 0),
        progress=columns(Progress, 0),
        stations=_totals(made, (arrive, start, sent, on_link, served, done)),
        drops=columns(Drops, 1, station=[LINK], reason=[0], frames=[2], payload=[2896]),
        log=_log(made, (arrive, start, sent, on_link, served, done)),
        ledger=Ledger(
            sent=10, delivered=7, dropped=(1, *(0,) * (len(REASONS) - 1)), in_flight=2,
            frames_sent=20, frames_delivered=15, frames_dropped=2, frames_in_flight=3,
            bytes_sent=20_000, bytes_delivered=15_000, bytes_dropped=2896, bytes_in_flight=2104,
            encapsulation_added=1000, encapsulation_removed=750, encapsulation_lost=100,
            encapsulation_in_flight=150,
        ),
        sockets=Sockets(opened=12, closed=7, reset=1, refused=0, open=4, most_ports=9),
        conntrack_peak=np.array([40]),
        denied=np.array([], dtype=np.int64),
        visits=3 * len(arrive),
    )  # fmt: skip


def _requests(made: Program, done: Any, answered: Any) -> Requests:
    count = len(done)
    return columns(
        Requests, count, index=np.arange(count), server=np.ones(count), intended=made.arrivals,
        completed=np.where(answered, done, -1), outcome=np.where(answered, 0, -1),
        connect=np.where(np.arange(count) % 10 == 0, US, 0) * answered,
        request_bytes=np.full(count, 1000), response_bytes=np.full(count, 4000),
        first_step=(np.cumsum(answered) - answered) * 3, steps=np.where(answered, 3, 0),
    )  # fmt: skip


def _steps(answered: Any, times: Any) -> Steps:
    arrive, start, sent, on_link, served, done = (column[answered] for column in times)
    count = len(arrive)
    zero, one = np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.int64)

    def three(first: Any, second: Any, third: Any) -> Any:
        return np.stack([first, second, third], axis=1).ravel()

    return Steps(
        visit=three(zero, one, Mark.SERVICE * one), station=three(APPLICATION * one, LINK * one, POD * one),
        at=three(arrive, sent, served), queue=three(start - arrive, on_link - sent, zero),
        stolen=three(zero, zero, zero), wakeup=three(zero, zero, zero),
        work=three(sent - start, US * one, done - served), travel=three(zero, 2 * US * one, zero),
        frames=three(one, one, zero), payload=three(1000 * one, 1000 * one, zero),
        walk=three(one, -one, -one),
    )  # fmt: skip


def _stays(made: Program, times: Any) -> list[tuple[int, Any, Any, Any]]:
    arrive, start, sent, on_link, served, done = times
    return [
        (APPLICATION, arrive, start, sent),
        (LINK, sent, on_link, on_link + US),
        (POD, served, served, done),
    ]


def _log(made: Program, times: Any) -> Log:
    rows = []
    for station, arrive, start, depart in _stays(made, times):
        here = arrive < made.duration
        rows.append((np.full(here.sum(), station), arrive[here], start[here], depart[here], (depart - start)[here]))
    return Log(*(np.concatenate(column).astype(np.int64) for column in zip(*rows, strict=True)))


def _totals(made: Program, times: Any) -> StationTotals:
    end, found = made.duration, np.zeros((7, 4), dtype=np.int64)
    for station, arrive, start, depart in _stays(made, times):
        arrive, start, depart = (np.minimum(column, end) for column in (arrive, start, depart))
        sums = (
            (arrive < end).sum(),
            (depart - start).sum(),
            (start - arrive).sum(),
            (depart - arrive).sum(),
            1500,
            (depart - start).sum() // 4 if station == APPLICATION else 0,
            0,
        )
        found[:, station] = sums
    return StationTotals(*found)
