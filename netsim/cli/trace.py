"""The verb trace: one request's journey, stage by stage."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netsim.cli import answer as common
from netsim.cli.output import Plain, emit, rendered, serialised

if TYPE_CHECKING:
    from netsim.program import Program
    from netsim.records import Records


def trace(
    file: common.File,
    request: Annotated[
        int | None, typer.Option("--request", min=0, help="Number of the request (or bulk stream) of its traffic.")
    ] = None,
    percentile: Annotated[
        float,
        typer.Option(
            "--percentile", min=0, max=100, help="Without --request: the request at this percentile of latency."
        ),
    ] = 50.0,
    traffic: Annotated[
        str | None,
        typer.Option("--traffic", help="Traffic that it belongs to.", show_default="the first with a journey to show"),
    ] = None,
    variant: Annotated[
        str | None, typer.Option("--variant", help="Variant that is run.", show_default="the first")
    ] = None,
    output: Annotated[Plain, typer.Option("-o", "--output", help="Form of the journey.")] = Plain.TABLE,
    seed: common.Seed = None,
    duration: common.Duration = None,
    engine: common.Engine = "reference",
) -> None:
    """Print one request's journey, stage by stage, or what an unanswered one sent.

    Of a bulk stream that ended, by its size or its duration, it is the journey of the last burst that was received; of
    one without end, what was sent. Datagrams are counted, not followed.
    """
    options = common.options_of(engine=engine, seed=seed, duration=duration, jobs=1)
    program, records = _ran(file, variant, options)
    row = _row(program, records, (traffic, request, percentile))
    shown = _answered if records.requests.outcome[row] == 0 else _unanswered
    emit(shown(program, records, row, output))


def _answered(program: "Program", records: "Records", row: int, output: Plain) -> str:
    from netsim.analysis.journey import journey
    from netsim.report import passage

    steps = journey(program, records, row)
    if output is not Plain.TABLE:
        return serialised(list(passage.rows(steps)), output)
    took = (int(records.requests.completed[row]) - int(records.requests.intended[row])) / 1e6
    end, which = ("received", ": its last burst") if _bulk(program, records, row) else ("answered", "")
    head = _head(program, records, row, f"{end} in {took:,.3f} µs{which}")
    return rendered(lambda console: passage.draw(head, steps, console, end))


def _unanswered(program: "Program", records: "Records", row: int, output: Plain) -> str:
    from netsim.report import unanswered

    known = unanswered.fate(program, records, row)
    if output is not Plain.TABLE:
        return serialised(known, output)
    end = "unfinished at the end of the run" if known["outcome"] == "unfinished" else f"failed: {known['outcome']}"
    if _bulk(program, records, row) and known["outcome"] == "unfinished":
        end += ": only a stream that ends, by size or duration, has a journey"
    head = _head(program, records, row, end)
    return rendered(lambda console: unanswered.draw(head, known, console))


def _ran(file: Path, variant: str | None, options: Any) -> "tuple[Program, Records]":
    from netsim import engines
    from netsim.experiment.options import applied
    from netsim.lowering import lower

    study = common.loaded(file)
    names = [one.variant for one in study.variants]
    chosen = applied(study.variants[_known("variant", variant, names)], options)
    program = lower(chosen, chosen.run.seed)
    return program, engines.run(program, engine=options.engine)


def _known(what: str, wanted: str | None, names: list[str]) -> int:
    from netsim.errors import UsageError, nearest

    if wanted is None:
        return 0
    if wanted not in names:
        raise UsageError(f"there is no {what} '{wanted}'", nearest(wanted, names))
    return names.index(wanted)


def _row(program: "Program", records: "Records", wanted: tuple[str | None, int | None, float]) -> int:
    """The request's row in the table of requests; raises UsageError where there is none."""
    import numpy as np

    from netsim.errors import UsageError
    from netsim.program import TrafficKind

    name, number, percentile = wanted
    names = list(program.names.traffic)
    traffic = _first(program, records) if name is None else _known("traffic", name, names)
    if program.traffic.kind[traffic] == TrafficKind.DATAGRAMS:
        told = f"the datagrams of {program.names.traffic[traffic]} are counted, none is followed"
        raise UsageError(told, "`netsim run` tells their delay, jitter and losses")
    if number is None and program.traffic.kind[traffic] == TrafficKind.BULK:
        number = _stream(records, traffic)
    if number is None:
        return _at(program, records, traffic, percentile)
    table = records.requests
    found = np.flatnonzero((table.traffic == traffic) & (table.index == number))
    if not len(found):
        count = int((table.traffic == traffic).sum())
        raise UsageError(f"there is no request {number}", f"{program.names.traffic[traffic]} has {count:,}, from 0")
    return int(found[0])


def _first(program: "Program", records: "Records") -> int:
    """The first traffic of which something was answered, or received in full; else the first that is followed."""
    from netsim.program import TrafficKind

    answered = records.requests.traffic[records.requests.outcome == 0].tolist()
    followed = [row for row, kind in enumerate(program.traffic.kind.tolist()) if kind != TrafficKind.DATAGRAMS]
    return min(answered, default=followed[0] if followed else 0)


def _stream(records: "Records", traffic: int) -> int | None:
    """The first bulk stream where none has ended: what it sent is known nevertheless."""
    from netsim.analysis.window import answered

    return None if len(answered([records], traffic, 0).row) else 0


def _bulk(program: "Program", records: "Records", row: int) -> bool:
    from netsim.program import TrafficKind

    return bool(program.traffic.kind[records.requests.traffic[row]] == TrafficKind.BULK)


def _at(program: "Program", records: "Records", traffic: int, percentile: float) -> int:
    """The row of the answered request at a percentile of latency; raises UsageError where none was answered."""
    from netsim.analysis.latency import rank
    from netsim.analysis.window import answered
    from netsim.errors import UsageError

    sample = answered([records], traffic, 0)
    if not len(sample.row):
        told = f"no request of {program.names.traffic[traffic]} was answered"
        raise UsageError(told, "See what one of them sent: --request 0. Or run longer: --duration")
    return int(sample.row[rank(len(sample.row), round(percentile * 10_000))])


def _head(program: "Program", records: "Records", row: int, end: str) -> str:
    table, names = records.requests, program.names
    ends = " → ".join(names.endpoints[int(party)] for party in (table.client[row], table.server[row]) if party >= 0)
    what = f"{'stream' if _bulk(program, records, row) else 'request'} {table.index[row]}"
    seen = _seen(program, records, row)
    return f"{names.traffic[int(table.traffic[row])]} {what}   {ends}   {program.variant}   {end}{seen}"


def _seen(program: "Program", records: "Records", row: int) -> str:
    """Whose address the server sees, where it is not its client's."""
    from netsim.analysis.sources import source_seen

    table = records.requests
    call, server = int(program.traffic.call[table.traffic[row]]), int(table.server[row])
    seen, own = source_seen(program, call, int(table.client[row]), server)
    return "" if seen == own else f"   the server sees a {seen}'s address"
