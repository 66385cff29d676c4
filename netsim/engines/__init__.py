"""Engines: each turns a Program into Records, and all of them into the same Records."""

from collections.abc import Callable

from netsim.errors import UsageError
from netsim.program import Program
from netsim.records import Records

Progress = Callable[[int, int], None]  # simulated ps so far, station visits so far

ENGINES = ("reference",)


def run(program: Program, engine: str = "reference", log: bool = False, progress: Progress | None = None) -> Records:
    """Run ``program`` to its end. With ``log`` every stay at every station is kept in ``Records.log``.

    Raises ``UsageError`` for an engine that does not exist.
    """
    if engine not in ENGINES:
        raise UsageError(f"engine '{engine}' is not known. Known: {', '.join(ENGINES)}")
    from netsim.engines.reference import simulate

    return simulate(program, log, progress)
