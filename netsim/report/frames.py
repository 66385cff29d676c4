"""Tables of a result as pandas frames: one row per fact, the columns that results/README.md names."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

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
    "stations": (
        "name", "role", "place", "utilisation", "mean_wait_us", "max_backlog", "drops", "visits",
    ),
    "breakdown": ("traffic", "percentile", "stage", "place", "wait_us", "work_us", "wait_ps", "work_ps"),
    "ledger": ("what", "bursts"),
}  # fmt: skip


def tables(result: Result) -> dict[str, pd.DataFrame]:
    """The frames ``latency``, ``stations``, ``breakdown`` and ``ledger``."""
    return {name: _frame(name, rows(result, name)) for name in COLUMNS}


def rows(result: Result, table: str) -> Iterator[Row]:
    """The rows of one table over all variants."""
    for variant in result["variants"]:
        keys = {"scenario": result["scenario"], "seed": result["seed"], "variant": variant["name"]}
        keys |= {key: variant[key] for key in ("cni", "mode", "proxy")}
        yield from (keys | row for row in _ROWS[table](variant))


def _frame(name: str, found: Iterator[Row]) -> pd.DataFrame:
    columns = [*KEYS, *COLUMNS[name]]
    return pd.DataFrame([[cell(row[column]) for column in columns] for row in found], columns=columns, dtype=object)


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


def _ledger(variant: Result) -> Iterator[Row]:
    book = variant["ledger"]
    yield from ({"what": what, "bursts": book[what]} for what in ("sent", "delivered", "in_flight"))
    yield from ({"what": f"dropped: {reason}", "bursts": count} for reason, count in book["dropped"].items())


_ROWS = {
    "latency": _latency,
    "stations": lambda variant: iter(variant["stations"]),
    "breakdown": lambda variant: iter(variant["breakdown"]),
    "ledger": _ledger,
}
