"""The pathologies as they are shipped: a file's variants, run, and what their Records say."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netsim.experiment.task import Task, perform
from netsim.lowering import lower
from netsim.model.cluster import Scenario
from netsim.program import REASONS, Program
from netsim.records import Records
from netsim.scenario import load

FOLDER = Path(__file__).parents[2] / "scenarios" / "pathologies"
SECOND, MILLISECOND = 10**12, 10**9  # ps
Column = NDArray[np.int64]


@dataclass(frozen=True)
class Ran:
    """A variant that ran to its end without breaking a law."""

    program: Program
    records: Records

    def number(self, traffic: str) -> int:
        """The row of a traffic."""
        return self.program.names.traffic.index(traffic)

    def of(self, traffic: str, column: str) -> Column:
        """A column of the requests of a traffic, in the order that they were meant to be sent."""
        found: Column = getattr(self.records.requests, column)[self.records.requests.traffic == self.number(traffic)]
        return found

    def latencies(self, traffic: str) -> Column:
        """ps of those that were answered."""
        answered = self.of(traffic, "outcome") == 0
        latency: Column = (self.of(traffic, "completed") - self.of(traffic, "intended"))[answered]
        return latency

    def connected(self, traffic: str) -> Column:
        """ps that connecting took those that were answered."""
        found: Column = self.of(traffic, "connect")[self.of(traffic, "outcome") == 0]
        return found

    def outcomes(self, traffic: str) -> Counter[str]:
        """How many requests ended in which way: "answered", "under way", or a reason."""
        names = ["under way", "answered", *REASONS]
        return Counter(names[outcome + 1] for outcome in self.of(traffic, "outcome").tolist())

    def dropped(self) -> Counter[tuple[str, str]]:
        """Frames that were lost, by reason and place."""
        drops, found = self.records.drops, Counter[tuple[str, str]]()
        for row, frames in enumerate(drops.frames.tolist()):
            found[REASONS[drops.reason[row]], self.program.names.groups[drops.station[row]]] += frames
        return found

    def served(self, traffic: str) -> Counter[str]:
        """Requests that were answered by each endpoint."""
        servers = self.of(traffic, "server")[self.of(traffic, "outcome") == 0]
        return Counter(self.program.names.endpoints[server] for server in servers.tolist())

    def busy(self, station: str) -> float:
        """Share of the run that a station worked."""
        number = self.program.names.stations.index(station)
        return float(self.records.stations.busy[number]) / self.program.duration

    def goodput(self, traffic: str, since: float = 0.0) -> float:
        """bit/s of payload that came out of all streams in what follows the first ``since`` of the run."""
        progress = self.records.progress
        parts = int(progress.part.max()) + 1
        counted = (progress.traffic == self.number(traffic)) & (progress.part >= since * parts)
        return float(progress.delivered[counted].sum()) * 8 * SECOND / (self.program.duration * (1 - since))


def variants(name: str) -> dict[str, Scenario]:
    """The variants of a file by their names."""
    return {scenario.variant: scenario for scenario in load(FOLDER / f"{name}.yaml").variants}


def run(scenario: Scenario) -> Ran:
    """Run a variant with the first of its seeds."""
    outcome = perform(Task(scenario, scenario.run.seed))
    assert not outcome.broken
    return Ran(outcome.program, outcome.records)


def run_all(name: str) -> dict[str, Ran]:
    """Every variant of a file."""
    return {variant: run(scenario) for variant, scenario in variants(name).items()}


def lowered(scenario: Scenario) -> Program:
    """A variant's Program with the first of its seeds."""
    return lower(scenario, scenario.run.seed)


def retries(connects: Column) -> Counter[int]:
    """How many connects took how many whole seconds, and hardly anything else: within a millisecond of them."""
    assert (connects % SECOND < MILLISECOND).all()
    return Counter((connects // SECOND).tolist())
