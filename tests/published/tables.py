"""The comparison as a table per group of rows, a table of totals, and a list of what was not reproduced."""

import csv
import io
from collections.abc import Callable, Sequence

from tests.published.beds import BEDS, HARDWARE, setup
from tests.published.facts import Fact, Role, Setup
from tests.published.orderings import Ordering, count, orderings
from tests.published.predictions import Answer

Answers = dict[Setup, Answer]

HEAD = """\
# Published orderings

Every pair of published values of one test bed, test and path that differ by more than 5 % and by more than their
spread, and whether netsim predicts the same order, by more than 1 %. Costs come from the per-hop tables. Of a test bed
only its hardware, MTUs and clock are told; nothing is fitted, and all kernels cost the same. Rows marked `calibration`
are no predictions: a cost was taken from them, or from the CPU use of the same run. Rows marked `doubtful` are
contradicted by their own source. Pairs of two calibration rows, and pairs with a doubtful row, are counted apart.
"""


def whole(facts: Sequence[Fact], answers: Answers) -> str:
    """Everything, as Markdown."""
    groups = dict.fromkeys(fact.group for fact in facts)
    tables = [_group([fact for fact in facts if fact.group == group], answers) for group in groups]
    return "\n".join([HEAD, totals(facts, answers), "## Rows", "", *tables, _failures(facts, answers)])


def totals(facts: Sequence[Fact], answers: Answers) -> str:
    """Reproduced and all orderings by test bed, by test, and altogether."""
    found = orderings(facts)
    ways: list[tuple[str, Callable[[Ordering], str]]] = [
        ("test bed", lambda one: one.larger.bed),
        ("test", lambda one: one.larger.test),
        ("path", lambda one: one.larger.path),
        ("predicted limit", lambda one: _limit(one, answers)),
    ]
    lines = ["## Totals", "", "| of | predictions | calibration | doubtful |", "| --- | ---: | ---: | ---: |"]
    for name, of in ways:
        keys = dict.fromkeys(map(of, found))
        lines += [_total(f"{name} {key}", [one for one in found if of(one) == key], answers) for key in keys]
    return "\n".join([*lines, _total("**all**", found, answers), "", sizes(facts, answers), ""])


def _limit(one: Ordering, answers: Answers) -> str:
    roles = {answers[setup(fact)].role for fact in (one.larger, one.smaller)}
    return "a link in both: arithmetic of headers" if roles == {"link"} else "something else in one or both"


def sizes(facts: Sequence[Fact], answers: Answers) -> str:
    """How far the rows that are predictions are from what was measured."""
    ratios = [answers[setup(fact)].value / fact.value for fact in facts if fact.role is Role.PREDICTION]
    near, far = (sum(1 / within <= ratio <= within for ratio in ratios) for within in (1.25, 2))
    return f"Of {len(ratios)} rows that are predictions {near} are within a factor of 1.25, {far} within 2."


def _total(name: str, found: Sequence[Ordering], answers: Answers) -> str:
    parts = [[one for one in found if one.role == role] for role in Role]
    cells = [f"{done} of {of}" if of else "" for done, of in (count(part, predicted(part, answers)) for part in parts)]
    return f"| {name} | {' | '.join(cells)} |"


def predicted(found: Sequence[Ordering], answers: Answers) -> dict[Fact, float]:
    """The predictions of all rows of some orderings."""
    return {fact: answers[setup(fact)].value for one in found for fact in (one.larger, one.smaller)}


def _group(facts: Sequence[Fact], answers: Answers) -> str:
    bed = BEDS[facts[0].bed]
    found = orderings(facts)
    lines = [
        f"### {facts[0].bed}, {facts[0].test}, to a {facts[0].path}",
        "",
        f"{HARDWARE[bed.hardware].told}, kernel {bed.kernel}. Source: {facts[0].source}, {bed.url}. {facts[0].unit}.",
        "",
        "| configuration | role | measured | least to most | predicted | ratio | orderings |",
        "| --- | --- | ---: | --- | ---: | ---: | ---: |",
    ]
    for fact in sorted(facts, key=lambda one: -one.value):
        value = answers[setup(fact)].value
        mine = [one for one in found if fact in (one.larger, one.smaller)]
        done, of = count(mine, predicted(mine, answers))
        spread = f"{number(fact.low)} to {number(fact.high)}"
        cells = [fact.label, fact.role, number(fact.value), spread, number(value), f"{value / fact.value:.2f}"]
        lines.append(f"| {' | '.join(cells)} | {f'{done} of {of}' if of else ''} |")
    done, of = count(found, predicted(found, answers))
    return "\n".join([*lines, "", f"{done} of {of} orderings reproduced." if of else "No ordering.", ""])


def _failures(facts: Sequence[Fact], answers: Answers) -> str:
    found = orderings(facts)
    values = predicted(found, answers)
    lines = ["## Not reproduced", "", "| test bed | test | path | larger | smaller | measured | predicted | role |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for one in found:
        if one.reproduced(values):
            continue
        larger, smaller = one.larger, one.smaller
        measured = f"{number(larger.value)} > {number(smaller.value)}"
        told = f"{number(values[larger])}, {number(values[smaller])}"
        cells = [*larger.group, larger.label, smaller.label, measured, told, one.role]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def number(value: float) -> str:
    """Three digits, or whole with thousands separated."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def rows(facts: Sequence[Fact], answers: Answers) -> str:
    """Every fact with its prediction and what limited it there, as CSV."""
    found = orderings(facts)
    names = ("source", "bed", "test", "path", "metric", "unit", "config", "published_as", "nic_mtu", "pod_mtu", "role")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    results = ("measured", "low", "high", "runs", "predicted", "ratio", "pairs", "reproduced", "limit", "note")
    writer.writerow([*names, *results])
    for fact in facts:
        told = answers[setup(fact)]
        mine = [one for one in found if fact in (one.larger, one.smaller)]
        done, of = count(mine, predicted(mine, answers))
        head = [getattr(fact, name) for name in names]
        tail = [round(told.value, 4), round(told.value / fact.value, 4), of, done, told.limit, fact.note]
        writer.writerow([*head, fact.value, fact.low, fact.high, fact.runs, *tail])
    return text.getvalue()
