"""The verb check: are scenario files right, and do the laws hold on a short run of each variant?"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netsim.cli.output import emit, notice, rendered

if TYPE_CHECKING:
    from netsim.analysis.laws import Verdict
    from netsim.program import Program

SHORT = 10**11  # ps of a variant that are run: long enough for thousands of bursts, short enough to wait for


def check(
    files: Annotated[list[Path], typer.Argument(help="Scenario files, YAML or JSON.", show_default=False)],
    duration: Annotated[
        str | None,
        typer.Option("--duration", help="Simulated time per variant, at most the file's.", show_default="100ms"),
    ] = None,
    dump: Annotated[bool, typer.Option("--dump", help="Print the Programs that would run instead of running.")] = False,
) -> None:
    """Validate scenario files and hold a short run of each variant to the laws."""
    from netsim.cli.answer import loaded, time_of
    from netsim.errors import INTERNAL

    length = SHORT if duration is None else time_of(duration)
    studies = [loaded(file) for file in files]
    if dump:
        emit("\n".join(_program(variant, length).dump() for study in studies for variant in study.variants))
        return
    verdicts = [verdict for study in studies for variant in study.variants for verdict in _verdicts(variant, length)]
    emit(rendered(lambda console: _draw(verdicts, console)))
    violations = [f"{verdict.law.name}: {text}" for verdict in verdicts for text in verdict.violations or ()]
    for text in violations:
        notice(text)
    if violations:
        raise typer.Exit(INTERNAL)


def _program(variant: Any, length: int) -> "Program":
    from netsim.lowering import lower

    run = replace(variant.run, duration=min(length, variant.run.duration))
    return lower(replace(variant, run=run), run.seed)


def _verdicts(variant: Any, length: int) -> "list[Verdict]":
    from netsim import engines
    from netsim.analysis import laws

    program = _program(variant, length)
    return laws.check(program, engines.run(program, log=True))


def _draw(verdicts: "list[Verdict]", console: Any) -> None:
    from rich.text import Text

    from netsim.report.pieces import plain, table

    runs = Counter(verdict.law for verdict in verdicts)
    broken: Counter[object] = Counter()
    unseen: Counter[object] = Counter()
    for verdict in verdicts:
        broken[verdict.law] += verdict.broken
        unseen[verdict.law] += verdict.violations is None
    made = table("law", "runs", "verdict")
    made.add_column("what it says", header_style="not bold dim")
    for law, count in runs.items():
        seen = count - unseen[law]
        outcome = f"violated in {broken[law]}" if broken[law] else "held" if seen else "nothing to see"
        style = "bold red" if broken[law] else "green" if seen else "dim"
        made.add_row(plain(law.name), str(seen), Text(outcome, style), plain(law.says))
    console.print(made)
