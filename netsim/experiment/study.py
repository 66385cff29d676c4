"""A study: every variant with every seed, and one result over all of them."""

from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from platform import python_version
from typing import TYPE_CHECKING, Any

from netsim.analysis import summarise
from netsim.analysis.comparison import differences
from netsim.analysis.rounding import rounded
from netsim.analysis.timeline import intervals
from netsim.analysis.warmup import Cut, cut
from netsim.errors import UsageError
from netsim.experiment.options import Options, applied, baseline
from netsim.experiment.pool import Report, perform_all
from netsim.experiment.task import LawBrokenError, Outcome, Task
from netsim.model.cluster import Scenario

if TYPE_CHECKING:
    from netsim.scenario import Study

_SECOND = 10**12

Result = dict[str, Any]


def run(study: "Study", options: Options, report: Report | None = None) -> Result:
    """Run all variants of ``study`` and return its Result, plain JSON types only.

    Replication r of every variant has the seed ``run.seed`` + r: variants are compared on the same luck.
    Raises ScenarioError, UsageError, and LawBrokenError where a run contradicts itself.
    """
    variants = [applied(scenario, options) for scenario in study.variants]
    if not variants:
        raise UsageError("the scenario has no variant to run")
    chosen = baseline([scenario.variant for scenario in variants], options.baseline)
    outcomes = perform_all(_tasks(variants, options), options.jobs, report)
    for task, outcome in zip(_tasks(variants, options), outcomes, strict=True):
        if outcome.broken:
            raise LawBrokenError(task.scenario.variant, task.seed, outcome.broken)
    return _result(study, variants, _by_variant(variants, outcomes), (options.engine, chosen))


def _tasks(variants: Sequence[Scenario], options: Options) -> list[Task]:
    return [
        Task(scenario, scenario.run.seed + replication, options.engine, options.log)
        for scenario in variants
        for replication in range(scenario.run.replications)
    ]


def _by_variant(variants: Sequence[Scenario], outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    remaining = iter(outcomes)
    return [[next(remaining) for _ in range(scenario.run.replications)] for scenario in variants]


def _result(
    study: "Study", variants: Sequence[Scenario], outcomes: list[list[Outcome]], chosen: tuple[str, str]
) -> Result:
    engine, base = chosen
    warmup = _warmup(variants, outcomes)
    summaries = [_summary(of_one, warmup.at) for of_one in outcomes]
    digests = [outcome.digest for of_one in outcomes for outcome in of_one]
    first = variants[0].run
    return {
        "apiVersion": "netsim/v1alpha1",
        "kind": "Result",
        "scenario": study.name,
        "description": study.description,
        "seed": first.seed,
        "engine": engine,
        "digest": sha256("".join(digests).encode()).hexdigest(),
        "run": {
            "duration_s": rounded(first.duration / _SECOND),
            "warmup_s": rounded(warmup.at / _SECOND),
            "warmup_by": "MSER-5" if first.warmup is None else "scenario",
            "doubt": warmup.doubt,
        },
        "baseline": base,
        "variants": summaries,
        "comparison": differences(summaries, base),
        "notices": [str(notice) for notice in study.notices],
        "provenance": _provenance(),
    }


def _warmup(variants: Sequence[Scenario], outcomes: list[list[Outcome]]) -> Cut:
    given = [scenario.run.warmup for scenario in variants if scenario.run.warmup is not None]
    if given:
        return Cut(max(given))
    return cut([(of_one[0].program, [outcome.records for outcome in of_one]) for of_one in outcomes])


def _summary(outcomes: list[Outcome], at: int) -> Result:
    programs, runs = [outcome.program for outcome in outcomes], [outcome.records for outcome in outcomes]
    digests = "".join(outcome.digest for outcome in outcomes)
    return summarise(programs, runs, at) | {
        "assumed": sorted(frozenset().union(*(outcome.assumed for outcome in outcomes))),
        "digest": sha256(digests.encode()).hexdigest(),
        "timeline": _timeline(outcomes),
    }


def _timeline(outcomes: list[Outcome]) -> Result:
    """What the control plane did in the first replication, and what became of requests meanwhile in all of them; empty
    where nothing happened."""
    journal = outcomes[0].journal
    events = [
        {"at_s": rounded(entry.at / _SECOND), "kind": entry.kind, "subject": entry.subject, "what": entry.what}
        for entry in journal
    ]
    runs = [outcome.records for outcome in outcomes]
    return {"events": events, "intervals": intervals(outcomes[0].program, runs) if journal else []}


def _provenance() -> dict[str, str]:
    packages = {name: version(name) for name in ("numpy", "simpy")}
    return {"python": python_version(), **packages}
