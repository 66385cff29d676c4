"""A request's journey: its critical path step by step, each visit's work shared out over its stages."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from netsim import headers
from netsim.program import Op, Program
from netsim.records import Mark, Records

_MARKS = {
    Mark.WORKER: "wait for a worker",
    Mark.SERVICE: "service time",
    Mark.CPU: "service CPU",
    Mark.CONNECTION: "wait for a connection",
    Mark.TIMER: "retransmission timer",
    Mark.SEND: "wait to be sent",
    Mark.WINDOW: "wait for the window",
    Mark.RECOVERY: "recovery from loss",
    Mark.GAP: "wait for missing bytes",
    Mark.ATTEMPT: "failed attempt",
    Mark.TLS: "TLS handshake CPU",
}
_WORK_MARKS = (Mark.SERVICE, Mark.CPU, Mark.TLS)  # all of any other such step is waiting
_OPS = {Op.WIRE: "serialisation", Op.TRAVEL: "client's distance", Op.BALANCE: "balancer"}
_TRANSLATING = ("kube-services", "socket-translation", "bpf-service")
_RULE = "iptables-rule"


@dataclass(frozen=True)
class Step:
    """One step of a journey; times in ps, sizes in bytes. ``work`` holds (stage, ps) pairs.

    ``wire`` is what crossed the wire: headers, padding, preamble and gap included; 0 off the wire.
    """

    at: int
    visit: str
    place: str
    role: str
    work: tuple[tuple[str, int], ...]
    queue: int
    stolen: int
    wakeup: int
    travel: int
    frames: int
    payload: int
    wire: int

    @property
    def total(self) -> int:
        """How long the step took, in ps."""
        return self.queue + self.stolen + self.wakeup + sum(work for _, work in self.work) + self.travel

    def parts(self) -> Iterator[tuple[str, int, int]]:
        """(stage, wait, work) of everything in this step that took time, in order."""
        where = f" for {self.role}" if self.role else ""
        own_wait = self.visit if self.visit in _WAITS else f"queue{where}"
        for stage, wait in ((own_wait, self.queue), ("pre-empted", self.stolen), ("wake-up", self.wakeup)):
            if wait:
                yield stage, wait, 0
        yield from ((stage, 0, work) for stage, work in self.work if work)
        if self.travel:
            yield ("propagation" if self.role else self.visit), 0, self.travel


_WAITS = {title for mark, title in _MARKS.items() if mark not in _WORK_MARKS}


def journey(program: Program, records: Records, request: int) -> list[Step]:
    """The steps of the answered request in row ``request``; raises ValueError where it was not answered."""
    first, count = int(records.requests.first_step[request]), int(records.requests.steps[request])
    if count <= 0:
        raise ValueError(f"request {request} has no steps: it was not answered")
    return [_step(program, records, row) for row in range(first, first + count)]


def shares(work: int, costs: list[int]) -> list[int]:
    """``work`` in proportion to ``costs``, in whole parts that sum to it exactly."""
    total = sum(costs)
    edges = [0, *(work * reached // total for reached in accumulate(costs))]
    return [after - before for before, after in pairwise(edges)]


def _step(program: Program, records: Records, row: int) -> Step:
    steps, names = records.steps, program.names
    visit, station, frames, payload = (
        int(column[row]) for column in (steps.visit, steps.station, steps.frames, steps.payload)
    )
    work, walk = int(steps.work[row]), int(steps.walk[row])
    if visit < 0:
        title = _MARKS[Mark(visit)]
        shared: tuple[tuple[str, int], ...] = ((title, work),)
    else:
        title = names.visits[visit]
        shared = _shared(program, (visit, walk, frames, payload), work)
    return Step(
        at=int(steps.at[row]),
        visit=title,
        place=names.groups[station] if station >= 0 else "",
        role=names.roles[station] if station >= 0 else "",
        work=tuple(part for part in shared if part[1]),
        queue=int(steps.queue[row]),
        stolen=int(steps.stolen[row]),
        wakeup=int(steps.wakeup[row]),
        travel=int(steps.travel[row]),
        frames=frames,
        payload=payload,
        wire=wire_bytes(program, visit, frames, payload) if visit >= 0 else 0,
    )


def _shared(program: Program, burst: tuple[int, int, int, int], work: int) -> tuple[tuple[str, int], ...]:
    visit, walk, frames, payload = burst
    stages = crossed(program, visit, walk)
    table = program.stages
    # Thousandths of a ps, because per_byte is in fs.
    costs = [
        1000 * (int(table.per_burst[stage]) + int(table.per_frame[stage]) * frames)
        + int(table.per_byte[stage]) * payload
        for stage in stages
    ]
    if not sum(costs):
        op = Op(int(program.visits.op[visit]))
        return ((_OPS.get(op, program.names.visits[visit]), work),)
    titles = [_title(program, stage) for stage in stages]
    return tuple(zip(titles, shares(work, costs), strict=True))


def crossed(program: Program, visit: int, walk: int = -1) -> list[int]:
    """The rows of Stages that a burst meets in a visit, in order.

    Rules are the last group of a visit, or the Works row ``walk``, but are met where Services are translated.
    """
    first = int(program.visits.first_work[visit])
    works = list(range(first, first + int(program.visits.works[visit])))
    stages = [stage for work in works for stage in _stages(program, work)]
    rules = list(_stages(program, walk)) if walk >= 0 else []
    if stages and _title(program, stages[-1]) == _RULE:
        rules.insert(0, stages.pop())
    translating = (place for place, stage in enumerate(stages, 1) if _title(program, stage) in _TRANSLATING)
    place = next(translating, 0)
    return [*stages[:place], *rules, *stages[place:]]


def _title(program: Program, stage: int) -> str:
    return program.names.stages[int(program.stages.name[stage])]


def _stages(program: Program, work: int) -> range:
    first = int(program.works.first_stage[work])
    return range(first, first + int(program.works.stages[work]))


def wire_bytes(program: Program, visit: int, frames: int, payload: int) -> int:
    """Bytes that ``frames`` carrying ``payload`` put on the wire at a WIRE visit; 0 at any other."""
    visits = program.visits
    if visits.op[visit] != Op.WIRE or not frames:
        return 0
    full = full_frame(program, visit, frames, payload)
    outer, align, mtu = int(visits.outer[visit]), int(visits.align[visit]), full + headers.TCP_IP
    last = headers.wire_bytes(payload - full * (frames - 1), outer, align, mtu)
    return headers.wire_bytes(full, outer, align, mtu) * (frames - 1) + last


def full_frame(program: Program, visit: int, frames: int, payload: int) -> int:
    """TCP payload of a full frame, among those of the Program's interfaces, that cuts ``payload`` so."""
    paths = program.paths
    path = int(np.flatnonzero((paths.first <= visit) & (visit < paths.first + paths.visits))[0])
    if paths.mss[path]:
        return int(paths.mss[path])
    sizes: list[int] = sorted({size for size in program.endpoints.mss.tolist() if size > 0})
    return next((size for size in sizes if max(1, -(-payload // size)) == frames), sizes[-1])
