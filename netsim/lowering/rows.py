"""Tables under construction: rows are appended by name and become columns at the end."""

from dataclasses import fields
from typing import Any, Generic, TypeVar

import numpy as np

Table = TypeVar("Table")


class Rows(Generic[Table]):
    """The rows of one table of a Program."""

    def __init__(self, table: type[Table]) -> None:
        self.table = table
        self.columns: dict[str, list[int]] = {field.name: [] for field in fields(table)}  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def add(self, **cells: int) -> int:
        """Append a row, every column named; returns its number."""
        assert cells.keys() == self.columns.keys(), self.columns.keys() ^ cells.keys()
        number = len(self)
        for name, cell in cells.items():
            self.columns[name].append(cell)
        return number

    def done(self) -> Table:
        """The finished table."""
        columns: dict[str, Any] = {name: np.array(cells, dtype=np.int64) for name, cells in self.columns.items()}
        return self.table(**columns)
