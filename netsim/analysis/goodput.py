"""Goodput: payload delivered in each part of a run, and per second of the time that was measured."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netsim.analysis.rounding import rounded
from netsim.program import Program, TrafficKind
from netsim.records import BINS, Column, Records, Streams

_STREAMING = (TrafficKind.BULK, TrafficKind.DATAGRAMS)

Series = NDArray[np.float64]


def kind(program: Program, traffic: int) -> TrafficKind:
    """What a traffic does."""
    return TrafficKind(int(program.traffic.kind[traffic]))


def streaming(program: Program, traffic: int) -> bool:
    """Whether a traffic is streams of bulk data or datagrams, with rows in Streams and Progress."""
    return kind(program, traffic) in _STREAMING


def sized(program: Program, traffic: int) -> bool:
    """Whether a traffic's bulk streams end after so many bytes; others end with their time."""
    if kind(program, traffic) != TrafficKind.BULK:
        return False
    law = int(program.calls.request[program.traffic.call[traffic]])
    return law >= 0 and int(program.laws[law].max()) > 0


def edges(program: Program) -> Column:
    """The beginnings in ps of the parts of a run, and its end: part k holds the times t with t BINS // duration = k."""
    return np.array([-(-part * program.duration // BINS) for part in range(BINS + 1)], dtype=np.int64)


def sending(program: Program, traffic: int) -> tuple[int, int]:
    """From when to when in ps a traffic's streams have something to send."""
    stop = int(program.traffic.stop[traffic])
    end = program.duration if stop < 0 else min(stop, program.duration)
    return int(program.traffic.start[traffic]), end


def lasted(program: Program, run: Records, traffic: int) -> int:
    """How long the streams of one run had something to send, in ps: with sizes, until the last was through."""
    begin, end = sending(program, traffic)
    table = chosen(run, traffic)
    if sized(program, traffic) and len(table.finished) and (table.finished >= 0).all():
        end = min(end, int(table.finished.max()))
    return max(1, end - begin)


def span(program: Program, traffic: int, cut: int) -> tuple[int, int]:
    """The first part of the run that is measured, and the one behind the last: whole parts, after ``cut`` ps, in which
    the streams have something to send; where that is none, all parts in which they have."""
    begin, end = sending(program, traffic)
    at = edges(program)
    first = int(np.searchsorted(at, max(begin, cut)))
    last = int(np.searchsorted(at, end, side="right")) - 1
    if last > first:
        return first, last
    first = min(begin * BINS // program.duration, BINS - 1)
    return first, max(int(np.searchsorted(at, end)), first + 1)


def delivered(run: Records, traffic: int) -> Column:
    """Bytes of payload per stream of a traffic and part of the run; shape (streams, BINS)."""
    table = run.progress
    found: Column = table.delivered[table.traffic == traffic].reshape(-1, BINS)
    return found


def of_streams(program: Program, run: Records, traffic: int, cut: int) -> Series:
    """Goodput in Gbit/s of each stream: with a size from its start to its end, without in the measured parts."""
    table = chosen(run, traffic)
    if sized(program, traffic):
        ends = np.where(table.finished >= 0, table.finished, program.duration)
        took = np.where(table.started >= 0, ends - table.started, 0)
        return _rate(table.delivered, took)
    first, last = span(program, traffic, cut)
    at = edges(program)
    return _rate(delivered(run, traffic)[:, first:last].sum(axis=1), at[last] - at[first])


def of_traffic(program: Program, run: Records, traffic: int, cut: int) -> float:
    """Goodput in Gbit/s of all streams together; with sizes, from the first start to the last end."""
    if not sized(program, traffic):
        return float(of_streams(program, run, traffic, cut).sum())
    table = chosen(run, traffic)
    began = table.started[table.started >= 0]
    if not len(began):
        return 0.0
    ends = np.where(table.finished >= 0, table.finished, program.duration)
    return float(_rate(table.delivered.sum(), ends.max() - began.min()))


def timeline(program: Program, runs: Sequence[Records], traffic: int) -> list[float]:
    """Gbit/s delivered in each part of the run, as a mean of replications; of requests when they were answered."""
    lengths = np.diff(edges(program))
    parts = [carried_parts(program, run, traffic) for run in runs]
    return [rounded(value) for value in np.mean([_rate(sizes, lengths) for sizes in parts], axis=0).tolist()]


def carried(run: Records) -> int:
    """Bytes of payload that all traffic of a run delivered: of answered requests, bulk streams and datagrams."""
    table = run.requests
    streams = np.isin(table.traffic, run.streams.traffic)
    done = (table.outcome == 0) & ~streams
    answers = int(table.request_bytes[done].sum()) + int(table.response_bytes[done].sum())
    return answers + int(run.streams.delivered.sum())


def chosen(run: Records, traffic: int) -> Streams:
    """The rows of one traffic in the table of streams."""
    mine = run.streams.traffic == traffic
    return Streams(*(getattr(run.streams, name)[mine] for name in Streams.__dataclass_fields__))


def carried_parts(program: Program, run: Records, traffic: int) -> Column:
    """Bytes of payload delivered in each part of the run; of requests with their response, when it was answered."""
    if streaming(program, traffic):
        total: Column = delivered(run, traffic).sum(axis=0)
        return total
    table = run.requests
    done = (table.traffic == traffic) & (table.outcome == 0)
    sizes = table.request_bytes[done] + table.response_bytes[done]
    found = np.zeros(BINS, dtype=np.int64)
    # A look-up, since times x BINS may pass 2^63.
    part = np.searchsorted(edges(program), table.completed[done], side="right") - 1
    np.add.at(found, np.minimum(part, BINS - 1), sizes)
    return found


def _rate(sizes: Column, times: Column) -> Series:
    """Bytes in so many ps as Gbit/s; 0 where there was no time."""
    times = np.asarray(times)
    found: Series = np.where(times > 0, sizes * 8000.0 / np.maximum(times, 1), 0.0)
    return found
