"""Figures: latency spectrum, throughput, where the time goes, and how busy each place is, as PNG."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from netsim.errors import clean
from netsim.report.groups import groups
from netsim.report.movement import cores, goodput
from netsim.report.streams import streaming
from netsim.report.style import OTHER, figure, fill, line, look, png
from netsim.report.text import number, share, short, slug, time

Result = Mapping[str, Any]

STAGES = 11  # named in a breakdown; the rest are "other"
PLACES = 14  # rows of the utilisation map
NO_NETWORK = {"service time": "#B4BEC8", "service CPU": "#95A2AE", "client's distance": "#CFC6B8"}
"""What no CNI changes is drawn last, in pale colours."""
_RATES = {
    "bulk": ("/traffic/{row}/cores_per_gbps", "cores per Gbit/s, both ends"),
    "datagrams": ("/traffic/{row}/packets_per_second", "datagrams received per second"),
    "transactions": ("/traffic/{row}/throughput_rps", "transactions per second"),
}
_LONG_TAIL = 30  # times the median difference
_BEYOND = ((1.0, "0 %"), (0.5, "50 %"), (0.1, "90 %"), (0.01, "99 %"), (0.001, "99.9 %"), (0.0001, "99.99 %"))


def pictures(result: Result) -> dict[str, bytes]:
    """File name to PNG bytes; a traffic's pictures carry its name where there is more than one."""
    found = {}
    alike = list(groups(result))
    with look():
        for place, (row, mine) in enumerate(alike):
            traffics = [variant["traffic"][row] for variant in mine["variants"]]
            name = traffics[0]["name"]
            end = f"-{place + 1}-{slug(name)}" if len(alike) > 1 else ""
            if any(traffic["spectrum"] for traffic in traffics):
                found[f"latency{end}.png"] = png(spectrum(mine, row))
            if any(part["traffic"] == name for variant in mine["variants"] for part in variant["breakdown"]):
                found[f"breakdown{end}.png"] = png(stacked(mine, name))
            if streaming(traffics[0]):
                found[f"goodput{end}.png"] = png(goodput(mine, row))
                found[f"cores{end}.png"] = png(cores(mine, row))
        found["throughput.png"] = png(throughput(result))
        if busiest(result, PLACES):
            found["utilisation.png"] = png(utilisation(result))
    return found


def spectrum(result: Result, row: int) -> Figure:
    """Latency at each percentile, a curve per variant, and what each adds to the baseline.

    The axis stretches the tail.
    """
    curves = {one["name"]: one["traffic"][row]["spectrum"] for one in result["variants"]}
    base = dict(map(tuple, curves[result["baseline"]]))
    added = {
        name: [(at, value - base[at]) for at, value in points if at in base and name != result["baseline"]]
        for name, points in curves.items()
    }
    drawn = figure(9.5, max(7.5 if any(added.values()) else 5, 0.24 * len(curves)))
    upper, *lower = drawn.subplots(2 if any(added.values()) else 1, 1, sharex=True, squeeze=False).ravel()
    _curves(upper, curves)
    upper.set_yscale("log")
    _time_axis(upper)
    name = clean(result["variants"][0]["traffic"][row]["name"])
    upper.set_title(f"{clean(result['scenario'])}: how long does a request of {name} take?", loc="left")
    upper.set_ylabel("latency from intended start, log scale")
    for axes in lower:
        _curves(axes, added)
        _difference_axis(axes, [abs(more) for points in added.values() for _, more in points])
        axes.set_title(f"what is added to {short(clean(result['baseline']))}", loc="left")
        scale = ", symlog scale" if axes.get_yscale() == "symlog" else ""
        axes.set_ylabel(f"more at the same percentile{scale}")
    (lower or [upper])[-1].set_xlabel("share of requests that are faster, log scale of the rest")
    drawn.legend(*upper.get_legend_handles_labels(), loc="outside right center", handlelength=3.5)
    return drawn


def throughput(result: Result) -> Figure:
    """Goodput and answers or datagrams per second, a bar per variant, with its 95 % interval; of bulk streams what
    a Gbit/s needs of cores, of transactions, whose few bytes tell nothing, no goodput."""
    alike = list(groups(result))
    drawn = figure(9, 1.2 + sum(0.32 * len(mine["variants"]) + 0.5 for _, mine in alike))
    heights = [0.32 * len(mine["variants"]) + 0.5 for _, mine in alike]
    grid = drawn.subplots(len(alike), 2, squeeze=False, sharey="row", height_ratios=heights)
    for panels, (row, mine) in zip(grid, alike, strict=True):
        variants = mine["variants"]
        traffic = variants[0]["traffic"][row]
        first, unit = _RATES.get(traffic["kind"], ("/traffic/{row}/throughput_rps", "answers per second"))
        wanted = [(first.format(row=row), unit), (f"/traffic/{row}/goodput_gbps", "goodput, Gbit/s")]
        for axes, (pointer, words) in zip(panels, wanted, strict=True):
            if traffic["kind"] == "transactions" and axes is panels[1]:
                axes.set_axis_off()
                continue
            _bars(axes, variants, pointer, [_value(one, pointer) for one in variants])
            axes.set_xlabel(words)
            axes.xaxis.set_major_locator(MaxNLocator(5))
            axes.xaxis.set_major_formatter(FuncFormatter(_plain))
        panels[0].set_title(clean(traffic["name"]), loc="left")
    drawn.suptitle(f"{clean(result['scenario'])}: how much gets through?", x=0.01, ha="left", fontweight="bold")
    return drawn


def stacked(result: Result, traffic: str) -> Figure:
    """Where the time at p50 and p99 goes: a bar per variant, a block per stage."""
    variants = result["variants"]
    kept = _main_stages(result, traffic)
    parts = [part for variant in variants for part in variant["breakdown"] if part["traffic"] == traffic]
    known = [percentile for percentile in ("p50", "p99") if any(part["percentile"] == percentile for part in parts)]
    drawn = figure(11, 2.2 + 0.36 * len(variants))
    panels = drawn.subplots(1, len(known), sharey=True, squeeze=False)[0]
    for axes, percentile in zip(panels, known, strict=True):
        left = [0.0] * len(variants)
        for order, stage in enumerate(kept):
            widths = [_time_of(variant, (traffic, percentile, stage), kept) for variant in variants]
            pale = NO_NETWORK.get(stage, OTHER if stage == "other" else "")
            looks = fill(order) | ({"facecolor": pale, "hatch": ""} if pale else {})
            axes.barh(range(len(variants)), widths, left=left, label=clean(stage), height=0.72, **looks)
            left = [start + width for start, width in zip(left, widths, strict=True)]
        for row, total in enumerate(left):
            axes.text(total, row, f" {time(total)}" if total else " withheld", va="center", fontsize=8.5)
        axes.margins(x=0.16)
        axes.set_xlim(left=0)
        _variant_axis(axes, variants)
        axes.set_title(f"at {percentile}", loc="left")
        axes.xaxis.set_major_formatter(FuncFormatter(_tick))
        axes.tick_params(axis="x", labelrotation=30)
    drawn.suptitle(f"{clean(traffic)}: where does the time go?", x=0.01, ha="left", fontweight="bold")
    handles, labels = panels[0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside right center", fontsize=8.5, handleheight=1.4)
    return drawn


def utilisation(result: Result) -> Figure:
    """How busy the busiest places are under each variant."""
    variants, places = result["variants"], busiest(result, PLACES)
    drawn = figure(3.2 + 0.82 * len(variants), 1.9 + 0.32 * len(places))
    axes = drawn.subplots()
    values = [[_busy(variant, place) for variant in variants] for place in places]
    axes.imshow(
        [[value or 0.0 for value in row] for row in values],
        cmap="Oranges",
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="none",
    )
    for row, cells in enumerate(values):
        for column, value in enumerate(cells):
            ink = "white" if (value or 0.0) > 0.65 else "black"
            told = "·" if value is None else share(value)
            axes.text(column, row, told, ha="center", va="center", fontsize=8.5, color=ink)
    axes.grid(visible=False)
    axes.set_xticks(range(len(variants)), [short(clean(one["name"])) for one in variants], rotation=35, ha="right")
    axes.set_yticks(range(len(places)), [short(clean(place), 40) for place in places])
    axes.set_title(f"{clean(result['scenario'])}: what is busy, over the whole run?", loc="left")
    return drawn


def _value(variant: Result, pointer: str) -> float:
    """The number that a JSON pointer of a result leads to; 0 where there is none."""
    found: Any = variant
    for step in pointer.split("/")[1:]:
        found = found[int(step) if isinstance(found, list) else step]
    return found or 0.0


def busiest(result: Result, count: int) -> list[str]:
    """The stations with the highest utilisation under any variant, the busiest first."""
    most: dict[str, float] = {}
    for variant in result["variants"]:
        for station in variant["stations"]:
            most[station["name"]] = max(most.get(station["name"], 0.0), station["utilisation"])
    return sorted(most, key=lambda name: (-most[name], name))[:count]


def _busy(variant: Result, place: str) -> float | None:
    return next((one["utilisation"] for one in variant["stations"] if one["name"] == place), None)


def _main_stages(result: Result, traffic: str) -> list[str]:
    total: Counter[str] = Counter()
    for variant in result["variants"]:
        for part in variant["breakdown"]:
            if part["traffic"] == traffic:
                total[part["stage"]] += part["wait_ps"] + part["work_ps"]
    largest = [stage for stage, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))[:STAGES]]
    network = [stage for stage in largest if stage not in NO_NETWORK]
    rest = ["other"] if len(total) > len(largest) else []
    return [*network, *rest, *(stage for stage in largest if stage in NO_NETWORK)]


def _time_of(variant: Result, wanted: tuple[str, str, str], kept: Sequence[str]) -> float:
    traffic, percentile, stage = wanted
    return math.fsum(
        part["wait_us"] + part["work_us"]
        for part in variant["breakdown"]
        if (part["traffic"], part["percentile"]) == (traffic, percentile)
        and (part["stage"] not in kept if stage == "other" else part["stage"] == stage)
    )


def _curves(axes: Axes, curves: Mapping[str, Sequence[Sequence[float]]]) -> None:
    for order, (name, points) in enumerate(curves.items()):
        if points:
            axes.plot(*zip(*points, strict=True), label=short(clean(name)), **line(order))
    _percentile_axis(axes)


def _bars(axes: Axes, variants: Sequence[Result], pointer: str, values: Sequence[float]) -> None:
    for order, (variant, value) in enumerate(zip(variants, values, strict=True)):
        axes.barh(order, value, height=0.7, **fill(order))
        if span := variant["intervals"].get(pointer):
            axes.plot(span, [order, order], color="black", linewidth=1.4, marker="|", markersize=6)
        axes.text(max([value, *(span or ())]), order, f" {number(value, 4)}", va="center", fontsize=8.5)
    axes.margins(x=0.18)
    axes.set_xlim(left=0)
    _variant_axis(axes, variants)


def _variant_axis(axes: Axes, variants: Sequence[Result]) -> None:
    axes.set_yticks(range(len(variants)), [short(clean(one["name"])) for one in variants])
    axes.set_ylim(len(variants) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")


def _percentile_axis(axes: Axes) -> None:
    axes.set_xscale("log")
    low, high = sorted(axes.get_xlim())
    ticks = [(beyond, label) for beyond, label in _BEYOND if beyond >= low]
    axes.set_xticks([beyond for beyond, _ in ticks], [label for _, label in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(min(high, 1.05), low)


def _time_axis(axes: Axes) -> None:
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    low, high = axes.get_ylim()
    # A log axis over little more than a factor of ten has too few major ticks to read.
    axes.yaxis.set_minor_locator(LogLocator(subs=(2, 3, 5) if high < 40 * low else (1,)))
    axes.yaxis.set_minor_formatter(FuncFormatter(_tick) if high < 40 * low else NullFormatter())


def _difference_axis(axes: Axes, sizes: Sequence[float]) -> None:
    """Room for less as well as for more; logarithmic away from 0 where the tail is far longer than the rest."""
    usual = median(sizes)
    if max(sizes) > _LONG_TAIL * usual > 0:
        axes.set_yscale("symlog", linthresh=10 ** math.ceil(math.log10(usual)))
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.axhline(0, color="black", linewidth=0.8)


def _plain(value: float, _: float = 0) -> str:
    """A round number without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def _tick(value: float, _: float = 0) -> str:
    """A round time with its unit."""
    for scale, unit in ((1e6, "s"), (1e3, "ms"), (1.0, "µs")):
        if abs(value) >= scale:
            return f"{value / scale:g} {unit}"
    return f"{value:g} µs" if value else "0"
