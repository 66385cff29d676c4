"""The published facts: one row per measured value, with its source and spread, read from facts/*.csv.

Columns: ``test`` is a key of ``beds.TOOLS``, ``config`` of ``beds.CONFIGS``; ``pod_mtu`` is empty where the CNI's own
default was left; ``low`` and ``high`` are the least and the most of ``runs`` runs, or the reading error of a chart.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FOLDER = Path(__file__).parent / "facts"


class Role(StrEnum):
    """What a row is to the model's costs."""

    PREDICTION = "prediction"  # no cost was taken from it
    CALIBRATION = "calibration"  # a cost was taken from it, or from the CPU use of the same run
    DOUBTFUL = "doubtful"  # its source contradicts it elsewhere


@dataclass(frozen=True)
class Setup:
    """What decides a run of the model: rows of one setup have one prediction."""

    hardware: str
    config: str
    test: str
    path: str
    nic_mtu: int
    pod_mtu: int | None


@dataclass(frozen=True)
class Fact:
    """A published value in ``unit``, as measured on the test bed ``bed``."""

    source: str
    bed: str
    test: str
    metric: str
    unit: str
    config: str
    published_as: str
    path: str
    nic_mtu: int
    pod_mtu: int | None
    value: float
    low: float
    high: float
    runs: int | None
    role: Role
    note: str

    @property
    def label(self) -> str:
        """The configuration and the MTU that it had."""
        return f"{self.config} {self.pod_mtu or self.nic_mtu}"

    @property
    def group(self) -> tuple[str, str, str]:
        """Rows of one group can be compared: test bed, test, path."""
        return self.bed, self.test, self.path


def read(path: Path) -> list[Fact]:
    """The rows of one file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_fact(row) for row in csv.DictReader(file)]


def load() -> list[Fact]:
    """The rows of all files, in the order of their names."""
    return [fact for path in sorted(FOLDER.glob("*.csv")) for fact in read(path)]


def _fact(row: dict[str, str]) -> Fact:
    words = {name: row[name] for name in ("source", "bed", "test", "metric", "unit", "config", "published_as")}
    numbers = {name: float(row[name]) for name in ("value", "low", "high")}
    whole = {name: int(row[name]) if row[name] else None for name in ("pod_mtu", "runs")}
    rest = {"path": row["path"], "nic_mtu": int(row["nic_mtu"]), "role": Role(row["role"]), "note": row["note"]}
    return Fact(**words, **numbers, **whole, **rest)
