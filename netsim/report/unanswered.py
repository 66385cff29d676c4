"""A request without an answer as a table: a line per transfer that was started, then what the run dropped."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.console import Console
from rich.text import Text

from netsim.analysis.losses import losses
from netsim.program import REASONS, Phase, Program
from netsim.records import Records
from netsim.report.pieces import plain, table, titled

Row = dict[str, Any]
_PHASES = {
    Phase.SYN: "SYN",
    Phase.SYNACK: "SYN-ACK",
    Phase.REQUEST: "request",
    Phase.RESPONSE: "response",
    Phase.DATAGRAM: "request",
    Phase.FIRST_DATAGRAM: "request",
    Phase.DATAGRAM_BACK: "response",
    Phase.TLS: "TLS",
    Phase.TLS_BACK: "TLS",
}


def fate(program: Program, records: Records, row: int) -> Row:
    """What is known of the request or bulk stream in ``row``: its outcome, its transfers in ps since its intended
    start, and the drops of the whole run, since Records do not tell whose frames were dropped."""
    outcome = int(records.requests.outcome[row])
    return {
        "outcome": REASONS[outcome - 1] if outcome > 0 else "unfinished",
        "transfers": list(_transfers(program, records, row)),
        "dropped_in_run": [str(loss) for loss in losses(program, [records])],
    }


def draw(head: str, known: Row, console: Console) -> None:
    """Print the transfers under their headline, and the drops."""
    made = table("µs", "transfer", "from", "to", "bytes", "bursts", "resent", "timeouts", "received after", left=4)
    made.columns[0].justify = "right"
    for row in known["transfers"]:
        took = "never" if row["finished_ps"] is None else f"{(row['finished_ps'] - row['started_ps']) / 1e6:,.3f} µs"
        words = [plain(row[key]) for key in ("phase", "source", "target")]
        numbers = map(Text, (*(f"{row[key]:,}" for key in ("payload", "bursts", "resent", "retries")), took))
        made.add_row(Text(f"{row['started_ps'] / 1e6:,.3f}"), *words, *numbers)
    if known["transfers"]:
        console.print(titled(head, made))
    else:
        console.print(plain(head, "bold"))
        console.print(plain("nothing was sent: it waited for a connection"))
    for sentence in known["dropped_in_run"]:
        console.print(plain(f"in the whole run, {sentence}", "dim"))


def _transfers(program: Program, records: Records, row: int) -> Iterator[Row]:
    requests, found = records.requests, records.transfers
    mine = (found.traffic == requests.traffic[row]) & (found.index == requests.index[row])
    begin = int(requests.intended[row])
    for at in np.flatnonzero(mine).tolist():
        call, finished = int(found.call[at]), int(found.finished[at])
        yield {
            "started_ps": int(found.started[at]) - begin,
            "finished_ps": None if finished < 0 else finished - begin,
            "phase": _PHASES[Phase(int(found.phase[at]))],
            "source": _end(program, int(found.source[at]), call),
            "target": _end(program, int(found.target[at]), call),
            "payload": int(found.payload[at]),
            "bursts": int(found.bursts[at]),
            "resent": int(found.resent[at]),
            "retries": int(found.timeouts[at]),
        }


def _end(program: Program, endpoint: int, call: int) -> str:
    """The endpoint's name, or the called Service's where none was chosen yet."""
    if endpoint >= 0:
        return program.names.endpoints[endpoint]
    service = int(program.calls.service[call])
    return program.names.services[service] if service >= 0 else ""
