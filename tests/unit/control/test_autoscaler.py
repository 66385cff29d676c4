"""The autoscaler as a process: what it does and when, with pods that use a known amount of CPU."""

from pathlib import Path

from netsim.program_edits import Grow
from tests.unit.control.recorded import Recorded, S, run

HPA = ", lifecycle: {cpuRequest: 500m}, autoscaling: {maxReplicas: 20, cpu: 50%}"


def test_it_looks_every_15_seconds_and_doubles_at_most(tmp_path: Path) -> None:
    found = run(tmp_path, Recorded(cpu=500), web=HPA, replicas=5, duration="40s")  # 100 % of the request
    scaled = [(one.at, one.what) for one in found.journal if one.kind == "scale"]
    assert scaled[0] == (15 * S, "5 to 10 replicas")
    # At 30 s the five new ones, ready since then, count as idle: (5 * 100 % + 0) / 10 is the target.
    assert len(scaled) == 1
    assert len(found.session.of(Grow)) == 5


def test_within_the_tolerance_nothing_happens(tmp_path: Path) -> None:
    assert run(tmp_path, Recorded(cpu=274), web=HPA, duration="100s").journal == ()


def test_scale_down_waits_five_minutes(tmp_path: Path) -> None:
    found = run(tmp_path, Recorded(cpu=50), web=HPA, replicas=8, duration="400s", nodes=2)
    scaled = [(one.at, one.what) for one in found.journal if one.kind == "scale"]
    assert scaled[0] == (300 * S, "8 to 2 replicas")


def test_without_a_request_there_is_no_metric(tmp_path: Path) -> None:
    found = run(tmp_path, Recorded(cpu=900), web=", autoscaling: {maxReplicas: 20}", duration="40s")
    assert found.journal == ()
