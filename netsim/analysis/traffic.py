"""One traffic's answer: counts, throughput and times, in the shape that its kind has."""

from collections.abc import Sequence

from netsim.analysis import bulk, datagrams
from netsim.analysis.doubts import doubts, measured_s
from netsim.analysis.goodput import kind, sized, timeline
from netsim.analysis.latency import distribution, spectrum, withheld
from netsim.analysis.machines import ends
from netsim.analysis.rounding import rounded
from netsim.analysis.streams import stream_limit
from netsim.analysis.throughput import counts, throughput
from netsim.analysis.way import wire_rate
from netsim.analysis.window import answered, connects
from netsim.program import Program, TrafficKind
from netsim.records import Column, Records

Summary = dict[str, object]
Of = tuple[int, int]  # row of the traffic, and the cut in ps

UNOPENED = "no connection was opened in the measured window"


def traffic(program: Program, runs: Sequence[Records], of: Of, unsteady: str) -> Summary:
    """Everything that a result says of one traffic."""
    row, _ = of
    told = {
        TrafficKind.BULK: _bulk,
        TrafficKind.DATAGRAMS: _datagrams,
        TrafficKind.REQUESTS: _requests,
        TrafficKind.TRANSACTIONS: _requests,
    }[kind(program, row)]
    head = {"name": program.names.traffic[row], "kind": kind(program, row).name.lower()}
    return head | told(program, runs, of, unsteady) | {"timeline": timeline(program, runs, row)}


def _requests(program: Program, runs: Sequence[Records], of: Of, unsteady: str) -> Summary:
    row, cut = of
    sample = answered(runs, row, cut)
    handshakes = connects(runs, sample)

    def told(times: Column, nothing: str) -> Summary:
        return withheld(len(times), unsteady) if unsteady else distribution(times, nothing)

    return {
        **counts(runs, row, cut),
        "latency_us": told(sample.latency, "nothing completed"),
        **throughput(runs, row, (cut, program.duration)),
        "connect_us": told(handshakes, UNOPENED),
        "spectrum": [] if unsteady else spectrum(sample.latency),
        "unstable": unsteady,
    }


def _bulk(program: Program, runs: Sequence[Records], of: Of, _: str) -> Summary:
    """A stream with a size counts whole: the warm-up is a part of its time."""
    row, cut = of
    sample = answered(runs, row, 0)
    rate = throughput(runs, row, (0, program.duration))["throughput_rps"] if sized(program, row) else 0.0
    return {
        **bulk.counts(runs, row),
        "latency_us": bulk.times(runs, program, row),
        "throughput_rps": rate,
        **bulk.bulk(program, runs, row, cut),
        "sized": sized(program, row),
        "connect_us": distribution(connects(runs, sample), UNOPENED),
        "spectrum": spectrum(sample.latency) if sized(program, row) else [],
        "unstable": "",
        **ends(program, runs, row, cut),
        "measured_s": measured_s(program, runs, row, cut),
        "wire_gbps": rounded(wire_rate(program, runs, row) / 1e9),
        "notices": doubts(program, runs, row, cut),
        "limiting": stream_limit(program, runs, row, cut),
    }


def _datagrams(program: Program, runs: Sequence[Records], of: Of, _: str) -> Summary:
    row, cut = of
    told = datagrams.datagrams(program, runs, row, cut)
    return {
        **datagrams.counts(runs, row),
        "latency_us": datagrams.times(runs, row),
        "throughput_rps": told["packets_per_second"],
        **told,
        "connect_us": withheld(0, "datagrams need no connection"),
        "spectrum": [],
        "unstable": "",
        **ends(program, runs, row, cut),
        "measured_s": measured_s(program, runs, row, cut),
        "wire_gbps": rounded(wire_rate(program, runs, row) / 1e9),
        "notices": doubts(program, runs, row, cut),
        "limiting": stream_limit(program, runs, row, cut),
    }
