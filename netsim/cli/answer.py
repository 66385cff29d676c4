"""What run and compare have in common: load, run, write results/, print."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netsim import __version__
from netsim.cli.output import Format, emit, notice, rendered

if TYPE_CHECKING:
    from netsim.scenario import Study

AS_WRITTEN = "as in the file"

File = Annotated[Path, typer.Argument(help="Scenario file, YAML or JSON.", show_default=False)]
Output = Annotated[Format, typer.Option("-o", "--output", help="Form of the result on stdout.")]
Out = Annotated[Path, typer.Option("--out", help="Directory in which the run gets one of its own.")]
NoPlots = Annotated[bool, typer.Option("--no-plots", help="Write no PNG.")]
Replications = Annotated[
    int | None, typer.Option("--replications", min=1, max=10_000, help="Runs per variant.", show_default=AS_WRITTEN)
]
Seed = Annotated[
    int | None, typer.Option("--seed", min=0, max=(1 << 62) - 1, help="Seed of the first run.", show_default=AS_WRITTEN)
]
Duration = Annotated[
    str | None, typer.Option("--duration", help="Simulated time, such as 10s.", show_default=AS_WRITTEN)
]
Engine = Annotated[str, typer.Option("--engine", help="Engine that runs it.")]
Jobs = Annotated[int | None, typer.Option("--jobs", min=1, help="Processes at work.", show_default="all CPUs")]
Baseline = Annotated[
    str | None,
    typer.Option("--baseline", help="Variant that others are compared with.", show_default="host, else the first"),
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Tell progress even where stderr is no terminal.")]


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    file: Path
    output: Format = Format.TABLE
    out: Path = Path("results")
    plots: bool = True
    verbose: bool = False


def answer(request: Request, **overrides: Any) -> None:
    """Run a scenario file, keep the run under results/, print the result."""
    from netsim import experiment
    from netsim.report.place import check_writable

    study = loaded(request.file)
    options = options_of(**overrides)
    check_writable(request.out)
    result = _run(study, options, request.verbose, experiment)
    result["provenance"] = {"netsim": __version__, **result["provenance"]}
    directory = _kept(result, request)
    emit(text_of(result, request.output))
    notice(f"written to {directory}")


def loaded(file: Path) -> "Study":
    """The scenario in ``file``; what it says that is not used is told on stderr."""
    from netsim import scenario
    from netsim.errors import UsageError

    if str(file) == "-":
        raise UsageError("a scenario is not read from stdin", "Name a file: its manifests are found beside it")
    study = scenario.load(file)
    for told in study.notices:
        notice(f"note: {told}")
    return study


def options_of(**overrides: Any) -> Any:
    """Options of an experiment from command line words; raises UsageError for what they cannot mean."""
    from netsim.engines import ENGINES
    from netsim.errors import UsageError, nearest
    from netsim.experiment import Options

    if (engine := overrides["engine"]) not in ENGINES:
        raise UsageError(f"engine '{engine}' is not known", nearest(engine, ENGINES))
    duration, jobs = overrides.pop("duration", None), overrides.pop("jobs", None)
    return Options(**overrides, jobs=jobs or cpus(), duration=None if duration is None else time_of(duration))


def time_of(text: str) -> int:
    """A time of the command line in ps."""
    from netsim.errors import UsageError
    from netsim.units import UnitError, parse_duration

    try:
        found = parse_duration(text)
    except UnitError as error:
        raise UsageError(f"--duration: {error.message}", error.hint) from None
    if found <= 0:
        raise UsageError("--duration: a run must last longer than nothing", "Write --duration 10s")
    return found


def cpus() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def text_of(result: dict[str, Any], output: Format) -> str:
    """The result in the form asked for."""
    if output is Format.TABLE:
        from netsim.report.terminal import show

        return rendered(lambda console: show(result, console))
    from netsim.report.formats import FORMATS

    return FORMATS[output.value](result)


def _run(study: "Study", options: Any, verbose: bool, experiment: Any) -> dict[str, Any]:
    from netsim.cli.progress import Progress
    from netsim.experiment.options import applied

    runs = [applied(variant, options).run for variant in study.variants]
    progress = Progress(sum(run.duration * run.replications for run in runs), verbose)
    try:
        result: dict[str, Any] = experiment.run(study, options, progress)
        return result
    finally:
        progress.close()


def _kept(result: dict[str, Any], request: Request) -> Path:
    from netsim.report import results

    if request.plots and sys.stderr.isatty():
        sys.stderr.write("drawing...\r")
        sys.stderr.flush()
    return results.write(result, request.out, request.plots)
