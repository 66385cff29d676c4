"""What a change of policies costs: the evaluation of a conversation's first packet before and after, in picoseconds."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from netsim import costs
from netsim.experiment.ground import NODES, Ground
from netsim.lowering.conversations import Conversation
from netsim.lowering.screens import port_of
from netsim.model.datapath import Walk
from netsim.model.policy import EGRESS, INGRESS
from netsim.model.stages import POLICY_EGRESS, POLICY_INGRESS
from netsim.policy.parties import Party, Port

Row = dict[str, Any]
Key = tuple[str, str, str, str]
"""Traffic, client group, server group, port."""
STAGES = {EGRESS: POLICY_EGRESS.name, INGRESS: POLICY_INGRESS.name}


def screening_costs(before: Ground, after: Ground) -> list[Row]:
    """A row per conversation of the traffic: ps that its first packet spends on policies, the most that any pair of its
    members pays, on the cost profile's hardware. Established packets pay nothing under any CNI here."""
    old, new = _dearest(before), _dearest(after)
    rows = []
    for key in [*old, *(key for key in new if key not in old)]:
        spent = [side.get(key) for side in (old, new)]
        traffic, client, server, port = key
        rows.append(
            {
                "traffic": traffic,
                "from": client,
                "to": server,
                "port": port,
                "before": spent[0],
                "after": spent[1],
                "added_ps": spent[1]["ps"] - spent[0]["ps"] if spent[0] and spent[1] else None,
            }
        )
    return rows


def _dearest(ground: Ground) -> dict[Key, Row]:
    found: dict[Key, Row] = {}
    names = sorted(one.name for one in ground.scenario.traffic)
    for talk in ground.talks:
        port = ground.lowering.demand.manners.ports[talk.port]
        for (client, one), (server, other) in product(_parties(ground, talk), _sides(ground, talk.servers)):
            price = _price(ground, one, other, port_of(port))
            key = (names[talk.traffic], client, server, port)
            known = found.get(key)
            verdicts = {price["verdict"], *([known["verdict"]] if known else [])}
            price["verdict"] = verdicts.pop() if len(verdicts) == 1 else "partly"
            found[key] = price if known is None or price["ps"] > known["ps"] else {**known, "verdict": price["verdict"]}
    return found


def _sides(ground: Ground, rows: tuple[int, ...]) -> list[tuple[str, Party]]:
    """The different parties of endpoints, each with its group."""
    return list(dict.fromkeys((ground.group_of[row], ground.party_of[row]) for row in rows if row in ground.group_of))


def _parties(ground: Ground, talk: Conversation) -> Iterator[tuple[str, Party]]:
    """The clients; behind an entry node that masquerades, the pods of other nodes see a node in their place."""
    sides = _sides(ground, talk.clients)
    yield from sides
    service = ground.lowering.demand.calls.columns["service"][talk.call]
    if talk.enters and ground.lowering.services.rows.columns["masquerades"][service]:
        yield from ((group, party) for group, _ in sides for party in ground.groups[NODES])


def _price(ground: Ground, client: Party, server: Party, port: Port) -> Row:
    profile, policing = costs.load(), ground.policing
    judgements = [ground.evaluator.judge(way, client, server, port) for way in (EGRESS, INGRESS)]
    walks: Walk = ()
    for judgement in judgements:
        end = client if judgement.direction == EGRESS else server
        if end.is_pod and judgement.direction in ground.lowering.screening.directions:
            walks += ((STAGES[judgement.direction], 1),)
        walks += policing.walk(judgement, port[1], ground.evaluator.policies) if policing else ()
        if not judgement.allowed:
            break
    evaluated: dict[str, int] = {}
    for entry, times in walks:
        evaluated[entry] = evaluated.get(entry, 0) + times
    return {
        "verdict": "allowed" if all(one.allowed for one in judgements) else "denied",
        "evaluated": evaluated,
        "ps": sum(profile.stage(entry).per_burst * times for entry, times in evaluated.items()),
    }
