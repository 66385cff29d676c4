"""Every CNI in every mode on one small cluster, and what its lowered paths are made of."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from netsim import cni
from netsim.lowering import lower
from netsim.model.cluster import Scenario
from netsim.program import Entry, Phase, Program, Relation
from tests.documents import document, variants

VARIANTS = [(module, config) for module in map(cni.load, cni.names()) for config in module.variants()]
TITLES = [module.data_path(config).title for module, config in VARIANTS]
CROSS_NODE = (Relation.SAME_SUBNET, Relation.OTHER_SUBNET)
every_mode = pytest.mark.parametrize(("module", "config"), VARIANTS, ids=TITLES)


@cache
def scenario(config: Any, size: int = 64) -> Scenario:
    """A client with a pod on its own node, one on a neighbour of its subnet and one further away; constant sizes."""
    kinds = {"local": "a-0", "near": "a-1", "far": "b-0"}
    message = {"request": f"{size}B", "response": "64B", "connections": {"mode": "persistent"}}
    spec = {
        "run": {"duration": "50ms", "warmup": "0"},
        "cluster": {"nodePools": [{"name": "a", "count": 2, "subnet": "x"}, {"name": "b", "count": 1, "subnet": "y"}]},
        "cni": config.model_dump(),
        "workloads": [
            {"target": "pod/client", "node": "a-0"},
            *({"target": f"pod/{name}", "node": node, "ports": [80]} for name, node in kinds.items()),
        ],
        "services": [{"name": name, "selector": f"pod/{name}"} for name in kinds],
        "traffic": [
            {"name": name, "from": "pod/client", "to": f"pod/{name}", "rate": "1k/s", "arrivals": "constant", **message}
            for name in kinds
        ],
    }
    [found] = variants(document(spec))
    return found


def alone(config: Any, name: str) -> Scenario:
    """The scenario with one of its streams only."""
    found = scenario(config)
    return replace(found, traffic=tuple(one for one in found.traffic if one.name == name))


@cache
def program(config: Any) -> Program:
    """The same, lowered."""
    return lower(scenario(config), 1)


def visits(found: Program, relation: Relation, phase: Phase, entry: Entry = Entry.DIRECT) -> list[int]:
    """The rows of Visits between two pods."""
    kind = int(found.endpoints.kind[found.names.endpoints.index("default/client")])
    path = path_of(found, (entry, kind, kind, relation), phase)
    first = int(found.paths.first[path])
    return list(range(first, first + int(found.paths.visits[path])))


def path_of(found: Program, index: tuple[int, int, int, int], phase: Phase) -> int:
    """The row of Paths for a phase between the parties of Routes.index; FINs go where acknowledgements go."""
    routes = found.routes
    columns = {
        Phase.SYN: routes.syn,
        Phase.SYNACK: routes.synack,
        Phase.REQUEST: routes.request,
        Phase.RESPONSE: routes.response,
        Phase.ACK: routes.ack,
        Phase.ACK_BACK: routes.ack_back,
        Phase.FIN: routes.ack,
        Phase.FIN_BACK: routes.ack_back,
        Phase.DATAGRAM: routes.datagram,
        Phase.FIRST_DATAGRAM: routes.opening,
        Phase.DATAGRAM_BACK: routes.datagram_back,
        Phase.TLS: routes.request,
        Phase.TLS_BACK: routes.response,
    }
    return int(columns[phase][routes.index[index]])


def stages(found: Program, visit: int) -> list[str]:
    """The names of the stages of a visit, in order."""
    first = int(found.visits.first_work[visit])
    rows = []
    for work in range(first, first + int(found.visits.works[visit])):
        start = int(found.works.first_stage[work])
        rows += found.stages.name[start : start + int(found.works.stages[work])].tolist()
    return [found.names.stages[row] for row in rows]


def all_stages(found: Program, relation: Relation, phase: Phase, entry: Entry = Entry.DIRECT) -> list[str]:
    """The names of the stages of a whole path."""
    return [name for visit in visits(found, relation, phase, entry) for name in stages(found, visit)]
