"""Random scenarios: every law holds, a second opinion agrees, and what must not matter changes nothing."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from netsim.analysis.laws import check
from netsim.engines import run
from netsim.lowering import lower
from netsim.program import Program
from netsim.records import Records
from tests.documents import Document, program, variants
from tests.properties import checker
from tests.properties.generate import scenarios

EXAMPLES = 40


def random(examples: int) -> Callable[..., Any]:
    """So many scenarios."""
    return settings(suppress_health_check=list(HealthCheck), max_examples=examples)


def broken(found: Program, records: Records) -> list[str]:
    """Sentences about everything that does not hold."""
    laws = [f"{verdict.law.name}: {fault}" for verdict in check(found, records) for fault in verdict.violations or ()]
    return laws + checker.faults(found, records)


# In parts, so that several processes share them: 240 scenarios in every run, 2,000 in a slow one.
PARTS = [pytest.param(part, marks=[pytest.mark.slow] if part >= 6 else []) for part in range(50)]


@pytest.mark.parametrize("part", PARTS)
def test_every_law_holds(part: int) -> None:
    seen = {"delivered": 0, "dropped": 0}

    @seed(part)
    @random(EXAMPLES)
    @given(scenarios())
    def holds(document: Document) -> None:
        found = program(document)
        records = run(found, log=True)
        assert broken(found, records) == []
        seen["delivered"] += records.ledger.frames_delivered
        seen["dropped"] += records.ledger.frames_dropped

    holds()
    assert seen["delivered"] > 100 * EXAMPLES, "hardly anything was ever sent"
    assert seen["dropped"] > 0, "nothing was ever lost"


@random(25)
@given(scenarios())
def test_the_same_seed_gives_the_same_records(document: Document) -> None:
    first, second = program(document), program(copy.deepcopy(document))
    assert first.fingerprint() == second.fingerprint()
    assert first.dump() == second.dump()
    logged, plain = run(first, log=True), run(second)
    assert logged.digest() == plain.digest()
    for (name, column), (_, other) in zip(logged.tables(), plain.tables(), strict=True):
        assert name.startswith("log.") or np.array_equal(column, other), name


@random(25)
@given(scenarios(), st.randoms(use_true_random=False))
def test_the_order_of_lists_in_the_file_does_not_matter(document: Document, dice: Any) -> None:
    shuffled = copy.deepcopy(document)
    spec = shuffled["spec"]
    for name in ("workloads", "services", "traffic"):
        dice.shuffle(spec[name])
    dice.shuffle(spec["cluster"]["nodePools"])
    spec = shuffled["spec"] = dict(dice.sample(sorted(spec.items()), len(spec)))
    before, after = program(document), program(shuffled)
    assert before.fingerprint() == after.fingerprint()
    assert run(before).digest() == run(after).digest()


def draws(found: Program, records: Records) -> dict[tuple[str, int], tuple[Any, ...]]:
    """What was drawn for each request, by names; a closed loop's times depend on answers and are left out."""
    asked, names = records.requests, found.names
    rows = zip(
        *(
            getattr(asked, name).tolist()
            for name in ("traffic", "index", "client", "request_bytes", "response_bytes", "intended")
        ),
        strict=True,
    )
    return {
        (names.traffic[stream], index): (
            names.endpoints[client],
            there,
            back,
            -1 if found.traffic.users[stream] else at,
        )
        for stream, index, client, there, back, at in rows
    }


NEWCOMERS: tuple[tuple[str, Document], ...] = (
    ("workloads", {"target": "deployment/idle", "replicas": 2, "ports": [70], "node": "a-0"}),
    ("services", {"name": "idle", "selector": "pod/one", "port": 70, "targetPort": 80}),
    ("nodePools", {"name": "zzz", "count": 1, "capacity": {"pods": 1}}),
    ("externals", {"name": "idle"}),
)


@random(25)
@given(scenarios(), st.sampled_from(NEWCOMERS))
def test_what_nobody_uses_changes_no_draw(document: Document, newcomer: tuple[str, Document]) -> None:
    larger = copy.deepcopy(document)
    where, what = newcomer
    if where == "nodePools":  # offloads are the same in every pool
        what = what | {"nics": larger["spec"]["cluster"]["nodePools"][0]["nics"]}
    (larger["spec"]["cluster"] if where in ("nodePools", "externals") else larger["spec"])[where].append(what)
    before, after = program(document), program(larger)
    drawn, again = (draws(one, run(one)) for one in (before, after))
    closed = {name for name, users in zip(before.names.traffic, before.traffic.users.tolist(), strict=True) if users}
    for key in drawn.keys() | again.keys():
        if key[0] not in closed or (key in drawn and key in again):
            assert drawn.get(key) == again.get(key), key


@random(15)
@given(scenarios())
def test_a_variant_compared_with_itself_is_the_same(document: Document) -> None:
    document["spec"]["compare"] = [
        {"name": "left"},
        {"name": "right", "set": {"cni": copy.deepcopy(document["spec"]["cni"])}},
    ]
    left, right = (run(lower(one, document["spec"]["run"]["seed"])) for one in variants(document))
    assert left.digest() == right.digest()
    assert left.ledger == right.ledger


@random(20)
@given(scenarios(), st.integers(1, 99))
def test_a_shorter_run_is_a_part_of_the_longer(document: Document, percent: int) -> None:
    found = program(document)
    end = found.duration * percent // 100
    whole, part = run(found).requests, run(replace(found, duration=end)).requests
    known = dict(
        zip(zip(whole.traffic.tolist(), whole.index.tolist(), strict=True), whole.completed.tolist(), strict=True)
    )
    for stream, index, done in zip(part.traffic.tolist(), part.index.tolist(), part.completed.tolist(), strict=True):
        later = known[stream, index]
        assert done == later or (done == -1 and (later == -1 or later >= end))
