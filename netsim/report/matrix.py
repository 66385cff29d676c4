"""Tables with a column per variant: where the time goes, and which places are busy."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from netsim.errors import clean
from netsim.report.pieces import broken
from netsim.report.text import number, share

Result = Mapping[str, Any]

STAGES = 10  # rows of a breakdown before "other"
PLACES = 8
_LABEL, _CELL, _WORD = 26, 9, 20  # at most so many columns of the terminal; of a word in a variant's name


def stages(result: Result, traffic: str, percentile: str, width: int) -> Iterator[RenderableType]:
    """µs of wait and work per stage at ``percentile``; the columns sum to its latency."""
    spent = {variant["name"]: _spent(variant, traffic, percentile) for variant in result["variants"]}
    spent = {name: times for name, times in spent.items() if times}
    if not spent:
        return
    total: Counter[str] = Counter()
    for times in spent.values():
        total.update(times)
    kept = [stage for stage, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))[:STAGES]]
    labels = [*kept, *(["other"] if len(total) > len(kept) else []), "sum"]

    def cell(name: str, label: str) -> str:
        times = spent[name]
        if label == "sum":
            value = sum(times.values())
        elif label == "other":
            value = sum(time for stage, time in times.items() if stage not in kept)
        else:
            value = times.get(label, 0)
        return number(value / 1e6) if value else "·"

    title = f"{traffic}: where the time goes at {percentile}, µs"
    yield from _matrix(title, labels, list(spent), cell, width)


def busy_places(result: Result, width: int) -> Iterator[RenderableType]:
    """Utilisation of the places that are busiest under any variant."""
    by_variant = {
        variant["name"]: {station["name"]: station["utilisation"] for station in variant["stations"]}
        for variant in result["variants"]
    }
    most: dict[str, float] = {}
    for used in by_variant.values():
        for name, value in used.items():
            most[name] = max(value, most.get(name, 0.0))
    labels = sorted(most, key=lambda name: (-most[name], name))[:PLACES]

    def cell(variant: str, label: str) -> str:
        value = by_variant[variant].get(label)
        return "·" if value is None else share(value)

    yield from _matrix("how busy the busiest places are, over the whole run", labels, list(by_variant), cell, width)


def _spent(variant: Result, traffic: str, percentile: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in variant["breakdown"]:
        if (part["traffic"], part["percentile"]) == (traffic, percentile):
            found[part["stage"]] += part["wait_ps"] + part["work_ps"]
    return found


def _matrix(
    title: str, labels: Sequence[str], names: Sequence[str], cell: Callable[[str, str], str], width: int
) -> Iterator[RenderableType]:
    """One table, or several below each other where the variants do not fit beside each other."""
    cells = {name: [cell(name, label) for label in labels] for name in names}
    heads = {name: broken(clean(name), _head(name)) for name in names}
    widths = [max(map(len, [*heads[name], *cells[name]])) + 1 for name in names]
    room = width - min(_LABEL, max(map(len, labels), default=0))
    for shown in _rows_of(names, widths, room):
        made = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        made.add_column(Text(""), max_width=_LABEL, no_wrap=True)
        for name in shown:
            made.add_column(
                Text("\n".join(heads[name])),
                justify="right",
                header_style="not bold dim",
                vertical="bottom",
            )
        for row, label in enumerate(labels):
            style = "bold" if label == "sum" else ""
            made.add_row(Text(clean(label)), *(Text(cells[name][row]) for name in shown), style=style)
        yield Group(Text(clean(title), "bold"), made)


def _head(name: str) -> int:
    """The columns that a variant's name needs not to be broken within a word, unless the word is very long."""
    return min(_WORD, max(_CELL - 1, max(map(len, clean(name).split("-")))))


def _rows_of(names: Sequence[str], widths: Sequence[int], room: int) -> Iterator[list[str]]:
    """The variants that fit beside each other, table by table."""
    shown: list[str] = []
    left = room
    for name, width in zip(names, widths, strict=True):
        if shown and width > left:
            yield shown
            shown, left = [], room
        shown.append(name)
        left -= width
    yield shown
