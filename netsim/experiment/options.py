"""What the command line may change about a study before it is run."""

from dataclasses import dataclass, replace

from netsim.errors import UsageError, nearest
from netsim.model.cluster import Scenario, Traffic
from netsim.model.load import Bulk, Datagrams, OpenLoop
from netsim.scenario.loads import MOST_REQUESTS


@dataclass(frozen=True)
class Options:
    """Overrides of a scenario's ``run`` (None keeps it; times in ps), engine, and number of processes."""

    engine: str = "reference"
    jobs: int = 1
    replications: int | None = None
    seed: int | None = None
    duration: int | None = None
    baseline: str | None = None
    log: bool = False


def applied(scenario: Scenario, options: Options) -> Scenario:
    """``scenario`` with the overrides in its ``run``; raises UsageError where nothing is left to measure.

    A constant rate, or streams, that last for the whole run last for the whole of the changed run.
    """
    run = scenario.run
    changed = replace(
        run,
        replications=run.replications if options.replications is None else options.replications,
        seed=run.seed if options.seed is None else options.seed,
        duration=run.duration if options.duration is None else options.duration,
    )
    if changed.warmup is not None and changed.warmup >= changed.duration:
        raise UsageError("the run is no longer than its warm-up, nothing would be measured", "Run longer")
    if changed.replications < 1:
        raise UsageError(f"{changed.replications} replications are too few", "Run at least one")
    if all(stream.start >= changed.duration for stream in scenario.traffic):
        raise UsageError("all traffic starts after the run has ended", "Run longer")
    traffic = tuple(_lasting(stream, run.duration, changed.duration) for stream in scenario.traffic)
    return replace(scenario, run=changed, traffic=traffic)


def _lasting(stream: Traffic, before: int, after: int) -> Traffic:
    load = stream.load
    if isinstance(load, Bulk | Datagrams):
        return replace(stream, load=replace(load, duration=after)) if load.duration == before else stream
    if not isinstance(load, OpenLoop) or len(load.stages) > 1 or load.stages[0][0] != before:
        return stream
    rate = load.stages[0][1]
    if (requests := after * rate // 10**15) > MOST_REQUESTS:
        raise UsageError(f"{stream.name} would make {requests:,} requests", f"At most {MOST_REQUESTS:,}: run shorter")
    return replace(stream, load=replace(load, stages=((after, rate),)))


def baseline(names: list[str], wanted: str | None) -> str:
    """The variant that others are compared with: the one asked for, else one named host, else the first."""
    if wanted is None:
        return "host" if "host" in names else names[0]
    if wanted not in names:
        raise UsageError(f"there is no variant '{wanted}'", nearest(wanted, names))
    return wanted
