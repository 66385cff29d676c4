"""One task: lower one variant with one seed, run it, and hold it against the laws."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netsim.model.cluster import Scenario
from netsim.program import Program
from netsim.records import Records

if TYPE_CHECKING:
    from netsim.control import Entry

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """A variant and the seed of one of its replications."""

    scenario: Scenario
    seed: int
    engine: str = "reference"
    log: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a task found: Records without most of their steps, and of the whole the digest, the stages crossed
    whose costs are assumed, the broken laws, and what the control plane did."""

    program: Program
    records: Records
    digest: str
    assumed: frozenset[str]
    broken: tuple[str, ...]
    journal: "tuple[Entry, ...]" = ()


class LawBrokenError(Exception):
    """A run broke a law that always holds: a fault of netsim, never of a scenario."""

    def __init__(self, variant: str, seed: int, sentences: tuple[str, ...]) -> None:
        self.variant, self.seed, self.sentences = variant, seed, sentences
        super().__init__(variant, seed, sentences)

    def __str__(self) -> str:
        told = "\n".join(f"  {sentence}" for sentence in self.sentences)
        return f"netsim broke its own laws in {self.variant}, seed {self.seed}; no result is given:\n{told}"


def perform(task: Task, progress: Progress | None = None) -> Outcome:
    """Run one task in this process."""
    # Imported here: a parent with worker processes never needs the engine itself.
    from netsim import control, engines
    from netsim.analysis import laws
    from netsim.analysis.assumptions import assumed
    from netsim.analysis.retention import slim
    from netsim.lowering import Lowering

    lowering = Lowering(task.scenario, task.seed)
    program = lowering.program()
    journal: tuple[Entry, ...] = ()
    with engines.session(program, task.engine, task.log, progress) as session:
        if control.needed(task.scenario):
            program, journal = control.conduct(task.scenario, program, lowering.screening, session)
        records = session.finish()
    verdicts = laws.check(program, records)
    broken = tuple(
        f"{verdict.law.name}: {sentence}"
        for verdict in verdicts
        if verdict.broken
        for sentence in verdict.violations or ()
    )
    sources = frozenset(assumed(program, records))
    return Outcome(program, slim(records), records.digest(), sources, broken, journal)
