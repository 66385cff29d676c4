"""Who may talk to whom, and what a change of policies makes of it: for the terminal, as CSV and as Markdown."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from rich.console import Console
from rich.text import Text

from netsim.analysis.rounding import counted
from netsim.errors import clean
from netsim.report.pieces import broken, plain, table, titled
from netsim.report.text import cell, number, short

Result = Mapping[str, Any]
Rows = list[list[str | float]]
GRID = 9  # groups that fit beside each other
_HEAD = 14
NOBODY = "–"
EVERYTHING, EVERYONE = "all", "everybody"


def matrix_rows(result: Result) -> tuple[list[str], Rows]:
    """The matrix as a head and a row per pair."""
    head = ["from", "to", "open", "uniform", "because"]
    rows: Rows = [
        [row["from"], row["to"], row["open"], _yes(row["uniform"]), "; ".join(row["because"])]
        for row in result["pairs"]
    ]
    return head, rows


def diff_rows(result: Result) -> tuple[list[str], Rows]:
    """What has changed as a head and a row per pair, then one per conversation and its cost."""
    head = ["from", "to", "change", "open before", "after", "traffic", "because"]
    rows: Rows = [
        [
            *(row["from"], row["to"], _change(row), row["before"], row["after"]),
            *(" ".join(row["traffic"]), "; ".join(row["because"])),
        ]
        for row in result["changes"]
    ]
    return head, rows


def cost_rows(result: Result) -> tuple[list[str], Rows]:
    """What each conversation's first packet pays for policies, before and after; of a denied one up to its end."""
    head = ["traffic", "from", "to", "port", "before", "after", "ns before", "ns after", "ns added"]
    rows: Rows = []
    for row in result["costs"]:
        sides = [row["before"], row["after"]]
        verdicts = [side["verdict"] if side else NOBODY for side in sides]
        times = [side["ps"] / 1000 if side else NOBODY for side in sides]
        added = NOBODY if row["added_ps"] is None else row["added_ps"] / 1000
        rows.append([row["traffic"], row["from"], row["to"], row["port"] or NOBODY, *verdicts, *times, added])
    return head, rows


def as_csv(*parts: tuple[list[str], Rows]) -> str:
    """Tables under heads of their own, an empty line between them."""
    texts = []
    for head, rows in parts:
        buffer = StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([head, *([cell(one) for one in row] for row in rows)])
        texts.append(buffer.getvalue())
    return "\n".join(texts)


def as_markdown(*parts: tuple[list[str], Rows]) -> str:
    """The same as tables of Markdown."""
    texts = []
    for head, rows in parts:
        lines = [head, ["---"] * len(head), *([_shown(one) for one in row] for row in rows)]
        texts.append("".join(f"| {' | '.join(map(_escaped, line))} |\n" for line in lines))
    return "\n".join(texts)


def draw_matrix(result: Result, console: Console) -> None:
    """The matrix on a terminal: a grid where all fit beside each other, else a line per server."""
    console.print(plain(_title(result), "bold"))
    names = list(dict.fromkeys(row["to"] for row in result["pairs"]))
    if len(names) <= GRID and names:
        _grid(result, names, console)
    else:
        _lists(result, names, console)
    if not all(row["uniform"] for row in result["pairs"]):
        console.print(plain("* not all pods of these workloads are treated alike: -o json tells more", "dim"))


def _grid(result: Result, names: Sequence[str], console: Console) -> None:
    cells = {(row["from"], row["to"]): _sign(row) for row in result["pairs"]}
    made = table("from \\ to", *("\n".join(broken(short(_word(name), 2 * _HEAD), _HEAD)) for name in names), left=9)
    for client in dict.fromkeys(row["from"] for row in result["pairs"]):
        signs = [cells.get((client, server), "") for server in names]
        made.add_row(plain(_word(client)), *(Text(sign, "red" if sign == NOBODY else "") for sign in signs))
    console.print(made)


def _lists(result: Result, names: Sequence[str], console: Console) -> None:
    made = table("to", "from, and on which ports", left=2)
    for server in names:
        rows = [row for row in result["pairs"] if row["to"] == server]
        whole = [_word(row["from"]) for row in rows if _sign(row) == EVERYTHING]
        told = [f"{_word(row['from'])} ({_sign(row)})" for row in rows if _sign(row) not in (EVERYTHING, NOBODY)]
        everyone = EVERYONE if len(whole) == len(rows) else ", ".join([*whole, *told]) or "nobody"
        made.add_row(plain(_word(server)), plain(everyone))
    console.print(made)


def draw_diff(result: Result, console: Console) -> None:
    """The change on a terminal."""
    head, rows = diff_rows(result)
    same = f"{result['unchanged']:,} of {result['pairs']:,} pairs unchanged"
    if rows:
        console.print(titled(f"{counted(len(rows), 'pair')} changed, {same}", _table(head, rows)))
    else:
        console.print(plain(f"nothing newly denied, nothing newly allowed: {same}", "bold"))
    for side, words in (("only_before", "only before"), ("only_after", "only after")):
        if result[side]:
            console.print(plain(f"{words}: {', '.join(map(_word, result[side]))}", "dim"))
    head, rows = cost_rows(result)
    if rows:
        console.print()
        console.print(titled("what a first packet of the traffic pays for policies", _table(head, rows)))
    console.print(plain("Established packets pay nothing more. Times are those of the cost profile's hardware.", "dim"))


def _table(head: Sequence[str], rows: Rows) -> Any:
    numeric = sum(name.startswith("ns ") for name in head)
    made = table(*head, left=len(head) - numeric)
    for row in rows:
        made.add_row(*(plain(_word(_shown(one))) for one in row))
    return made


def _title(result: Result) -> str:
    word = "policy" if result["policies"] == 1 else "policies"
    told = f"{result['scenario']} / {result['variant']}: who may open connections to whom, {result['policies']} {word}"
    return told if result["enforced"] else f"{told}, not enforced by {result['cni']}"


def _word(name: str) -> str:
    """A workload without its kind, which its namespace and name rarely need."""
    kind, _, rest = name.partition("/")
    return rest if kind in ("deployment", "statefulset", "daemonset", "pod") and rest else name


def _sign(row: Result) -> str:
    told = NOBODY if row["open"] == "none" else row["open"]
    return told if row["uniform"] else f"{told} *"


def _change(row: Result) -> str:
    """In a word what the change does to a pair; "to some" where only some of a workload's pods are concerned."""
    words = [
        word
        for word, keys in (("denies", ("denied", "denied_to_some")), ("allows", ("allowed", "allowed_to_some")))
        if any(row[key] for key in keys)
    ]
    some = not row["denied"] and not row["allowed"]
    return f"{' and '.join(words)}{' to some' if some else ''}"


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in clean(text))


def parts_of(result: Result) -> Iterator[tuple[list[str], Rows]]:
    """The tables of a matrix or of a change."""
    if result["kind"] == "PolicyMatrix":
        yield matrix_rows(result)
    else:
        yield diff_rows(result)
        yield cost_rows(result)
