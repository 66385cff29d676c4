"""The pieces that terminal output is made of: plain text, tables without lines, titles above them."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from netsim.errors import clean


def plain(text: str, style: str = "") -> Text:
    """Text that is printed as it is: no markup, no control characters."""
    return Text(clean(text), style=style)


def titled(title: str, made: Table) -> Group:
    """A table under its title; a title of the table's own would be broken at the table's width."""
    return Group(plain(title, "bold"), made)


def table(*columns: str, left: int = 1) -> Table:
    """A table whose first ``left`` columns are text, and whose others are numbers."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        made.add_column(
            plain(column),
            justify="left" if place < left else "right",
            header_style="not bold dim",
            no_wrap=not place,
        )
    return made
