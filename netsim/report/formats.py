"""A result as text for programs and pages: JSON, YAML, CSV and Markdown."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from netsim.errors import clean
from netsim.report.streams import KINDS, columns, streaming
from netsim.report.text import UNITS, number, signed
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
    """The latency table, or that of throughput where there are streams only: a row per variant and traffic."""
    from netsim.report.frames import tables

    streams = all(traffic["kind"] in KINDS for traffic in result["variants"][0]["traffic"])
    return str(tables(result)["throughput" if streams else "latency"].to_csv(index=False, lineterminator="\n"))


def as_markdown(result: Result) -> str:
    """A short page for a pull request: one table per traffic, and what limits each variant."""
    lines = [f"### {_plain(result['scenario'])}", ""]
    for row in range(len(result["variants"][0]["traffic"])):
        lines += [
            f"**{_plain(result['variants'][0]['traffic'][row]['name'])}**",
            "",
            *_table(result, row),
            "",
        ]
    lines += [f"- {_plain(one['name'])}: {_plain(one['limiting']['sentence'])}" for one in result["variants"]]
    lines += [f"- {_plain(note)}." for one in result["variants"] for note in troubles(one)]
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
    change = {
        one["variant"]: one["percent"] for one in result["comparison"] if one["of"] == f"/traffic/{row}/latency_us/p99"
    }
    for variant in result["variants"]:
        traffic = variant["traffic"][row]
        times = traffic["latency_us"]
        cells = [_plain(variant["name"]), number(times["p50"], 4), number(times["p99"], 4)]
        cells += [signed(change.get(variant["name"]), " %"), number(traffic["throughput_rps"], 4)]
        waiting = unanswered(traffic) or str(traffic["in_flight"])
        lines.append(_line([*cells, number(traffic["goodput_gbps"]), str(traffic["failed"]), waiting]))
    return lines


def _streams(result: Result, row: int) -> list[str]:
    wanted = columns(result, row)
    head = ["variant", *(_plain(heading.replace("\n", " ")) for heading, _ in wanted)]
    lines = [_line(head), _line(["---", *["---:"] * len(wanted)])]
    rows = [[variant["name"], *(cell(variant) for _, cell in wanted)] for variant in result["variants"]]
    return [*lines, *(_line([_plain(cell) for cell in row]) for row in rows)]


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
