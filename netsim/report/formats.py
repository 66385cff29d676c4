"""A result as text for programs and pages: JSON, YAML, CSV and Markdown."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from netsim.errors import clean
from netsim.report.change import change
from netsim.report.groups import groups, kinds
from netsim.report.legend import legend
from netsim.report.streams import KINDS, parts, streaming
from netsim.report.text import UNITS, number
from netsim.report.troubles import troubles, unanswered

Result = Mapping[str, Any]


def as_json(value: object) -> str:
    """Strict JSON: no NaN, keys in the order of the result."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_yaml(value: object) -> str:
    """The same object as YAML."""
    import yaml

    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)


def as_csv(result: Result) -> str:
    """The latency table where there are requests, then that of throughput where there are streams, each a row per
    variant and traffic under a header of its own; an empty line is between them."""
    from netsim.report.frames import tables

    found, present = tables(result), kinds(result)
    wanted = [("latency", present - set(KINDS)), ("throughput", present & set(KINDS))]
    return "\n".join(str(found[name].to_csv(index=False, lineterminator="\n")) for name, there in wanted if there)


def as_markdown(result: Result) -> str:
    """A short page for a pull request: one table per traffic, and what limits each variant."""
    lines = [f"### {_plain(result['scenario'])}", ""]
    for row, alike in groups(result):
        lines += [f"**{_plain(alike['variants'][0]['traffic'][row]['name'])}**", "", *_table(alike, row), ""]
    lines += [f"- {_plain(one['name'])}: {_plain(one['limiting']['sentence'])}" for one in result["variants"]]
    lines += [f"- {_plain(note)}." for one in result["variants"] for note in troubles(one)]
    if told := [_plain(line) for line in legend(result)]:
        lines += ["", *told]
    if assumed := sorted({stage for one in result["variants"] for stage in one["assumed"]}):
        lines += ["", f"Assumed costs, without a measured source: {_plain(', '.join(assumed))}."]
    return "\n".join(lines) + "\n"


def _table(result: Result, row: int) -> list[str]:
    if streaming(result["variants"][0]["traffic"][row]):
        return _streams(result, row)
    head = (
        "variant",
        "p50 µs",
        "p99 µs",
        f"p99 to {_plain(result['baseline'])}",
        UNITS.get(result["variants"][0]["traffic"][row]["kind"], "answers/s"),
        "Gbit/s",
        "failed",
        "unanswered",
    )
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for variant in result["variants"]:
        traffic = variant["traffic"][row]
        times = traffic["latency_us"]
        cells = [_plain(variant["name"]), number(times["p50"], 4), number(times["p99"], 4)]
        more = change(result, variant["name"], f"/traffic/{row}/latency_us/p99")
        cells += [more or "–", number(traffic["throughput_rps"], 4)]
        waiting = unanswered(traffic) or str(traffic["in_flight"])
        lines.append(_line([*cells, number(traffic["goodput_gbps"]), str(traffic["failed"]), waiting]))
    return lines


def _streams(result: Result, row: int) -> list[str]:
    lines: list[str] = []
    for title, wanted in parts(result, row):
        lines += ["", f"{title}:", ""] if lines else []
        head = ["variant", *(_plain(heading.replace("\n", " ")) for heading, _ in wanted)]
        lines += [_line(head), _line(["---", *["---:"] * len(wanted)])]
        rows = [[variant["name"], *(cell(variant) for _, cell in wanted)] for variant in result["variants"]]
        lines += [_line([_plain(cell) for cell in cells]) for cells in rows]
    return lines


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Text that Markdown takes as it is."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in clean(text))


FORMATS: dict[str, Callable[[Result], str]] = {
    "json": as_json,
    "yaml": as_yaml,
    "csv": as_csv,
    "markdown": as_markdown,
}
