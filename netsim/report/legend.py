"""What the columns about cores mean, of which time and of which machines, in a line each."""

from collections.abc import Iterator, Mapping
from typing import Any

from netsim.report.streams import streaming

Result = Mapping[str, Any]


def legend(result: Result) -> Iterator[str]:
    """Only what the report of this result needs."""
    every = [traffic for variant in result["variants"] for traffic in variant["traffic"]]
    streams = [traffic for traffic in every if streaming(traffic)]
    if streams:
        yield (
            "Cores, cores per Gbit/s and cycles per B are of the machines at both ends, whatever they did, in the "
            "time in which Gbit/s was measured; a link's or core's share in a sentence on streams is of that time "
            "too, all other shares are of the whole run."
        )
    if shared := {traffic["name"]: traffic["shared_with"] for traffic in streams if traffic["shared_with"]}:
        pairs = "; ".join(f"{name} with {', '.join(others)}" for name, others in shared.items())
        yield f"Machines are shared, and their cores' work told of each: {pairs}."
    if any(traffic.get("sized") for traffic in streams):
        yield "Streams with a size count from their start to their end: their Gbit/s are not those of the window."
