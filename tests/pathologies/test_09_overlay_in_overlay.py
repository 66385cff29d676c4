"""A tunnel within a tunnel: the kernel cuts super-packets itself, and pays for every frame from there on."""

from collections.abc import Mapping

import pytest

from netsim.program import Endpoint, Entry, Op, Program, Relation
from tests.pathologies.shipped import SECOND, Ran, run_all

NESTED, METAL, ROUTED = "vxlan-in-virtual-machines", "vxlan-on-metal", "routes-in-virtual-machines"
JUMBO = "vxlan-in-virtual-machines-jumbo"
WARM = 15 / 40  # of the run, as the file says
CORE = "node-0.core2"  # where the sender's thread and its softirqs work
FEMTO = 1000  # in a picosecond


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    return run_all("09_overlay_in_overlay")


def stages_sent(program: Program) -> list[int]:
    """The stages that data crosses at its sender, from socket to wire."""
    route = program.routes.index[Entry.DIRECT, Endpoint.POD, Endpoint.POD, Relation.SAME_SUBNET]
    path = program.routes.request[route]
    visits, works = program.visits, program.works
    found: list[int] = []
    for visit in range(int(program.paths.first[path]), int(program.paths.first[path] + program.paths.visits[path])):
        if visits.op[visit] == Op.WIRE:
            return found
        for work in range(int(visits.first_work[visit]), int(visits.first_work[visit] + visits.works[visit])):
            found += range(int(works.first_stage[work]), int(works.first_stage[work] + works.stages[work]))
    raise AssertionError("no wire on the way")


def cuts(program: Program) -> bool:
    """Whether the kernel cuts super-packets at the sender."""
    return "gso-segment" in {program.names.stages[program.stages.name[row]] for row in stages_sent(program)}


def cost(program: Program, mss: int) -> tuple[int, float]:
    """By the costs alone: ps per frame at the sender, and ps per byte of the largest super-packet."""
    stages, crossed = program.stages, stages_sent(program)
    frames = (65_535 - 52) // mss
    per_frame = int(stages.per_frame[crossed].sum())
    whole = int(stages.per_burst[crossed].sum()) + frames * per_frame
    return per_frame, whole / (frames * mss) + int(stages.per_byte[crossed].sum()) / FEMTO


def test_the_kernel_cuts_what_the_nic_cannot(ran: Mapping[str, Ran]) -> None:
    cutting = {name: cuts(one.program) for name, one in ran.items()}
    assert cutting == {NESTED: True, METAL: False, ROUTED: False, JUMBO: True}


def test_the_senders_core_is_the_limit_and_its_costs_are_the_throughput(ran: Mapping[str, Ran]) -> None:
    # What the sum leaves out: wake-ups, and bursts smaller than the largest.
    _, per_byte = cost(ran[NESTED].program, 1398)
    assert ran[NESTED].goodput("stream", WARM) == pytest.approx(8 * SECOND / per_byte, rel=0.05)
    assert ran[NESTED].busy(f"{CORE}.softirq") + ran[NESTED].busy(f"{CORE}.threads") > 0.95


def test_every_frame_costs_more_than_ten_times_as_much(ran: Mapping[str, Ran]) -> None:
    nested, metal = (cost(ran[name].program, 1398)[0] for name in (NESTED, METAL))
    assert nested > 10 * metal


@pytest.mark.parametrize("variant", [METAL, ROUTED, JUMBO])
def test_what_mends_it(ran: Mapping[str, Ran], variant: str) -> None:
    # Half as much again and more; what limits then is no longer the cutting (on metal it is the receiver).
    assert ran[variant].goodput("stream", WARM) > 1.4 * ran[NESTED].goodput("stream", WARM)
