"""What control sees of an engine: a program that runs, advances to a time, and takes edits."""

from typing import Protocol

from netsim.program_edits import Counters, Edit


class Session(Protocol):
    """A running Program."""

    def advance(self, until: int) -> None:
        """Run every event of the data plane earlier than ``until`` ps."""

    def apply(self, edit: Edit) -> None:
        """Change the tables now."""

    def counters(self) -> Counters:
        """What pods have done so far."""
