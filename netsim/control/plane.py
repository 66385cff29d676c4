"""The control plane's common ground: its clock, its luck, the rows that names stand for, the edits of an instant."""

from collections.abc import Callable

from simpy import Environment, Event

from netsim.chance import mix, name_key, pick
from netsim.control.journal import Journal
from netsim.model.cluster import Scenario
from netsim.program import Program
from netsim.program_edits import Counters, Edit, Grow, SetScreens


class Plane:
    """What all processes of the control plane share. Times are whole ps; ``env`` never sees a float."""

    def __init__(self, scenario: Scenario, program: Program, counters: Callable[[], Counters]) -> None:
        self.env = Environment(initial_time=0)
        self.scenario = scenario
        self.cluster = scenario.cluster
        self.clocks = scenario.control
        self.program = program
        self.counters = counters
        self.journal = Journal()
        self.edits: list[Edit] = []
        self.node = {name: number for number, name in enumerate(program.names.nodes)}
        self.endpoint = {name: number for number, name in enumerate(program.names.endpoints)}
        self.machines = {node.name: node for node in scenario.cluster.nodes}

    @property
    def now(self) -> int:
        """The time in ps."""
        return self.env.now  # type: ignore[return-value]

    def wait(self, delay: int) -> Event:
        """An event ``delay`` ps from now."""
        assert type(delay) is int, delay
        return self.env.timeout(delay)

    def luck(self, who: str, purpose: str, index: int, options: int) -> int:
        """One of ``options`` equally likely numbers from 0 on, by name and purpose."""
        bits = mix(self.program.seed, name_key(who), name_key(f"control/{purpose}"), index)
        # pick() knows 31 bits of options; times have more.
        return pick(bits, options) if options < 1 << 20 else (bits >> 1) * options >> 63

    def phase(self, who: str, purpose: str, period: int) -> int:
        """Where in its period something of ``who`` begins."""
        return self.luck(who, purpose, 0, period)

    def edit(self, edit: Edit) -> None:
        """Have the data plane changed at this instant."""
        self.edits.append(edit)
        if isinstance(edit, Grow | SetScreens):
            self.program = self.program.grown(edit)

    def note(self, kind: str, subject: str, what: str) -> None:
        """Write into the journal."""
        self.journal.note(self.now, kind, subject, what)


def next_tick(now: int, phase: int, period: int) -> int:
    """The first time ``phase`` + k * ``period`` that is not before ``now``."""
    return phase + -(-(now - phase) // period) * period
