"""How a variant differs from the baseline in one number, with the interval of the paired differences."""

from collections.abc import Mapping
from typing import Any

from netsim.report.text import number, signed

Result = Mapping[str, Any]


def change(result: Result, variant: str, pointer: str) -> str:
    """In percent of the baseline; ``~`` before what may be chance, a dash where there is nothing to compare."""
    if variant == result["baseline"]:
        return ""
    for one in result["comparison"]:
        if (one["variant"], one["of"]) == (variant, pointer):
            if one["low"] is None:
                return signed(one["percent"], " %")
            before = 100 * one["difference"] / one["percent"] if one["percent"] else 0.0
            half = 50 * (one["high"] - one["low"]) / before if before else 0.0
            chance = "~" if one["low"] <= 0 <= one["high"] else ""
            return f"{chance}{signed(one['percent'])} ± {number(half, 2)} %"
    return "–"
