"""What network policies kept out, for the terminal: opening packets denied, by policy and variant."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from netsim.report.pieces import label, plain, table, titled

Result = Mapping[str, Any]
POLICIES = 8  # rows of each variant; all are in the result


def denied(result: Result) -> Iterator[RenderableType]:
    """A table of the policies that denied anything, nothing where none did."""
    made = table("variant", "policies that isolate", "opening packets denied", left=2)
    for variant in result["variants"]:
        rows = variant.get("denied", ())
        for place, row in enumerate(rows[:POLICIES]):
            made.add_row(label("" if place else variant["name"]), plain(row["rule"]), Text(f"{row['packets']:,}"))
        if more := sum(row["packets"] for row in rows[POLICIES:]):
            made.add_row(Text(""), Text(f"{len(rows) - POLICIES} more"), Text(f"{more:,}"))
    if made.row_count:
        yield titled("denied by network policies", made)
