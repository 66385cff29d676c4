"""Scenario files as Python values: written as text, loaded and lowered as any file is."""

import json
import tempfile
from pathlib import Path
from typing import Any

from netsim.lowering import lower
from netsim.model.cluster import Scenario
from netsim.program import Program
from netsim.scenario import load

Document = dict[str, Any]


def document(spec: Document) -> Document:
    """A whole file around a spec."""
    return {"apiVersion": "netsim/v1alpha1", "kind": "Scenario", "metadata": {"name": "test"}, "spec": spec}


def variants(whole: Document) -> tuple[Scenario, ...]:
    """The variants of a document. JSON is YAML."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_text(json.dumps(whole, indent=1), encoding="utf-8")
        return load(path).variants


def program(whole: Document) -> Program:
    """The document's only variant, lowered with its seed."""
    [scenario] = variants(whole)
    return lower(scenario, whole["spec"]["run"].get("seed", 1))
