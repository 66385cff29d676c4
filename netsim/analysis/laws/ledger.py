"""Laws of the ledger: nothing that was sent is lost from the books, and nothing is invented."""

from collections.abc import Iterator

from netsim.program import REASONS, Program
from netsim.records import Records


def bursts(_: Program, records: Records) -> Iterator[str]:
    """sent = delivered + dropped by reason + in flight, for bursts."""
    book = records.ledger
    if len(book.dropped) != len(REASONS):
        yield f"the ledger knows {len(book.dropped)} reasons of loss, not {len(REASONS)}"
    parts = {"delivered": book.delivered, "dropped": sum(book.dropped), "in flight": book.in_flight}
    yield from _balance("bursts", book.sent, parts)
    yield from (
        f"{count} bursts dropped for {reason}"
        for reason, count in zip(REASONS, book.dropped, strict=False)
        if count < 0
    )


def frames(_: Program, records: Records) -> Iterator[str]:
    """The same for frames."""
    book = records.ledger
    parts = {
        "delivered": book.frames_delivered,
        "dropped": book.frames_dropped,
        "in flight": book.frames_in_flight,
    }
    yield from _balance("frames", book.frames_sent, parts)


def payload(_: Program, records: Records) -> Iterator[str]:
    """The same for bytes of payload."""
    book = records.ledger
    parts = {
        "delivered": book.bytes_delivered,
        "dropped": book.bytes_dropped,
        "in flight": book.bytes_in_flight,
    }
    yield from _balance("bytes", book.bytes_sent, parts)


def encapsulation(_: Program, records: Records) -> Iterator[str]:
    """Header bytes put around frames = taken off + lost with frames + in flight."""
    book = records.ledger
    parts = {
        "removed": book.encapsulation_removed,
        "lost": book.encapsulation_lost,
        "in flight": book.encapsulation_in_flight,
    }
    yield from _balance("encapsulation bytes", book.encapsulation_added, parts)


def drops(program: Program, records: Records) -> Iterator[str]:
    """The table of drops sums to the ledger's frames and bytes dropped."""
    book, table = records.ledger, records.drops
    for what, listed, booked in (
        ("frames", int(table.frames.sum()), book.frames_dropped),
        ("bytes", int(table.payload.sum()), book.bytes_dropped),
    ):
        if listed != booked:
            yield f"{listed} {what} dropped by place, {booked} in the ledger"
    for station, reason in zip(table.station.tolist(), table.reason.tolist(), strict=True):
        if not (-1 <= station < len(program.stations.kind) and 0 <= reason < len(REASONS)):
            yield f"a drop at station {station} for reason {reason}: there is none"


def _balance(what: str, sent: int, parts: dict[str, int]) -> Iterator[str]:
    if sent != sum(parts.values()):
        listed = " + ".join(f"{count} {name}" for name, count in parts.items())
        yield f"{what}: {sent} sent, but {listed} = {sum(parts.values())}"
    yield from (f"{what}: {count} {name}" for name, count in parts.items() if count < 0)
