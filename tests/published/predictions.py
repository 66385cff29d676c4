"""The model's answer to every published fact: each setup is run once, with costs from the per-hop tables alone."""

import json
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from netsim.experiment import Options, run
from netsim.scenario import load
from tests.documents import document
from tests.published.beds import setup, spec
from tests.published.facts import Fact, Setup


@dataclass(frozen=True)
class Answer:
    """A mean over replications, in Gbit/s or transactions per second; of streams also the limiting element."""

    value: float
    role: str = ""
    limit: str = ""


def answer(of: Setup) -> Answer:
    """Run one setup in this process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "published.yaml"
        path.write_text(json.dumps(document(spec(of)), indent=1), encoding="utf-8")
        [variant] = run(load(path), Options())["variants"]
    [found] = variant["traffic"]
    if found["kind"] == "transactions":
        return Answer(found["throughput_rps"])
    return Answer(found["goodput_gbps"], found["limiting"]["role"], found["limiting"]["sentence"])


def answers(facts: Iterable[Fact], jobs: int) -> dict[Setup, Answer]:
    """The answers of all setups that ``facts`` need, from ``jobs`` processes."""
    wanted = sorted({setup(fact) for fact in facts}, key=str)
    found: dict[Setup, Answer] = {}
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for number, (one, told) in enumerate(zip(wanted, pool.map(answer, wanted), strict=True), 1):
            found[one] = told
            sys.stderr.write(f"\r{number} of {len(wanted)} setups")
            sys.stderr.flush()
    sys.stderr.write("\n")
    return found
