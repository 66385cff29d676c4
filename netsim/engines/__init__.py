"""Engines: each turns a Program into Records, and all of them into the same Records."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from netsim.errors import UsageError
from netsim.program import Program
from netsim.program_edits import Counters, Edit
from netsim.records import Records

Progress = Callable[[int, int], None]  # simulated ps so far, station visits so far

ENGINES = ("reference",)


class Session(Protocol):
    """A Program that runs. The control plane advances it to the next thing it has to do, and changes its tables."""

    def advance(self, until: int) -> None:
        """Run every event earlier than ``until`` (ps)."""

    def apply(self, edit: Edit) -> None:
        """Change a table now; what is on its way meets the change at its next look-up."""

    def counters(self) -> Counters:
        """What the control plane may read, as of now."""

    def finish(self) -> Records:
        """Run to the end of the Program's duration; what was found."""


@contextmanager
def session(
    program: Program, engine: str = "reference", log: bool = False, progress: Progress | None = None
) -> Iterator[Session]:
    """A Session of ``program``. With ``log`` every stay at every station is kept in ``Records.log``.

    Raises ``UsageError`` for an engine that does not exist.
    """
    if engine not in ENGINES:
        raise UsageError(f"engine '{engine}' is not known. Known: {', '.join(ENGINES)}")
    from netsim.engines.reference import simulation

    with simulation(program, log, progress) as running:
        yield running


def run(program: Program, engine: str = "reference", log: bool = False, progress: Progress | None = None) -> Records:
    """Run ``program`` to its end, as a Session that nobody interferes with."""
    with session(program, engine, log, progress) as running:
        return running.finish()
