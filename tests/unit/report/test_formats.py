"""What programs read: strict JSON, the same object as YAML, a CSV that no spreadsheet runs, a short page."""

import csv
import json
from io import StringIO
from pathlib import Path

import pandas as pd
import yaml

from netsim.report.formats import FORMATS
from netsim.report.frames import COLUMNS, KEYS, tables
from netsim.report.text import cell
from tests.unit.report.answers import result

ANSWER = result("host", "=cmd|' /C calc'!A0")


def refuse(constant: str) -> None:
    raise AssertionError(constant)


def test_json_is_strict_and_yaml_the_same_object() -> None:
    read = json.loads(FORMATS["json"](ANSWER), parse_constant=refuse)
    assert read == ANSWER
    events = yaml.SafeLoader(FORMATS["yaml"](ANSWER)).get_single_data()
    assert events == ANSWER


def test_csv_cells_are_no_formulas() -> None:
    rows = list(csv.DictReader(StringIO(FORMATS["csv"](ANSWER))))
    assert [row["variant"] for row in rows] == ["host", "'=cmd|' /C calc'!A0"]
    assert float(rows[0]["p99_us"]) == ANSWER["variants"][0]["traffic"][0]["latency_us"]["p99"]
    assert [cell(text) for text in ("+1", "-1", "@a", "a=1", "\t=1")] == ["'+1", "'-1", "'@a", "a=1", "\\t=1"]
    assert cell(-1.5) == -1.5


def test_tables_have_the_columns_that_are_documented() -> None:
    found = tables(ANSWER)
    assert {name: tuple(frame.columns) for name, frame in found.items()} == {
        name: (*KEYS, *columns) for name, columns in COLUMNS.items()
    }
    assert len(found["latency"]) == 2
    book = found["ledger"][found["ledger"].variant == "host"].set_index("what").bursts
    assert book["sent"] == book.drop("sent").sum()
    assert isinstance(found["stations"], pd.DataFrame)


def test_markdown_is_short_and_escapes() -> None:
    page = FORMATS["markdown"](ANSWER)
    assert len(page.splitlines()) <= 40
    assert "=cmd\\|' /C calc'!A0" in page
    table = [line for line in page.splitlines() if line.startswith("| ")]
    assert {line.replace("\\|", "").count("|") for line in table} == {9}


def test_every_column_is_explained_in_the_readme() -> None:
    text = (Path(__file__).parents[3] / "results" / "README.md").read_text()
    names = {*KEYS, *(column for columns in COLUMNS.values() for column in columns)}
    assert sorted(name for name in names if f"`{name}`" not in text) == []
