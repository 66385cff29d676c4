"""The journey of one request under every CNI mode, as text kept in git; ``pytest --regen`` writes it anew."""

import re
from pathlib import Path
from typing import Any

import pytest

from netsim.engines import run
from netsim.program import Program
from netsim.records import Mark, Records
from tests.documents import document, program
from tests.modes import TITLES, VARIANTS

FOLDER = Path(__file__).parent
NAMES = [re.sub(r"\W+", "-", title.lower()) for title in TITLES]
COLUMNS = ("at", "queue", "stolen", "wakeup", "work", "travel", "frames", "payload")


def spec(config: Any) -> dict[str, Any]:
    """A small shop of one: a pod calls a Service whose only pod is on another node, a new connection each time."""
    return {
        "run": {"duration": "5ms", "warmup": "0", "seed": 11},
        "cluster": {"nodePools": [{"name": "node", "count": 2}]},
        "cni": config.model_dump(),
        "workloads": [
            {"target": "pod/client", "node": "node-0"},
            {"target": "pod/server", "node": "node-1", "ports": [80], "cpuTime": "20us", "serviceTime": "5us"},
        ],
        "services": [{"name": "server", "selector": "pod/server"}],
        "traffic": [
            {
                "name": "calls",
                "from": "pod/client",
                "to": "svc/server",
                "rate": "1k/s",
                "arrivals": "constant",
                "request": "3000B",
                "response": "100B",
                "connections": {"mode": "perRequest"},
            }
        ],
    }


def stages(found: Program, visit: int, walk: int) -> str:
    """What a visit is made of."""
    first = int(found.visits.first_work[visit])
    works = [*range(first, first + int(found.visits.works[visit])), *([walk] if walk >= 0 else [])]
    rows = [
        row
        for work in works
        for row in range(found.works.first_stage[work], found.works.first_stage[work] + found.works.stages[work])
    ]
    return " ".join(found.names.stages[found.stages.name[row]] for row in rows)


def journey(found: Program, records: Records, request: int) -> str:
    """The program's fingerprint, then a line per step of a request: where, how long for what in ps, which stages."""
    asked, steps = records.requests, records.steps
    latency = asked.completed[request] - asked.intended[request]
    lines = [
        f"{found.cni} {found.mode}, {found.proxy}",
        f"program {found.fingerprint()}",
        f"request {request}: {latency} ps, handshake {asked.connect[request]} ps",
        f"visit @ station | {' '.join(COLUMNS)} | stages",
    ]
    first = int(asked.first_step[request])
    for row in range(first, first + int(asked.steps[request])):
        visit, station = int(steps.visit[row]), int(steps.station[row])
        name = found.names.visits[visit] if visit >= 0 else Mark(visit).name
        times = [int(getattr(steps, column)[row]) for column in COLUMNS]
        times[0] -= int(asked.intended[request])
        what = stages(found, visit, int(steps.walk[row])) if visit >= 0 else ""
        lines.append(f"{name} @ {found.names.stations[station]} | {' '.join(map(str, times))} | {what}".rstrip())
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("name", "config"), [(name, config) for name, (_, config) in zip(NAMES, VARIANTS, strict=True)], ids=NAMES
)
def test_the_third_request_goes_as_it_did(name: str, config: Any, request: pytest.FixtureRequest) -> None:
    found = program(document(spec(config)))
    text = journey(found, run(found), 2)
    file = FOLDER / f"{name}.txt"
    if request.config.getoption("--regen"):
        file.write_text(text, encoding="utf-8")
    assert file.exists(), "write it with pytest --regen, and read it before you commit it"
    assert text == file.read_text(encoding="utf-8")


def test_every_file_belongs_to_a_mode() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(NAMES)


def test_the_fingerprint_sees_every_number_and_the_dump_says_it() -> None:
    whole = document(spec(VARIANTS[0][1]))
    one, same = program(whole), program(whole)
    assert (one.fingerprint(), one.dump()) == (same.fingerprint(), same.dump())
    assert f"  {one.fingerprint()[:16]}\n" in one.dump()
    for _, column in same.tables():
        if column.size:
            before = int(column.flat[0])
            column.flat[0] = before + 1
            assert same.fingerprint() != one.fingerprint()
            column.flat[0] = before
    assert same.fingerprint() == one.fingerprint()
