"""Losses: which place dropped how many frames, why, and a phrase for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from netsim.analysis.rounding import counted
from netsim.program import REASON, REASONS, Program, TrafficKind
from netsim.records import Records

_TOLD = {
    "buffer": ("buffer of {station} full", "frame"),
    "ring": ("receive ring of {group} full", "frame"),
    "tunnel": ("queue of the user-space tunnel {station} full", "frame"),
    "backlog": ("backlog of {group} full", "frame"),
    "conntrack": ("conntrack table of {group} full", "opening packet"),
    "no-endpoint": ("no usable endpoint on {group}", "opening packet"),
    "loss": ("lost by chance on {station}", "frame"),
    "mtu": ("larger than the MTU of {station}", "frame"),
    "socket-buffer": ("socket buffers on {group} full", "datagram"),
    "ports": ("no ephemeral port left on {group}", "connection"),
    "policy": ("denied by network policies on {group}", "opening packet"),
    "nat-ports": ("no port left for source translation on {group}", "opening packet"),
}
STALLS = "full-size packets do not fit there: handshakes work, bulk stalls unless the sender learns of it"
NEVER_FIT = "no datagram of that size ever fits there: send smaller ones, or raise the MTU"
_HINTS = {
    "ports": "each connection keeps its port for 60 s of TIME_WAIT: reuse connections, or widen "
    "net.ipv4.ip_local_port_range",
}


@dataclass(frozen=True)
class Loss:
    """``frames`` dropped at one ``place`` for one reason, over all replications, ``cause`` in words, and a word of
    advice where there is one. Of ports it is connections, which were refused."""

    reason: str
    place: str
    frames: int
    cause: str
    unit: str
    hint: str = ""

    @property
    def told(self) -> str:
        """The cause and how often, without the advice."""
        return f"{self.cause}: {counted(self.frames, self.unit)} {self.fate}"

    @property
    def fate(self) -> str:
        """What became of them."""
        return "refused" if self.reason == "ports" else "dropped"

    def __str__(self) -> str:
        return f"{self.told} ({self.hint})" if self.hint else self.told


def losses(program: Program, runs: Sequence[Records]) -> list[Loss]:
    """What was dropped or refused, by reason and place, the most first; the cores of a machine are one place."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for run in runs:
        rows = zip(run.drops.station.tolist(), run.drops.reason.tolist(), run.drops.frames.tolist(), strict=True)
        for station, number, frames in rows:
            found[_key(program, station, REASONS[number])] += frames
        for place, count in _refused(program, run).items():
            cause, unit = _TOLD["ports"]
            found["ports", place, cause.format(group=place), unit] += count
    rows_of = [
        Loss(reason, place, frames, cause, unit, hint(program, reason))
        for (reason, place, cause, unit), frames in found.items()
        if frames
    ]
    return sorted(rows_of, key=lambda loss: (-loss.frames, loss.reason, loss.place))


def hint(program: Program, reason: str) -> str:
    """What to make of a reason, "" where it says all; an MTU means something else to datagrams than to TCP."""
    if reason != "mtu":
        return _HINTS.get(reason, "")
    return NEVER_FIT if (program.traffic.kind == TrafficKind.DATAGRAMS).all() else STALLS


def _refused(program: Program, run: Records) -> Counter[str]:
    """Connections refused for want of a port, by the machine of the client; those of later calls are told without."""
    table = run.requests
    clients = table.client[table.outcome == 1 + REASON["ports"]].tolist()
    nodes = [int(program.endpoints.node[client]) for client in clients]
    found = Counter(program.names.nodes[node] if node >= 0 else "the internet's clients" for node in nodes)
    if (rest := run.sockets.refused - found.total()) > 0:
        found["the callers' machines"] += rest
    return found


def _key(program: Program, station: int, reason: str) -> tuple[str, str, str, str]:
    names = program.names
    name, group = (names.stations[station], names.groups[station]) if station >= 0 else ("", "")
    cause, unit = _TOLD.get(reason, (f"{reason} at {{station}}", "frame"))
    place = name if "{station}" in cause else group
    return reason, place, cause.format(station=name, group=group), unit
