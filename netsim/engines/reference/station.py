"""What every station keeps: its totals and, when asked for, the log of its stays."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netsim.engines.reference.lanes import Begin

Stay = tuple[int, int, int, int, int]  # station, arrive, start, depart, work


@dataclass(slots=True)
class Totals:
    """Sums over the run for one station, in ps; everything is clipped at the run's end."""

    number: int
    end: int
    log: list[Stay] | None
    visits: int = 0
    busy: int = 0
    queued: int = 0
    sojourn: int = 0
    most: int = 0
    system: int = 0
    marked: int = 0
    drops: dict[int, tuple[int, int]] = field(default_factory=dict)

    def stay(self, arrive: int, start: int, depart: int, work: int) -> None:
        """Count one uninterrupted stay: served from ``start`` for ``work``, gone at ``depart``."""
        end = self.end
        self.visits += 1
        self.queued += start - arrive if start < end else end - arrive
        self.sojourn += depart - arrive if depart < end else end - arrive
        finish = start + work
        if finish <= end:
            self.busy += work
        elif start < end:
            self.busy += end - start
        if self.log is not None:
            self.log.append((self.number, arrive, start, depart, work))

    def job(self, begin: "Begin", now: int) -> None:
        """Count a job that a thread has finished."""
        self.visits += 1
        self.queued += begin.start - begin.arrive
        self.sojourn += now - begin.arrive
        self.busy += begin.wakeup + begin.work
        if begin.job.system:
            self.system += begin.wakeup + begin.work
        if self.log is not None:
            self.log.append((self.number, begin.arrive, begin.start, now, begin.wakeup + begin.work))

    def cut_short(self, arrive: int, start: int, done: int, end: int) -> None:
        """Count a stay that the end of the run, or a failure, cut short; ``start`` is -1 where it was still waiting."""
        self.visits += 1
        self.queued += (start if start >= 0 else end) - arrive
        self.sojourn += end - arrive
        self.busy += done
        if self.log is not None:
            self.log.append((self.number, arrive, start, -1, done))

    def drop(self, reason: int, frames: int, payload: int) -> None:
        """Count frames lost here."""
        before = self.drops.get(reason, (0, 0))
        self.drops[reason] = (before[0] + frames, before[1] + payload)
