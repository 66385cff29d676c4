"""Figures of streams: goodput over time, and the cores that carry it, by what they do."""

from collections.abc import Mapping, Sequence
from math import inf
from statistics import fmean
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from netsim.errors import clean
from netsim.report.style import figure, line
from netsim.report.text import number, short

Result = Mapping[str, Any]

_COUNTS = (25, 20, 10, 5)  # points of a curve over time; a run has 100 parts

# Of the palette of style.py; those that are alike in grey are hatched.
USES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("application", "application", {"facecolor": "#E69F00", "hatch": ""}),
    ("system", "system calls and kernel threads", {"facecolor": "#56B4E9", "hatch": "///"}),
    ("softirq", "softirq", {"facecolor": "#0072B2", "hatch": ""}),
    ("daemon", "user-space tunnel", {"facecolor": "#CC79A7", "hatch": "..."}),
)


def goodput(result: Result, row: int) -> Figure:
    """Gbit/s delivered in each part of the run, a curve per variant; what the warm-up cut leaves out is shaded."""
    variants, run = result["variants"], result["run"]
    drawn = figure(9.5, max(4.2, 0.24 * len(variants)))
    axes = drawn.subplots()
    for order, variant in enumerate(variants):
        rates = curve(variant["traffic"][row])
        edges = [run["duration_s"] * part / len(rates) for part in range(len(rates) + 1)]
        look = line(order) | {"marker": ""}
        axes.plot(edges, [rates[0], *rates], drawstyle="steps", label=short(clean(variant["name"])), **look)
    if run["warmup_s"] and not variants[0]["traffic"][row].get("sized", False):
        axes.axvspan(0, run["warmup_s"], color="#EEEEEE", zorder=0)
        axes.text(run["warmup_s"], 0.01, " measured from here", transform=axes.get_xaxis_transform(), fontsize=8)
    axes.set_xlim(0, run["duration_s"])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("time, s")
    axes.set_ylabel("goodput, Gbit/s")
    name = clean(variants[0]["traffic"][row]["name"])
    axes.set_title(f"{clean(result['scenario'])}: how fast is {name}, and when?", loc="left")
    drawn.legend(loc="outside right center", handlelength=3.5)
    return drawn


def curve(traffic: Mapping[str, Any]) -> list[float]:
    """Goodput over time as means over equal parts of the run, few enough to read, and so wide that none passes the rate
    of the wire, as it may in a short part in which the receiver reads what came before."""
    found: list[float] = []
    for points in _COUNTS:
        found = _averaged(traffic["timeline"], points)
        if max(found) <= (traffic["wire_gbps"] or inf):
            break
    return found


def _averaged(rates: Sequence[float], points: int) -> list[float]:
    width = len(rates) // points
    return [fmean(rates[first : first + width]) for first in range(0, points * width, width)]


def cores(result: Result, row: int) -> Figure:
    """Cores in use at either end of one traffic of streams, a bar per variant, a block per use."""
    variants = result["variants"]
    drawn = figure(11, 2.2 + 0.36 * len(variants))
    panels = drawn.subplots(1, 2, sharey=True, sharex=True)
    for axes, side in zip(panels, ("sender", "receiver"), strict=True):
        _bars(axes, [variant["traffic"][row]["cpu"][side] for variant in variants])
        axes.set_title(f"{side}", loc="left")
        axes.set_xlabel("cores in use")
        axes.set_yticks(range(len(variants)), [short(clean(one["name"])) for one in variants])
        axes.set_ylim(len(variants) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.margins(x=0.14)
    panels[0].set_xlim(left=0)
    name = clean(variants[0]["traffic"][row]["name"])
    title = f"{clean(result['scenario'])}: which cores does {name} need?"
    drawn.suptitle(title, x=0.01, ha="left", fontweight="bold")
    handles, labels = panels[0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside right center", fontsize=8.5, handleheight=1.4)
    return drawn


def _bars(axes: Axes, ends: list[Mapping[str, Any]]) -> None:
    left = [0.0] * len(ends)
    for use, words, look in USES:
        widths = [end[f"{use}_cores"] for end in ends]
        if use == "daemon" and not any(widths):
            continue
        edge: dict[str, Any] = {"edgecolor": "white", "linewidth": 0.5}
        axes.barh(range(len(ends)), widths, left=left, label=words, height=0.72, **look, **edge)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for row, total in enumerate(left):
        axes.text(total, row, f" {number(total, 2)}", va="center", fontsize=8.5)
