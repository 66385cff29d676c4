"""What holds bulk streams back where nothing is full: no connection, loss, marks, too little time, or a window."""

from collections.abc import Sequence

import numpy as np

from netsim.analysis.goodput import chosen, delivered, lasted, of_traffic, sized, span
from netsim.analysis.losses import STALLS, Loss, losses
from netsim.analysis.rounding import counted, mean, rounded
from netsim.analysis.way import crossed_links
from netsim.program import REASONS, Program
from netsim.records import Records

Told = dict[str, object]

SHORT = 20  # round trips that a stream needs to grow its window from 10 segments to thousands, and to settle there
GROWS = 1.1  # times what the quarter before carried: the window is still growing
NEAR = 0.8  # of the receive window under way: that window is the limit
_ASIDE = ("ports", "socket-buffer")  # reasons that bulk segments are not lost for


def told(name: str, role: str, share: float, sentence: str) -> Told:
    """A limit as results hold it."""
    return {"name": name, "role": role, "utilisation": rounded(share), "saturated": True, "sentence": sentence}


def refused(program: Program, runs: Sequence[Records], traffic: int) -> Told | None:
    """Streams that came to nothing: failed, never connected, or stalled behind a link that takes no full packets."""
    tables = [chosen(run, traffic) for run in runs]
    count = sum(len(table.stream) for table in tables)
    dropped = losses(program, runs)
    stalled = sum(int(((table.started >= 0) & (table.delivered == 0)).sum()) for table in tables)
    small = next((loss for loss in dropped if loss.reason == "mtu"), None)
    if small and stalled:
        stall = f"{stalled} of {counted(count, 'stream')} stall{'s' * (stalled == 1)}"
        return told(small.place, "mtu", 0.0, f"{stall}: {small.told}; {STALLS}")
    outcomes = [outcome for table in tables for outcome in table.outcome.tolist() if outcome > 0]
    if outcomes and len(outcomes) == count:
        reason = REASONS[max(set(outcomes), key=outcomes.count) - 1]
        cause = next((f": {loss}" for loss in dropped if loss.reason == reason), f": {reason}")
        return told("", reason, 0.0, f"all {counted(count, 'stream')} failed{cause}")
    if count and unconnected(runs, traffic) == count:
        why = f"{dropped[0]}; a SYN without an answer is sent again after 1 s" if dropped else ""
        why = why or "the handshakes were under way when the run ended"
        return told(dropped[0].place if dropped else "", "connection", 0.0, f"no connection was established: {why}")
    return None


def unconnected(runs: Sequence[Records], traffic: int) -> int:
    """How many streams never came to send."""
    return sum(int((chosen(run, traffic).started < 0).sum()) for run in runs)


def held_back(program: Program, runs: Sequence[Records], of: tuple[int, int], busiest: str) -> Told:
    """Neither a core nor a link is full: something else holds the senders back. ``of`` is the traffic and the cut."""
    traffic, cut = of
    role, sentence = (
        _reduced(program, runs, traffic)
        or _brief(program, runs, traffic)
        or _growing(program, runs, of)
        or _window(program, runs, traffic, cut)
    )
    return told(role, role, 0.0, f"{sentence}; {busiest}")


def round_trip(runs: Sequence[Records], traffic: int) -> int:
    """The shortest handshake in ps, a round trip that met no queue; 0 where none was seen.

    Of streams that are under way it is known from when they began to send.
    """
    found = []
    for run in runs:
        mine = run.requests.traffic == traffic
        found += [run.requests.connect[mine], chosen(run, traffic).started - run.requests.intended[mine]]
    every = np.concatenate(found)
    return int(every[every > 0].min(initial=np.iinfo(np.int64).max)) if (every > 0).any() else 0


def trips(program: Program, runs: Sequence[Records], traffic: int) -> float | None:
    """How many round trips the streams lasted, None where no round trip is known."""
    trip = round_trip(runs, traffic)
    return mean(lasted(program, run, traffic) for run in runs) / trip if trip else None


def growth(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> float:
    """What the last quarter of the measured parts carried, as a multiple of the quarter before; 1 where that is not
    known, or where the quarter before was itself a fall."""
    first, last = span(program, traffic, cut)
    quarter = (last - first) // 4
    if sized(program, traffic) or not quarter:
        return 1.0
    parts = np.sum([delivered(run, traffic).sum(axis=0) for run in runs], axis=0)
    earlier, before, after = (
        int(parts[last - back * quarter : last - (back - 1) * quarter].sum()) for back in (3, 2, 1)
    )
    return after / before if before >= earlier > 0 else 1.0


def _reduced(program: Program, runs: Sequence[Records], traffic: int) -> tuple[str, str] | None:
    """The window was reduced, by losses or by marks."""
    tables = [chosen(run, traffic) for run in runs]
    resent, timeouts, cuts = (
        sum(int(getattr(table, name).sum()) for table in tables) for name in ("resent", "timeouts", "recoveries")
    )
    if not (cuts or timeouts):
        return None
    marked = {link: sum(int(run.stations.marked[link]) for run in runs) for link in _links(program, runs, traffic)}
    dropped = [loss for loss in losses(program, runs) if loss.reason not in _ASIDE]
    reasons = [_marks(program, marked)] if any(marked.values()) else []
    reasons += [_and_so_on(dropped)] if dropped and resent else []
    why = f" after {' and '.join(reasons)}" if reasons else ""
    many = f"{counted(cuts, 'time')}" + (f" and {counted(timeouts, 'timeout')} passed" if timeouts else "")
    head = ("loss", "loss limits") if resent or not reasons else ("mark", "congestion marks limit")
    return head[0], f"{head[1]}: the window was reduced {many}{why}"


def _links(program: Program, runs: Sequence[Records], traffic: int) -> list[int]:
    return sorted(crossed_links(program, runs, traffic))


def _marks(program: Program, marked: dict[int, int]) -> str:
    most = max(marked, key=lambda link: (marked[link], -link))
    total = sum(marked.values())
    at = f"by {program.names.stations[most]}" if marked[most] == total else f"most by {program.names.stations[most]}"
    return f"{counted(total, 'frame')} {'were' if total != 1 else 'was'} marked ({at})"


def _and_so_on(dropped: Sequence[Loss]) -> str:
    total, first = sum(loss.frames for loss in dropped), dropped[0]
    were = f"{counted(total, 'frame')} {'were' if total != 1 else 'was'} dropped"
    if len(dropped) == 1:
        return f"{were} ({first.cause})"
    return f"{were} ({first.frames:,} of them: {first.cause}; the rest at {counted(len(dropped) - 1, 'more place')})"


def _brief(program: Program, runs: Sequence[Records], traffic: int) -> tuple[str, str] | None:
    """Too little time for a window to grow, or for anything but opening the connection."""
    trip, lasting = round_trip(runs, traffic), trips(program, runs, traffic)
    if lasting is None or (lasting >= SHORT and not _small(program, runs, traffic)):
        return None
    if sized(program, traffic):
        opening = trip / mean(lasted(program, run, traffic) for run in runs)
        if opening > 0.5:
            return "connection", f"connection set-up is {100 * min(1.0, opening):.0f} % of the streams' time"
    return "short", (
        f"too short: the streams lasted {lasting:,.3g} round trips of {_time(trip)}, in which their windows still grow"
    )


def _small(program: Program, runs: Sequence[Records], traffic: int) -> bool:
    """Whether streams end before their window is as large as the receiver's: in slow start it is half of what was sent,
    and nothing was lost."""
    if not sized(program, traffic):
        return False
    most = mean(float(chosen(run, traffic).delivered.max(initial=0)) for run in runs)
    return most < 2 * _receive_window(program, traffic)


def _receive_window(program: Program, traffic: int) -> int:
    call = int(program.traffic.call[traffic])
    return int(program.transports.receive_window[program.calls.transport[call]])


def _growing(program: Program, runs: Sequence[Records], of: tuple[int, int]) -> tuple[str, str] | None:
    times = growth(program, runs, *of)
    if times <= GROWS:
        return None
    more = 100 * (times - 1)
    return "growth", (
        f"the congestion window is still growing: the last quarter carried {more:.0f} % more than the quarter before"
    )


def _window(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> tuple[str, str]:
    """What is under way is taken as a stream's rate times the round trip of a handshake (Little's law)."""
    window = _receive_window(program, traffic)
    rate = mean(of_traffic(program, run, traffic, cut) for run in runs)  # Gbit/s
    streams = max(1, len(chosen(runs[0], traffic).stream))
    trip = round_trip(runs, traffic)
    under_way = rate / streams * trip / 8000
    told_window = f"{window / 1024:,.3g} KiB" if window < 1024**2 else f"{window / 1024:,.0f} KiB"
    if under_way >= NEAR * window:
        return "window", f"the receive window limits: {told_window} per round trip of {_time(trip)} and stream"
    seen = f", about {under_way / 1024:,.3g} KiB under way at once in each" if trip else ""
    return "acknowledgements", (
        "streams wait for acknowledgements of what they sent"
        f"{seen} (the receive window of {told_window} is not full), nothing is busy all the time and nothing was lost"
    )


def _time(picoseconds: float) -> str:
    return f"{picoseconds / 1e9:.3g} ms" if picoseconds >= 1e9 else f"{picoseconds / 1e6:.3g} µs"
