"""Comparison: intervals over replications, and differences between variants paired by seed."""

from collections.abc import Mapping, Sequence
from typing import Any

from netsim.analysis.rounding import mean, rounded
from netsim.analysis.student import interval

Variant = Mapping[str, Any]


def intervals(replicates: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """The 95 % Student interval of each value, by its JSON pointer; none for a single replication."""
    return {
        pointer: [rounded(edge) for edge in interval(values)]
        for pointer, values in replicates.items()
        if len(values) > 1
    }


def differences(variants: Sequence[Variant], baseline: str) -> list[dict[str, object]]:
    """How every variant differs from ``baseline`` in each value that both have.

    Replication r of all variants shares its seed, so their differences are taken replication by replication;
    ``low`` and ``high`` are the 95 % interval (null for one replication), ``percent`` the change of the mean.
    """
    [base] = [variant for variant in variants if variant["name"] == baseline]
    return [
        {"variant": variant["name"], "baseline": baseline} | row
        for variant in variants
        if variant is not base
        for row in _paired(base["replicates"], _alike(base, variant))
    ]


def _alike(base: Variant, other: Variant) -> dict[str, Sequence[float]]:
    """The values of ``other`` but for those of a traffic that is of another kind, or not there, in ``base``."""
    known = {(row, one["name"], one["kind"]) for row, one in enumerate(base.get("traffic", ()))}
    strange = tuple(
        f"/traffic/{row}/"
        for row, one in enumerate(other.get("traffic", ()))
        if (row, one["name"], one["kind"]) not in known
    )
    return {pointer: values for pointer, values in other["replicates"].items() if not pointer.startswith(strange)}


def _paired(base: Mapping[str, Sequence[float]], other: Mapping[str, Sequence[float]]) -> list[dict[str, object]]:
    rows = []
    for pointer, values in other.items():
        if len(reference := base.get(pointer, ())) != len(values):
            continue
        deltas = [mine - theirs for mine, theirs in zip(values, reference, strict=True)]
        change, before = mean(deltas), mean(reference)
        low, high = interval(deltas) if len(deltas) > 1 else (None, None)
        rows.append(
            {
                "of": pointer,
                "difference": rounded(change),
                "percent": rounded(100 * change / before) if before else None,
                "low": None if low is None else rounded(low),
                "high": None if high is None else rounded(high),
            }
        )
    return rows
