"""Tables of a result as pandas frames: one row per fact, the columns that results/README.md names."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from netsim.analysis.machines import USES
from netsim.report.streams import streaming
from netsim.report.text import cell

Result = Mapping[str, Any]
Row = dict[str, Any]

KEYS = ("scenario", "seed", "variant", "cni", "mode", "proxy")
COLUMNS = {
    "latency": (
        "traffic", "kind", "issued", "completed", "failed", "in_flight",
        "throughput_rps", "goodput_gbps",
        "mean_us", "p50_us", "p90_us", "p95_us", "p99_us", "p99.9_us", "max_us",
        "samples",
        "p50_low_us", "p50_high_us", "p99_low_us", "p99_high_us",
        "connect_mean_us", "replications", "unstable",
    ),
    "throughput": (
        "traffic", "kind", "goodput_gbps", "goodput_low_gbps", "goodput_high_gbps",
        "streams", "jain", "retransmitted_bytes", "retransmitted_share", "timeouts", "recoveries",
        "offered", "sent", "received", "unsent", "loss_share", "losses", "packets_per_second",
        "jitter_us", "delay_mean_us", "delay_min_us", "delay_max_us",
        *(f"{side}_{use}_cores" for side in ("sender", "receiver") for use in USES),
        "cores_per_gbps", "cycles_per_byte", "shared_with", "measured_from_s", "measured_to_s",
        "replications", "limiting",
    ),
    "timeline": ("traffic", "kind", "from_s", "to_s", "goodput_gbps"),
    "happened": ("at_s", "kind", "subject", "what"),
    "intervals": (
        "traffic", "from_s", "to_s", "issued", "answered", "failed", "failures", "in_flight",
        "p50_us", "p99_us", "max_us",
    ),
    "machines": ("name", "cores", *(f"{use}_cores" for use in USES)),
    "stations": (
        "name", "role", "place", "utilisation", "mean_wait_us", "max_backlog", "drops", "visits",
    ),
    "breakdown": ("traffic", "percentile", "stage", "place", "wait_us", "work_us", "wait_ps", "work_ps"),
    "ledger": ("what", "bursts"),
}  # fmt: skip

EVENTS = ("happened", "intervals")
"""Tables that most results have no rows for."""


def tables(result: Result) -> dict[str, pd.DataFrame]:
    """A frame per name in COLUMNS."""
    return {name: _frame(name, rows(result, name)) for name in COLUMNS}


def rows(result: Result, table: str) -> Iterator[Row]:
    """The rows of one table over all variants."""
    for variant in result["variants"]:
        keys = {"scenario": result["scenario"], "seed": result["seed"], "variant": variant["name"]}
        keys |= {key: variant[key] for key in ("cni", "mode", "proxy")}
        yield from (keys | row for row in _ROWS[table](variant | {"run": result["run"]}))


def _frame(name: str, found: Iterator[Row]) -> pd.DataFrame:
    columns = [*KEYS, *COLUMNS[name]]
    return pd.DataFrame([[cell(row.get(column)) for column in columns] for row in found], columns=columns, dtype=object)


def _latency(variant: Result) -> Iterator[Row]:
    for number, traffic in enumerate(variant["traffic"]):
        times, row = (
            traffic["latency_us"],
            {key: value for key, value in traffic.items() if key in COLUMNS["latency"]},
        )
        row |= {f"{name}_us": times[name] for name in ("mean", "p50", "p90", "p95", "p99", "p99.9", "max")}
        for name in ("p50", "p99"):
            low, high = variant["intervals"].get(f"/traffic/{number}/latency_us/{name}", (None, None))
            row |= {f"{name}_low_us": low, f"{name}_high_us": high}
        yield row | {
            "traffic": traffic["name"],
            "samples": times["samples"],
            "connect_mean_us": traffic["connect_us"]["mean"],
            "replications": variant["replications"],
        }


def _throughput(variant: Result) -> Iterator[Row]:
    """A row per traffic of streams; a cell of what the other kind of streams has is empty."""
    for number, traffic in enumerate(variant["traffic"]):
        if not streaming(traffic):
            continue
        low, high = variant["intervals"].get(f"/traffic/{number}/goodput_gbps", (None, None))
        row = {key: value for key, value in traffic.items() if key in COLUMNS["throughput"]}
        row |= {"goodput_low_gbps": low, "goodput_high_gbps": high}
        row |= {f"{side}_{name}": value for side, used in traffic["cpu"].items() for name, value in used.items()}
        row |= {f"delay_{name}_us": value for name, value in traffic.get("delay_us", {}).items()}
        yield row | {
            "traffic": traffic["name"],
            "streams": len(traffic["streams"]) if "streams" in traffic else None,
            "losses": "; ".join(f"{reason} {count}" for reason, count in traffic.get("losses", {}).items()),
            "measured_from_s": traffic["measured_s"][0],
            "measured_to_s": traffic["measured_s"][1],
            "shared_with": "; ".join(traffic["shared_with"]),
            "replications": variant["replications"],
            "limiting": traffic["limiting"]["sentence"],
        }


def _timeline(variant: Result) -> Iterator[Row]:
    duration = variant["run"]["duration_s"]
    for traffic in variant["traffic"]:
        parts = len(traffic["timeline"])
        for part, rate in enumerate(traffic["timeline"]):
            begin, end = (float(f"{duration * edge / parts:.6g}") for edge in (part, part + 1))
            row = {"traffic": traffic["name"], "kind": traffic["kind"], "goodput_gbps": rate}
            yield row | {"from_s": begin, "to_s": end}


def _intervals(variant: Result) -> Iterator[Row]:
    for part in variant.get("timeline", {}).get("intervals", ()):
        yield part | {"failures": "; ".join(f"{reason} {count}" for reason, count in part["failures"].items())}


def _ledger(variant: Result) -> Iterator[Row]:
    book = variant["ledger"]
    yield from ({"what": what, "bursts": book[what]} for what in ("sent", "delivered", "in_flight"))
    yield from ({"what": f"dropped: {reason}", "bursts": count} for reason, count in book["dropped"].items())


_ROWS = {
    "latency": _latency,
    "throughput": _throughput,
    "timeline": _timeline,
    "happened": lambda variant: iter(variant.get("timeline", {}).get("events", ())),
    "intervals": _intervals,
    "machines": lambda variant: iter(variant["machines"]),
    "stations": lambda variant: iter(variant["stations"]),
    "breakdown": lambda variant: iter(variant["breakdown"]),
    "ledger": _ledger,
}
