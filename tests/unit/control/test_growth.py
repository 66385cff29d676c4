"""Rows of pods that come later are those that lowering would have made of them."""

from dataclasses import fields
from pathlib import Path

import pytest

from netsim.lowering import Lowering
from netsim.scenario import load
from tests.unit.control.recorded import DEFAULTS, TEXT, run

SIDECAR = """
  - {{target: deployment/a/side, containers: [{{name: x, ports: [9]}}, {{name: y, ports: [10]}}],
      calls: [{{to: localhost, port: 10}}]}}"""


@pytest.mark.parametrize("more", ["", SIDECAR])
@pytest.mark.parametrize("cni", ["{plugin: flannel}", "{plugin: calico}", "{plugin: host}"])
def test_grown_rows_equal_lowered_rows(tmp_path: Path, cni: str, more: str) -> None:
    text = TEXT.replace("  services:", f"{more}\n  services:") if more else TEXT
    grown = run(tmp_path, cni=cni, events="[{at: 1s, scale: deployment/a/web, replicas: 6}]", text=text).program
    file = tmp_path / "six.yaml"
    file.write_text(text.format(**(DEFAULTS | {"cni": cni, "replicas": 6})))
    whole = Lowering(load(file).variants[0], 1).program()
    for table, names in (("endpoints", "endpoints"), ("stations", "stations")):
        rows = {name: row for row, name in enumerate(getattr(whole.names, names))}
        for row, name in enumerate(getattr(grown.names, names)):
            for field in fields(getattr(grown, table)):
                if field.name in ("station", "neighbour", "place") and table == "endpoints":
                    continue
                column = field.name
                mine, theirs = getattr(getattr(grown, table), column), getattr(getattr(whole, table), column)
                if not (column == "node" and "web-" in name):
                    assert mine[row] == theirs[rows[name]], (name, column)
    for row, name in enumerate(grown.names.endpoints):
        station = int(grown.endpoints.station[row])
        assert station < 0 or grown.names.stations[station] == name
        beside = int(grown.endpoints.neighbour[row])
        assert beside < 0 or grown.names.endpoints[beside] == f"{name}:localhost"
        node = int(grown.endpoints.node[row])
        assert node < 0 or grown.endpoints.place[row] == grown.nodes.place[node]
