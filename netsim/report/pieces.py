"""The pieces that terminal output is made of: plain text, tables without lines, titles above them."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from netsim.errors import clean

_LABEL = 28  # characters of a name before it is broken


def plain(text: str, style: str = "") -> Text:
    """Text that is printed as it is: no markup, no control characters."""
    return Text(clean(text), style=style)


def label(name: str) -> Text:
    """A name that heads a row, on several lines where it is long: the numbers beside it need the room."""
    return Text("\n".join(broken(clean(name), _LABEL)))


def broken(name: str, width: int) -> list[str]:
    """A name on lines of at most ``width`` characters, broken at its dashes where it can be."""
    lines: list[str] = []
    parts = [part[at : at + width] for part in name.split("-") for at in range(0, max(1, len(part)), width)]
    for part in parts:
        if lines and len(lines[-1]) + 1 + len(part) <= width:
            lines[-1] += f"-{part}"
        else:
            lines.append(part)
    return lines


def titled(title: str, made: Table) -> Group:
    """A table under its title; a title of the table's own would be broken at the table's width."""
    return Group(plain(title, "bold"), made)


def table(*columns: str, left: int = 1) -> Table:
    """A table whose first ``left`` columns are text, and whose others are numbers."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        made.add_column(
            Text("\n").join(plain(part) for part in column.split("\n")),
            justify="left" if place < left else "right",
            header_style="not bold dim",
            no_wrap=not place,
        )
    return made
