"""Control and the reference engine together: what a rollout and a dead node cost, and that it is lawful."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from netsim import engines
from netsim.control import conduct
from netsim.experiment.task import Outcome, Task, perform
from netsim.lowering import Lowering
from netsim.program import REASON, Program, State
from netsim.program_edits import Counters, Edit, SetEndpoint, SetView
from netsim.scenario import load
from tests.unit.control.recorded import DEFAULTS, TEXT, S

BUSY = TEXT.replace("rate: 1/s", "rate: 200/s, connections: {{mode: perRequest}}")
ROLLOUT = "[{at: 1s, rollout: deployment/a/web, strategy: {maxSurge: 1, maxUnavailable: 0}}]"


def perform_with(folder: Path, **parts: object) -> Outcome:
    """Run a scenario made of BUSY and ``parts``, and hold it to the laws."""
    file = folder / "x.yaml"
    file.write_text(BUSY.format(**(DEFAULTS | {"duration": "12s"} | parts)))
    outcome = perform(Task(load(file).variants[0], 1))
    assert outcome.broken == ()
    return outcome


def failed(outcome: Outcome) -> dict[int, int]:
    """How many requests failed, by outcome."""
    found, counts = np.unique(outcome.records.requests.outcome, return_counts=True)
    return {int(one): int(count) for one, count in zip(found, counts, strict=True) if one > 0}


class Overheard:
    """A session of the engine whose edits are written down."""

    def __init__(self, session: engines.Session) -> None:
        self.session = session
        self.now = 0
        self.edits: list[tuple[int, Edit]] = []

    def advance(self, until: int) -> None:
        self.now = until
        self.session.advance(until)

    def apply(self, edit: Edit) -> None:
        self.edits.append((self.now, edit))
        self.session.apply(edit)

    def counters(self) -> Counters:
        return self.session.counters()


def exposed(program: Program, edits: list[tuple[int, Edit]], rate: int) -> Fraction:
    """How many requests come, on average, to endpoints that accept none: over time, each sender's rate times the share
    of such endpoints in what its node chooses among."""
    senders = [int(program.endpoints.node[end]) for end in program.clients.tolist()]
    everyone = tuple(program.backends.tolist())
    views, closed = dict.fromkeys(senders, everyone), set[int]()
    lost, before = Fraction(0), 0
    for at, edit in edits:
        bad = sum(Fraction(len(closed & set(views[node])), len(views[node])) for node in senders)
        lost += bad * rate * (at - before) / (S * len(senders))
        before = at
        if isinstance(edit, SetView):
            views[edit.node] = edit.members
        elif isinstance(edit, SetEndpoint):
            (closed.discard if edit.state == State.LISTENING else closed.add)(edit.endpoint)
    return lost


def test_a_rollout_without_a_pre_stop_hook_loses_what_the_lag_predicts(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(BUSY.format(**(DEFAULTS | {"duration": "12s", "events": ROLLOUT})))
    [scenario] = load(file).variants
    lowering = Lowering(scenario, 1)
    program = lowering.program()
    with engines.session(program) as session:
        overheard = Overheard(session)
        conduct(scenario, program, lowering.screening, overheard)
        outcomes = session.finish().requests.outcome
    lost = {int(one): int((outcomes == one).sum()) for one in np.unique(outcomes) if one > 0}
    assert lost.keys() == {1 + REASON["refused"]}
    mean = exposed(program, overheard.edits, 200)
    # A request that comes to such an endpoint is a Poisson event: five standard deviations.
    assert mean > 10
    assert abs(sum(lost.values()) - mean) ** 2 < 25 * mean


def test_with_a_pre_stop_hook_it_loses_none(tmp_path: Path) -> None:
    cycle = ", lifecycle: {readiness: {period: 1s}, preStop: 3s}"
    outcome = perform_with(tmp_path, web=cycle, events=ROLLOUT, duration="18s")
    assert failed(outcome) == {}
    assert sum(one.what == "gone" for one in outcome.journal) == 4


def test_new_pods_serve_and_old_ones_do_not(tmp_path: Path) -> None:
    outcome = perform_with(tmp_path, events=ROLLOUT)
    requests, names = outcome.records.requests, outcome.program.names.endpoints
    done = max(one.at for one in outcome.journal if one.what == "gone")
    late = (requests.intended > done) & (requests.outcome == 0)
    servers = {names[row] for row in np.unique(requests.server[late])}
    assert servers == {f"a/web-{number}" for number in range(4, 8)}


def test_a_dead_node_costs_its_share_until_the_views_change(tmp_path: Path) -> None:
    control = "  control: {gracePeriod: 3s, lease: 1s, eviction: 300s}"
    outcome = perform_with(tmp_path, events="[{at: 2s, nodeDown: n-1}]", more=control, nodes=4)
    requests = outcome.records.requests
    told = max(one.at for one in outcome.journal if one.kind == "view")
    meanwhile = (requests.intended > 2 * S) & (requests.intended < told)
    # One of four servers is dead: n requests of which each goes there with probability 1/4.
    hung = int((requests.outcome[meanwhile] != 0).sum())
    count = int(meanwhile.sum())
    assert abs(hung - count / 4) < 5 * (count * 3 / 16) ** 0.5
    after = (requests.intended > told) & (requests.intended < 11 * S)
    assert set(requests.outcome[after].tolist()) == {0}


@pytest.mark.parametrize("cni", ["{plugin: flannel}", "{plugin: cilium}"])
def test_the_same_seed_gives_the_same_records(tmp_path: Path, cni: str) -> None:
    events = "[{at: 1s, scale: deployment/a/web, replicas: 2}, {at: 2s, linkDegrade: n-1-tor, loss: 1%, for: 1s}]"
    one, other = (perform_with(tmp_path, cni=cni, events=events, duration="4s") for _ in range(2))
    assert one.digest == other.digest
    assert one.journal == other.journal
