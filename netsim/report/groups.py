"""Traffic by traffic, and of each only those variants beside each other under which it is of one kind."""

from collections.abc import Iterator, Mapping
from typing import Any

Result = Mapping[str, Any]


def groups(result: Result) -> Iterator[tuple[int, Result]]:
    """The row of each traffic, with the result as if it had only the variants in which that row is of one name and
    kind; the baseline is the result's where it is among them, else the first, with which nothing was compared."""
    variants = result["variants"]
    for row in range(max(len(variant["traffic"]) for variant in variants)):
        found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for variant in variants:
            if row < len(variant["traffic"]):
                traffic = variant["traffic"][row]
                found.setdefault((traffic["name"], traffic["kind"]), []).append(variant)
        for alike in found.values():
            names = [variant["name"] for variant in alike]
            base = result["baseline"] if result["baseline"] in names else names[0]
            compared = [one for one in result["comparison"] if one["baseline"] == base and one["variant"] in names]
            yield row, {**result, "variants": alike, "baseline": base, "comparison": compared}


def kinds(result: Result) -> set[str]:
    """The kinds of traffic under any variant."""
    return {traffic["kind"] for variant in result["variants"] for traffic in variant["traffic"]}
