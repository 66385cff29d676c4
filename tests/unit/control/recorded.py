"""A session without an engine: it writes down every edit and its time, and pods use as much CPU as it is told."""

from dataclasses import dataclass, field
from pathlib import Path

from netsim.control import Entry, conduct
from netsim.lowering import Lowering
from netsim.program import Program
from netsim.program_edits import Counters, Edit
from netsim.scenario import load

S = 10**12
MS = 10**9


@dataclass
class Recorded:
    """What control did. ``busy`` says how many requests every pod is serving at all times, ``cpu`` how much of a core
    it uses, in thousandths."""

    busy: int = 0
    cpu: int = 0
    now: int = 0
    edits: list[tuple[int, Edit]] = field(default_factory=list)

    def advance(self, until: int) -> None:
        """Time goes on, never back, in whole ps."""
        assert type(until) is int
        assert until >= self.now
        self.now = until

    def apply(self, edit: Edit) -> None:
        """Write it down."""
        self.edits.append((self.now, edit))

    def counters(self) -> Counters:
        """The same of every pod."""
        many = 2000
        return Counters([self.now * self.cpu // 1000] * many, [0] * many, [self.busy] * many)

    def of(self, kind: type) -> list[tuple[int, Edit]]:
        """The edits of one kind."""
        return [(at, edit) for at, edit in self.edits if type(edit) is kind]


@dataclass
class Run:
    """A scenario that control has run."""

    before: Program
    program: Program
    journal: tuple[Entry, ...]
    session: Recorded

    def told(self, what: str, subject: str = "") -> list[int]:
        """The times at which the journal says this."""
        return [one.at for one in self.journal if what in one.what and subject in one.subject]


TEXT = """
apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {{name: x}}
spec:
  run: {{duration: {duration}, warmup: 0s, seed: {seed}}}
  cluster: {{nodePools: [{{name: n, count: {nodes}}}]{cluster}}}
  cni: {cni}
  workloads:
  - {{target: deployment/a/client, replicas: 2, ports: [1]}}
  - {{target: deployment/a/web, replicas: {replicas}, ports: [80]{web}}}
  services: [{{name: a/web, selector: deployment/a/web{service}}}]
  traffic: [{{name: t, {traffic}, to: svc/a/web, rate: 1/s}}]
  events: {events}
{more}
"""
DEFAULTS = {
    "duration": "60s", "seed": 1, "nodes": 3, "cluster": "", "cni": "{plugin: flannel}", "replicas": 4, "web": "",
    "service": "", "traffic": "from: deployment/a/client", "events": "[]", "more": "",
}  # fmt: skip


def run(folder: Path, session: Recorded | None = None, **parts: object) -> Run:
    """Control a scenario made of TEXT and ``parts``."""
    file = folder / "x.yaml"
    file.write_text(str(parts.pop("text", TEXT)).format(**(DEFAULTS | parts)))
    [scenario] = load(file).variants
    lowering = Lowering(scenario, scenario.run.seed)
    before, session = lowering.program(), session or Recorded()
    program, journal = conduct(scenario, before, lowering.screening, session)
    return Run(before, program, journal, session)
