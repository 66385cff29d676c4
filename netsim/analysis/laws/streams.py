"""Laws of streams: bytes and datagrams are delivered once, after they were sent, and every part adds up."""

from collections.abc import Iterator

import numpy as np

from netsim.program import REASONS, Program, TrafficKind
from netsim.records import BINS, Column, Records

_SMALLEST_LIMIT = 65_535  # bytes of an IPv4 packet: a burst may be larger only where a path says so


def progress(program: Program, records: Records) -> Iterator[str]:
    """Each stream has a row in Streams and one per part of the run in Progress, which sum to what it delivered."""
    table, parts = records.streams, records.progress
    rows = len(table.stream)
    keys = (np.repeat(table.traffic, BINS), np.repeat(table.stream, BINS), np.tile(np.arange(BINS), rows))
    known = (parts.traffic, parts.stream, parts.part)
    if not all(np.array_equal(mine, theirs) for mine, theirs in zip(keys, known, strict=True)):
        yield f"{rows} streams do not have {BINS} parts each, in their order"
        return
    if (parts.delivered < 0).any():
        yield "a part of a run delivered less than nothing"
    sums = parts.delivered.reshape(-1, BINS).sum(axis=1)
    for row in np.flatnonzero(sums != table.delivered).tolist():
        yield f"stream {name(program, records, row)} delivered {table.delivered[row]} bytes, its parts {sums[row]}"


def delivery(program: Program, records: Records) -> Iterator[str]:
    """Nothing is delivered that was not sent: delivered <= sent - sent again; and sent again <= sent."""
    table = records.streams
    beyond = (table.resent < 0) | (table.delivered < 0) | (table.delivered > table.sent - table.resent)
    for row in np.flatnonzero(beyond).tolist():
        told = f"{table.delivered[row]} bytes delivered of {table.sent[row]} sent, {table.resent[row]} of them again"
        yield f"stream {name(program, records, row)}: {told}"


def transfers(program: Program, records: Records) -> Iterator[str]:
    """A bulk stream's bytes sent again and timeouts are its transfers'; one that is through delivered their payload."""
    table, moves = records.streams, records.transfers
    kinds = program.traffic.kind
    for row in range(len(table.stream)):
        if kinds[table.traffic[row]] != TrafficKind.BULK:
            continue
        mine = (moves.traffic == table.traffic[row]) & (moves.index == table.stream[row])
        sums = {what: int(getattr(moves, what)[mine].sum()) for what in ("resent", "timeouts", "payload")}
        pairs = [(what, int(getattr(table, what)[row])) for what in ("resent", "timeouts")]
        if table.outcome[row] == 0:
            pairs.append(("payload", int(table.delivered[row])))
        for what, found in pairs:
            if found != sums[what]:
                yield f"stream {name(program, records, row)}: {what} {found}, its transfers' {sums[what]}"


def bursts(program: Program, records: Records) -> Iterator[str]:
    """The bursts of a transfer that was received hold its payload and what was sent again."""
    moves = records.transfers
    largest = max(_SMALLEST_LIMIT, int(program.paths.burst.max(initial=0)))
    room = moves.bursts * largest
    for row in np.flatnonzero((moves.finished >= 0) & (moves.payload + moves.resent > room)).tolist():
        yield f"transfer {row}: {moves.payload[row]} bytes, {moves.resent[row]} again, in {moves.bursts[row]} bursts"


def datagrams(program: Program, records: Records) -> Iterator[str]:
    """received + lost <= sent; one-way times lie between the least and the most; jitter is never negative."""
    table, gone = records.streams, records.lost
    lost = _lost(records)
    if lost.sum() != gone.datagrams.sum() or (gone.datagrams <= 0).any() or (gone.reason >= len(REASONS)).any():
        yield "datagrams are lost of streams or for reasons that are none"
    over = (table.received < 0) | (table.unsent < 0) | (table.received + lost > table.datagrams)
    for row in np.flatnonzero(over).tolist():
        told = f"{table.datagrams[row]} datagrams sent, {table.received[row]} received, {lost[row]} lost"
        yield f"stream {name(program, records, row)}: {told}"
    least, most = (column.astype(object) * table.received for column in (table.delay_least, table.delay_most))
    wrong = (table.jitter < 0) | (least > table.delay_sum) | (table.delay_sum > most)
    for row in np.flatnonzero(wrong & (table.datagrams > 0)).tolist():
        told = f"{table.delay_least[row]} to {table.delay_most[row]} ps, sum {table.delay_sum[row]}"
        yield f"stream {name(program, records, row)}: {table.received[row]} took {told}, jitter {table.jitter[row]}"


def name(program: Program, records: Records, row: int) -> str:
    """What a stream is called in a sentence."""
    traffic = int(records.streams.traffic[row])
    known = program.names.traffic
    return f"{known[traffic] if 0 <= traffic < len(known) else traffic}#{records.streams.stream[row]}"


def _lost(records: Records) -> Column:
    """Datagrams lost per row of Streams."""
    table, gone = records.streams, records.lost
    rows = {key: row for row, key in enumerate(zip(table.traffic.tolist(), table.stream.tolist(), strict=True))}
    found = np.zeros(len(table.stream), dtype=np.int64)
    for traffic, stream, count in zip(*(c.tolist() for c in (gone.traffic, gone.stream, gone.datagrams)), strict=True):
        if (row := rows.get((traffic, stream))) is not None:
            found[row] += count
    return found
