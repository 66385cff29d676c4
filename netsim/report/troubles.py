"""What did not get through: overload, requests without an answer, and where frames were dropped."""

from collections.abc import Iterator, Mapping
from typing import Any

from netsim.analysis.rounding import counted

Result = Mapping[str, Any]

LOSSES = 3  # places that dropped, told of each variant; all are in stations.csv
NEGLIGIBLE = 0.01  # share of the requests that may be under way when a run ends without a word about it


def troubles(variant: Result) -> Iterator[str]:
    """A sentence, without its full stop, on each traffic in trouble, and one on what was dropped."""
    for traffic in variant["traffic"]:
        if traffic["unstable"]:
            yield f"{variant['name']}: {traffic['unstable']}; no latency is given"
        elif waiting := unanswered(traffic):
            noun, left = ("stream", "unfinished") if traffic["kind"] == "bulk" else ("request", "unanswered")
            noun += "s" * (traffic["issued"] != 1)
            yield f"{variant['name']}: {waiting} {noun} of {traffic['name']} {left} at the end"
        if traffic["kind"] == "bulk" and traffic["failed"]:
            reasons = ", ".join(traffic["failures"])
            count = counted(traffic["issued"], "stream")
            told = f"{traffic['failed']:,} of {count} of {traffic['name']} failed: {reasons}"
            yield f"{variant['name']}: {told}"
        yield from (f"{variant['name']}: {told}" for told in traffic.get("notices", ()))
    if lost := [loss["sentence"] for loss in variant["losses"]]:
        more = f"; and {len(lost) - LOSSES} more" if len(lost) > LOSSES else ""
        yield f"{variant['name']}: {'; '.join(lost[:LOSSES])}{more}"


def unanswered(traffic: Result) -> str:
    """How many of a traffic's requests, or streams with a size, were under way at the end; "" where that is
    negligible."""
    if traffic["kind"] == "datagrams" or not traffic.get("sized", True):
        return ""
    waiting, issued = traffic["in_flight"], traffic["issued"]
    return f"{waiting:,} of {issued:,}" if waiting > NEGLIGIBLE * issued else ""
