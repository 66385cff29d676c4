"""Results made without an engine: variants of the synthetic world that differ in work per request."""

from dataclasses import replace
from typing import Any

import numpy as np

from netsim.analysis import summarise
from netsim.analysis.comparison import differences
from tests.unit.analysis.synthetic import US, program, records


def variant(name: str, work: int, count: int = 3000) -> dict[str, Any]:
    """Three replications of one variant."""
    programs, runs = [], []
    for seed in (1, 2, 3):
        spaced = np.cumsum(np.random.default_rng(seed).integers(1, 40 * US, count))
        made = replace(program(spaced, int(spaced[-1]) + 5 * US), variant=name)
        jitter = np.random.default_rng(seed + 10).integers(0, US, count)
        programs.append(made)
        runs.append(records(made, work + jitter))
    return dict(summarise(programs, runs, 0)) | {"digest": "0" * 64}


def result(*names: str, work: int = 4 * US) -> dict[str, Any]:
    """A Result over variants, each 1 us slower than the one before."""
    variants = [variant(name, work + number * US) for number, name in enumerate(names or ("host", "flannel-vxlan"))]
    return {
        "apiVersion": "netsim/v1alpha1",
        "kind": "Result",
        "scenario": "two pods",
        "description": "Does the overlay cost more than the wire?",
        "seed": 1,
        "engine": "reference",
        "digest": "ab" * 32,
        "run": {"duration_s": 0.06, "warmup_s": 0.0, "warmup_by": "MSER-5", "doubt": ""},
        "baseline": variants[0]["name"],
        "variants": variants,
        "comparison": differences(variants, variants[0]["name"]),
        "notices": [],
        "provenance": {"netsim": "0.1.0"},
    }
