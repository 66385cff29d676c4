"""What all variants of a comparison share, and what several of them are told in one notice."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from netsim.errors import Problem, quote
from netsim.model.cluster import Scenario
from netsim.model.load import Bulk, ClosedLoop, Datagrams, OpenLoop, Transactions
from netsim.scenario.validation import Source

# What is told of a traffic depends on this.
ANSWERS: dict[type, str] = {
    OpenLoop: "requests",
    ClosedLoop: "requests",
    Bulk: "bulk",
    Datagrams: "datagrams",
    Transactions: "transactions",
}


def unlike(variants: Sequence[tuple[Scenario, Source]]) -> Iterator[Problem]:
    """Traffics that are others than those of the first variant; each variant comes with its entry of ``compare``."""
    if not variants:
        return
    first = variants[0][0]
    names = [traffic.name for traffic in first.traffic]
    for scenario, entry in variants[1:]:
        if [traffic.name for traffic in scenario.traffic] != names:
            message = f"its traffics are not {', '.join(names)}, as in variant {quote(first.variant)}"
            yield _problem(scenario, entry, "traffic", message)
            continue
        for mine, theirs in zip(scenario.traffic, first.traffic, strict=True):
            kind, other = ANSWERS[type(mine.load)], ANSWERS[type(theirs.load)]
            if kind != other:
                message = f"it is {kind} here and {other} in variant {quote(first.variant)}"
                yield _problem(scenario, entry, f"traffic.{mine.name}", message)


def _problem(scenario: Scenario, entry: Source, path: str, message: str) -> Problem:
    """A problem of a variant, told at the key of its ``set`` that changes what ``path`` leads to."""
    changes = entry.root["spec"]["compare"][entry.steps[-1]].get("set", {})  # type: ignore[call-overload]
    near = (key for key in changes if key == "traffic" or f"{key}.".startswith(f"{path}."))
    key = next(near, None)
    place = entry.at("name") if key is None else entry.at("set", key)
    hint = "Results are compared traffic by traffic: write a file for each."
    return replace(place.problem(message, hint, key=True), path=f"compare.{scenario.variant}: {path}")


def together(told: Sequence[tuple[str, Problem]], count: int) -> Iterator[Problem]:
    """Notices of variants, the same one only once; where not all ``count`` variants have it, with their names."""
    variants: dict[Problem, list[str]] = {}
    for name, notice in told:
        variants.setdefault(notice, []).append(name)
    for notice, names in variants.items():
        path = f"compare.{', '.join(names)}: {notice.path}"
        yield notice if len(names) == count else replace(notice, path=path)
