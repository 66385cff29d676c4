"""What did not get through: overload, requests without an answer, and where frames were dropped."""

from collections.abc import Iterator, Mapping
from typing import Any

Result = Mapping[str, Any]

LOSSES = 3  # places that dropped, told of each variant; all are in stations.csv
NEGLIGIBLE = 0.01  # share of the requests that may be under way when a run ends without a word about it


def troubles(variant: Result) -> Iterator[str]:
    """A sentence, without its full stop, on each traffic in trouble, and one on what was dropped."""
    for traffic in variant["traffic"]:
        if traffic["unstable"]:
            yield f"{variant['name']}: {traffic['unstable']}; no latency is given"
        elif waiting := unanswered(traffic):
            yield f"{variant['name']}: {waiting} requests of {traffic['name']} unanswered at the end"
    if lost := [loss["sentence"] for loss in variant["losses"]]:
        more = f"; and {len(lost) - LOSSES} more" if len(lost) > LOSSES else ""
        yield f"{variant['name']}: {'; '.join(lost[:LOSSES])}{more}"


def unanswered(traffic: Result) -> str:
    """How many of a traffic's requests were under way at the end; "" where that is negligible."""
    waiting, issued = traffic["in_flight"], traffic["issued"]
    return f"{waiting:,} of {issued:,}" if waiting > NEGLIGIBLE * issued else ""
