"""Losses: which place dropped how many frames, why, and a phrase for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from netsim.program import REASONS, Program
from netsim.records import Records

_TOLD = {
    "buffer": ("buffer of {station} full", "frames"),
    "ring": ("receive ring of {group} full", "frames"),
    "tunnel": ("queue of the user-space tunnel {station} full", "frames"),
    "backlog": ("backlog of {group} full", "frames"),
    "conntrack": ("conntrack table of {group} full", "opening packets"),
    "no-endpoint": ("no usable endpoint on {group}", "opening packets"),
    "loss": ("lost by chance on {station}", "frames"),
    "mtu": ("larger than the MTU of {station}", "frames"),
    "socket-buffer": ("socket buffers on {group} full", "datagrams"),
    "ports": ("no ephemeral port left on {group}", "opening packets"),
    "nat-ports": ("no port left for source translation on {group}", "opening packets"),
}
HINTS = {
    "mtu": "full-size packets do not fit there: handshakes work, bulk stalls unless the sender learns of it",
    "ports": "each connection keeps its port for 60 s of TIME_WAIT: reuse connections",
}


@dataclass(frozen=True)
class Loss:
    """``frames`` dropped at one ``place`` for one reason, over all replications, and ``cause`` in words."""

    reason: str
    place: str
    frames: int
    cause: str
    unit: str

    def __str__(self) -> str:
        hint = f" ({HINTS[self.reason]})" if self.reason in HINTS else ""
        return f"{self.cause}: {self.frames:,} {self.unit} dropped{hint}"


def losses(program: Program, runs: Sequence[Records]) -> list[Loss]:
    """What was dropped, by reason and place, the most first; the cores of a machine are one place."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for run in runs:
        rows = zip(run.drops.station.tolist(), run.drops.reason.tolist(), run.drops.frames.tolist(), strict=True)
        for station, number, frames in rows:
            found[_key(program, station, REASONS[number])] += frames
    rows_of = [
        Loss(reason, place, frames, cause, unit) for (reason, place, cause, unit), frames in found.items() if frames
    ]
    return sorted(rows_of, key=lambda loss: (-loss.frames, loss.reason, loss.place))


def _key(program: Program, station: int, reason: str) -> tuple[str, str, str, str]:
    names = program.names
    name, group = (names.stations[station], names.groups[station]) if station >= 0 else ("", "")
    cause, unit = _TOLD.get(reason, (f"{reason} at {{station}}", "frames"))
    place = name if "{station}" in cause else group
    return reason, place, cause.format(station=name, group=group), unit
