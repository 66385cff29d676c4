"""Paths: legs of stages become visits with their costs, for everything that travels over a connection."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np

from netsim.chance import name_key
from netsim.costs import Profile, StageCost
from netsim.lowering.laws import table
from netsim.lowering.legs import Legs
from netsim.lowering.offload import OUTSIDE, Abilities, Marking
from netsim.lowering.rows import Rows
from netsim.lowering.segments import Leg, Network, Segment
from netsim.lowering.sockets import BULK, with_sockets
from netsim.model import stages
from netsim.model.datapath import Lane, Stage
from netsim.model.law import Law
from netsim.program import Column, Endpoint, Entry, Op, Paths, Phase, Relation, Role, Routes, Screen, Visits, Works
from netsim.program import Stages as StageRows

LOOPBACK_MSS = 65_483  # lo has an MTU of 65,536; a segment still fits one 65,535-byte IP packet with its headers
SCREENS = {"": Screen.NONE, "egress": Screen.EGRESS, "ingress": Screen.INGRESS}
OPTIONS = (Phase.SYN, Phase.DATAGRAM, Phase.FIRST_DATAGRAM)  # phases that carry an encapsulation's option
OPS = {Lane.APPLICATION: Op.APPLICATION, Lane.SOFTIRQ: Op.SOFTIRQ, Lane.DAEMON: Op.DAEMON, Lane.WORKER: Op.WORKER}


class Laws:
    """The law tables of a Program, each kept once."""

    def __init__(self) -> None:
        self.rows: dict[tuple[Law, int], int] = {}
        self.tables: list[Column] = []

    def add(self, law: Law | None, grain: int = 1) -> int:
        """The row of a law's table, -1 for none."""
        if law is None:
            return -1
        row = self.rows.get((law, grain))
        if row is None:
            row = self.rows[law, grain] = len(self.tables)
            self.tables.append(table(law, grain))
        return row


class PathTables:
    """Visits, works and stage rows under construction."""

    def __init__(self, profile: Profile, laws: Laws) -> None:
        self.profile = profile
        self.laws = laws
        self.stage_rows: Rows[StageRows] = Rows(StageRows)
        self.works: Rows[Works] = Rows(Works)
        self.visits: Rows[Visits] = Rows(Visits)
        self.visit_names: list[str] = []
        self.stage_names: dict[str, int] = {}
        self.paths: Rows[Paths] = Rows(Paths)
        self.known_paths: dict[tuple[object, ...], int] = {}
        self.overrides: dict[str, StageCost] = {}

    def cost(self, stage: Stage, split: bool) -> StageCost:
        """What a stage costs; where no super-packets exist its work per burst is paid for every frame."""
        cost = self.overrides.get(stage.name) or self.profile.stage(stage.name)
        if stage.name == stages.GSO_SEGMENT.name:  # the first frame is what is left of the super-packet
            return replace(cost, per_burst=-cost.per_frame)
        if not split:
            return cost
        return replace(cost, per_burst=0, per_frame=cost.per_burst + cost.per_frame)

    def stage_name(self, name: str) -> int:
        """The number of a stage's name."""
        return self.stage_names.setdefault(name, len(self.stage_names))

    def work(self, costs: list[tuple[str, StageCost]]) -> int:
        """A row of Works for stages that are met one after the other; the first one's jitter law holds for all."""
        first = len(self.stage_rows)
        for name, cost in costs:
            self.stage_rows.add(
                name=self.stage_name(name),
                per_burst=cost.per_burst,
                per_frame=cost.per_frame,
                per_byte=cost.per_byte,
                per_wakeup=cost.per_wakeup,
            )
        return self.works.add(
            jitter=self.laws.add(self.profile.jitter.get(costs[0][1].jitter)),
            per_burst=sum(cost.per_burst for _, cost in costs),
            per_frame=sum(cost.per_frame for _, cost in costs),
            per_byte=sum(cost.per_byte for _, cost in costs),
            per_wakeup=sum(cost.per_wakeup for _, cost in costs),
            first_stage=first,
            stages=len(costs),
        )

    def repeated(self, name: str, times: int) -> tuple[str, StageCost]:
        """A stage that is met ``times`` times in a row, as one."""
        cost = self.profile.stage(name)
        return name, replace(cost, per_burst=cost.per_burst * times, per_frame=0, per_byte=0)

    def visit(self, op: Op, segment: Segment, name: str, costs: list[tuple[Stage, StageCost]]) -> int:
        """A row of Visits. The first group of a RECEIVE is the NIC's own, since trains pay it one by one."""
        first = len(self.works)
        rest = costs
        if op == Op.RECEIVE:
            self.work([(stage.name, cost) for stage, cost in costs[:1]])
            rest = costs[1:]
        for _, group in groupby(rest, key=lambda pair: pair[1].jitter):
            self.work([(stage.name, cost) for stage, cost in group])
        wrap = segment.encapsulation
        peer = segment.wire_to if segment.wire_to is not None else segment.received_from
        self.visit_names.append(name)
        return self.visits.add(
            op=op,
            role=segment.role,
            peer=-1 if peer is None else peer,
            first_work=first,
            works=len(self.works) - first,
            purpose=name_key(name),
            outer=wrap.header_bytes if wrap and op == Op.WIRE else 0,
            align=wrap.align if wrap and op == Op.WIRE else 1,
            pair=int(wrap is not None and wrap.hides_flows(steering=op == Op.STEER)),
            translates=int(any(stage.translates for stage, _ in costs)),
            tracks=sum(stage.tracks for stage, _ in costs),
            masquerades=int(any(stage.masquerades for stage, _ in costs)),
            screens=max((SCREENS[stage.screens] for stage, _ in costs), default=0),
        )


class PathBuilder:
    """Makes the routes of a Program from legs."""

    def __init__(self, tables: PathTables, network: Network, able: Abilities, rules: int) -> None:
        self.tables = tables
        self.network = network
        self.able = able  # of the cluster's nodes
        self.rules = rules  # walked by a first packet that matches none
        self.legs = Legs(network)

    def routes(self) -> Routes:
        """A row for every pair of parties that can meet; earlier relations have smaller rows."""
        rows: Rows[Routes] = Rows(Routes)
        index = []
        for relation in Relation:
            for entry in Entry:
                for client in Endpoint:
                    for server in Endpoint:
                        legs = self.legs.both(entry, client, server, relation)
                        index.append(-1 if legs is None else self.route(rows, *legs))
        done = rows.done()
        shape = (len(Relation), len(Entry), len(Endpoint), len(Endpoint))
        table = np.array(index, dtype=np.int64).reshape(shape).transpose(1, 2, 3, 0)
        return replace(done, index=table.copy())

    def route(self, rows: Rows[Routes], towards: Leg, back: Leg) -> int:
        """The paths over a pair of legs."""
        return rows.add(
            index=0,
            syn=self.path(towards, Phase.SYN),
            synack=self.path(back, Phase.SYNACK),
            request=self.path(towards, Phase.REQUEST),
            response=self.path(back, Phase.RESPONSE),
            ack=self.path(towards, Phase.ACK),
            ack_back=self.path(back, Phase.ACK_BACK),
            datagram=self.path(towards, Phase.DATAGRAM),
            opening=self.path(towards, Phase.FIRST_DATAGRAM),
            datagram_back=self.path(back, Phase.DATAGRAM_BACK),
        )

    def path(self, leg: Leg, phase: Phase) -> int:
        """The path of one transfer over a leg; equal paths are kept once."""
        key = (leg, phase)
        known = self.tables.known_paths.get(key)
        if known is None:
            first = len(self.tables.visits)
            for segment, prefix, lanes in self.runs(leg, phase):
                self.add_run(segment, prefix, lanes)
            known = self.tables.known_paths[key] = self.tables.paths.add(
                first=first,
                visits=len(self.tables.visits) - first,
                mss=LOOPBACK_MSS if leg.loopback else 0,
                burst=self.abilities(leg, leg.segments[0].role).burst(leg),
            )
        return known

    def abilities(self, leg: Leg, role: Role) -> Abilities:
        """What the machine of a role does; machines outside have defaults of their own."""
        return OUTSIDE if role == leg.outside else self.able

    def add_run(self, segment: Segment, prefix: str, lanes: list[tuple[Stage, bool]]) -> None:
        """One visit."""
        tables = self.tables
        if segment.wire_to is not None:
            op = Op.WIRE
        elif segment.travels:
            op = Op.TRAVEL
        elif segment.role == Role.BALANCER:
            op = Op.BALANCE
        elif segment.received_from is not None and lanes and lanes[0][0].name == stages.NIC_RECEIVE.name:
            op = Op.RECEIVE
        elif lanes[0][0].name == stages.RPS_BACKLOG.name:
            op = Op.STEER
        else:
            op = OPS[lanes[0][0].lane]
        costs = [(stage, tables.cost(stage, split)) for stage, split in lanes]
        visit = tables.visit(op, segment, f"{prefix}.{op.name.lower()}", costs)
        walked = [stage for stage, _ in lanes if stage.first_packet and not stage.translates]
        rule, miss = self.network.translation.rule, self.network.translation.miss
        if rule and miss and any(stage.name == miss.name for stage in walked):
            tables.work([tables.repeated(rule, self.rules)])
            tables.visits.columns["works"][visit] += 1

    def runs(self, leg: Leg, phase: Phase) -> Iterator[tuple[Segment, str, list[tuple[Stage, bool]]]]:
        """The segments of a leg cut into visits: consecutive stages of one lane, and what RPS moves to another core;
        with each stage, whether it is paid for every frame."""
        marking = Marking(phase in BULK)
        segments = with_sockets(leg, phase, self.network.translation)
        wrap = None
        for segment, pieces in segments:
            prefix = f"{phase.name.lower()}.{segment.role.name.lower()}"
            if segment.wire_to is not None or segment.travels:
                wrap = segment.encapsulation
                if wrap is not None and wrap.opening_bytes and phase in OPTIONS:
                    segment = replace(segment, encapsulation=wrap.with_option())
                yield segment, prefix, []
                continue
            if segment.received_from is not None:
                segment = replace(segment, encapsulation=wrap)  # what RSS sees, and GRO cannot merge
                marking.arrive(wrap)
            marked = list(marking.mark(pieces, self.abilities(leg, segment.role)))
            for count, (_, lane) in enumerate(groupby(marked, key=lambda pair: pair[0].lane)):
                for run in parted(list(lane)):
                    yield segment, f"{prefix}{count or ''}", run


def parted(run: list[tuple[Stage, bool]]) -> Iterator[list[tuple[Stage, bool]]]:
    """A run of stages in one lane, cut where RPS moves it to another core; what policies cost is a visit of its own,
    since the rules that are walked depend on both pods."""
    start = 0
    for place, (stage, _) in enumerate(run):
        after_screen = place > 0 and bool(run[place - 1][0].screens)
        if place > start and (stage.name == stages.RPS_BACKLOG.name or stage.screens or after_screen):
            yield run[start:place]
            start = place
    yield run[start:]
