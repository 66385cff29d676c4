"""JSON lines of flow logs, each parsed alone; one that is broken is told with its line."""

import json
from collections.abc import Iterator

from netsim.errors import Position
from netsim.importing.inputs import refusal
from netsim.importing.shapes import Data

SHOWN = 40


def json_lines(content: str, name: str) -> Iterator[Data]:
    """The mappings of a text with one JSON object per line; raises ScenarioError at the first broken line."""
    for number, line in enumerate(content.splitlines(), start=1):
        if not line or line.isspace():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            hint = "One JSON object per line is expected."
            raise refusal(Position(name, number, 1), f"this is not JSON: {line.strip()[:SHOWN]!r}", hint) from None
        if isinstance(found, dict):
            yield found
