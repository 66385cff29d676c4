"""The verb import: from kubectl's dumps of a cluster to a scenario that runs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netsim.cli.output import emit, notice

if TYPE_CHECKING:
    from fractions import Fraction

    from netsim.importing import Imported, Input

MOST_TOLD = 60

Dumps = Annotated[
    list[str],
    typer.Option(
        "-f", "--filename", help="Dump, YAML or JSON: a file, a directory, or - for stdin.", show_default=False
    ),
]


def import_(
    filename: Dumps,
    output: Annotated[Path, typer.Option("-o", "--output", help="Directory to make.")] = Path("imported"),
    hubble: Annotated[
        list[Path] | None, typer.Option("--hubble", help="Flows of hubble observe -o json.", show_default=False)
    ] = None,
    istio: Annotated[
        list[Path] | None,
        typer.Option("--istio", help="Prometheus' answer on rate(istio_requests_total[5m]).", show_default=False),
    ] = None,
    vpc_flow_logs: Annotated[
        list[Path] | None, typer.Option("--vpc-flow-logs", help="AWS VPC flow logs.", show_default=False)
    ] = None,
    scale: Annotated[str, typer.Option("--scale", help="Observed rates times this.")] = "100%",
    rate: Annotated[
        str | None, typer.Option("--rate", help="Total of assumed rates, such as 5000/s.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier import.")] = False,
) -> None:
    """Make a runnable scenario from kubectl get nodes,pods,svc,... -A -o yaml, and say what was concluded and why."""
    from netsim.cli.directory import check_place, put
    from netsim.errors import BAD_INPUT
    from netsim.importing import Request, bring_in, inputs

    check_place(output, force)
    logs = {"hubble": hubble, "istio": istio, "vpc": vpc_flow_logs}
    traffic = [(kind, _log(path)) for kind, paths in logs.items() for path in paths or ()]
    request = Request(
        dumps=inputs(filename),
        traffic=traffic,
        scale=_ratio(scale),
        rate=_total(rate, bool(traffic)),
        name=output.resolve().name,
    )
    made = bring_in(request, sys.stdin.buffer)
    put(output, made.files)
    _tell(made)
    for problem in made.problems[:MOST_TOLD]:
        notice(f"not runnable yet: {problem}")
    emit(f"{output / 'scenario.yaml'}\n")
    if made.problems:
        raise typer.Exit(BAD_INPUT)


def _tell(made: "Imported") -> None:
    for line in made.told[:MOST_TOLD]:
        notice(line)
    if len(made.told) > MOST_TOLD:
        notice(f"... and {len(made.told) - MOST_TOLD} more, as comments in the scenario")


def _log(path: Path) -> "Input":
    from netsim.importing import Input

    return Input("<stdin>", None) if str(path) == "-" else Input(str(path), path)


def _ratio(text: str) -> "Fraction":
    from fractions import Fraction

    from netsim.errors import UsageError
    from netsim.units import PPM, UnitError, parse_ratio

    try:
        found = parse_ratio(text)
    except UnitError as error:
        raise UsageError(f"--scale: {error.message}", error.hint) from None
    if not found:
        raise UsageError("--scale: nothing is left of the traffic", "Write --scale 150%")
    return Fraction(found, PPM)


def _total(text: str | None, observed: bool) -> "Fraction | None":
    from fractions import Fraction

    from netsim.errors import UsageError
    from netsim.units import UnitError, parse_rate

    if text is None:
        return None
    if observed:
        raise UsageError("--rate is for assumed traffic", "Observed traffic has its rates; --scale changes them")
    try:
        found = parse_rate(text)
    except UnitError as error:
        raise UsageError(f"--rate: {error.message}", error.hint) from None
    if not found:
        raise UsageError("--rate: a rate of 0 makes no request", "Write --rate 5000/s")
    return Fraction(found, 1000)
