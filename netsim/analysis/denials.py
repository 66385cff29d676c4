"""Denials: how many opening packets each network policy kept out."""

from collections import Counter
from collections.abc import Sequence

from netsim.program import Program
from netsim.records import Records


def denials(program: Program, runs: Sequence[Records]) -> list[dict[str, object]]:
    """The policies that denied anything, the most first: ``rule`` has the direction and the policies that isolate, and
    ``packets`` counts opening packets over all replications; a client that tries again counts again."""
    found: Counter[str] = Counter()
    for run in runs:
        for rule, count in enumerate(run.denied.tolist()):
            if count:
                found[program.names.rules[rule]] += count
    return [{"rule": rule, "packets": found[rule]} for rule in sorted(found, key=lambda rule: (-found[rule], rule))]
