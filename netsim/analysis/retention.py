"""Retention: Records slimmed to what a summary needs, since all steps would fill the memory."""

from dataclasses import fields, replace

import numpy as np

from netsim.records import Column, Log, Records, Steps, Transfers

# Ranks, in ppm, of the requests whose steps are kept: wider than the band of breakdown.py, since the warm-up, which
# moves ranks, is cut later.
KEPT = ((450_000, 550_000), (985_000, 995_000))


def slim(records: Records) -> Records:
    """``records`` without its log, and with the steps of those requests only that may stand at p50 or p99.

    The digest stays the same only while transfers are kept; take it before.
    """
    table = records.requests
    kept = candidates(records)
    counts = np.where(kept, table.steps, 0)
    first = np.cumsum(counts) - counts
    rows = np.repeat(table.first_step - first, counts) + np.arange(int(counts.sum()))
    steps = Steps(*(getattr(records.steps, field.name)[rows] for field in fields(Steps)))
    nothing = np.zeros(0, dtype=np.int64)
    return replace(
        records,
        requests=replace(table, first_step=first, steps=counts),
        transfers=Transfers(*(nothing for _ in fields(Transfers))),
        steps=steps,
        log=Log(*(nothing for _ in fields(Log))),
    )


def candidates(records: Records) -> Column:
    """Whether each request's steps are kept: its latency is near p50 or p99 of its own run."""
    table = records.requests
    kept = np.zeros(len(table.traffic), dtype=bool)
    for traffic in np.unique(table.traffic):
        rows = np.flatnonzero((table.traffic == traffic) & (table.outcome == 0))
        ordered = rows[np.argsort(table.completed[rows] - table.intended[rows], kind="stable")]
        for low, high in KEPT:
            kept[ordered[len(rows) * low // 1_000_000 : -(-len(rows) * high // 1_000_000)]] = True
    return kept
