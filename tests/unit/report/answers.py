"""Results made without an engine: variants of the synthetic world that differ in work per request."""

from dataclasses import replace
from typing import Any

import numpy as np

from netsim.analysis import summarise
from netsim.analysis.comparison import differences
from netsim.program import TrafficKind
from tests.unit.analysis.flows import Found, bulk, datagrams, steady, world
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


def streams(kind: TrafficKind, *names: str, lossy: bool = True, count: int = 8) -> dict[str, Any]:
    """A Result over variants of streams, each slower than the one before."""
    variants = []
    for number, name in enumerate(names or ("host", "flannel-vxlan")):
        made = replace(world(kind, count, size=1000 * (kind == TrafficKind.DATAGRAMS)), variant=name)
        runs = [_flow(made, kind, 1.2 - 0.1 * number + 0.01 * seed, lossy) for seed in range(3)]
        variants.append(dict(summarise([made] * 3, runs, 50 * US * 1000)) | {"digest": "0" * 64})
    answer = result() | {"variants": variants, "baseline": variants[0]["name"], "scenario": "one stream"}
    run = {"duration_s": 1.0, "warmup_s": 0.05, "warmup_by": "MSER-5", "doubt": ""}
    return answer | {"comparison": differences(variants, variants[0]["name"]), "run": run}


def _flow(made: Any, kind: TrafficKind, rate: float, lossy: bool) -> Any:
    sizes = steady(*[rate] * len(made.traffic.users) * int(made.traffic.users[0]))
    sizes[:, :3] //= 3
    if kind == TrafficKind.DATAGRAMS:
        lost = (("ring", 3000), ("socket-buffer", 500)) if lossy else ()
        return datagrams(made, Found(sizes, lost=lost, unsent=77 * lossy), s1=0.8, s6=0.99)
    found = Found(sizes, resent=40_000 * lossy, timeouts=int(lossy), recoveries=5 * lossy)
    return bulk(made, found, s0=0.3, s1=0.6, s2=0.2, s6=0.4, s7=0.99)
