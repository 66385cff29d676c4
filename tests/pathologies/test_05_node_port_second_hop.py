"""A node port under Cluster: (n - 1) / n of the connections cross to another node, and all get a node's address."""

from collections.abc import Mapping
from math import sqrt

import numpy as np
import pytest

from netsim import engines
from netsim.program import Kind
from tests.pathologies.shipped import Ran, lowered, variants

NODES = 4
SOURCE_LOST, SOURCE_KEPT = "cluster", "local"


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    """Records with the steps of all requests, which a study does not keep."""
    programs = {name: lowered(scenario) for name, scenario in variants("05_node_port_second_hop").items()}
    return {name: Ran(program, engines.run(program)) for name, program in programs.items()}


def crossings(one: Ran) -> list[int]:
    """How many times a frame of each request came from the switch to a node, on the request's way there and back."""
    kinds, steps = one.program.stations.kind, one.records.steps
    names = np.array(one.program.names.stations)
    into_node = (kinds == Kind.LINK) & np.char.startswith(names, "tor->node-")
    firsts, counts = one.of("calls", "first_step"), one.of("calls", "steps")
    spans = zip(firsts.tolist(), counts.tolist(), strict=True)
    requests = [steps.station[first : first + count] for first, count in spans if count]
    return [int(into_node[stations[stations >= 0]].sum()) for stations in requests]


def masquerading(one: Ran) -> int:
    """How many requests have the stage that takes a source port of the node on the way of their first packet."""
    program, steps = one.program, one.records.steps
    works, stages = program.works, program.stages
    stage = program.names.stages.index("masquerade") if "masquerade" in program.names.stages else -1
    spans = enumerate(zip(works.first_stage.tolist(), works.stages.tolist(), strict=True))
    rows = [work for work, (first, count) in spans if (stages.name[first : first + count] == stage).any()]
    return int(np.isin(steps.walk, rows).sum())


def test_three_of_four_connections_go_on_to_another_node(ran: Mapping[str, Ran]) -> None:
    # SYN and request come to a node once (2), or to the entry node and the pod's (4); then SYN-ACK and response come
    # back by way of the entry node (2 more).
    found = crossings(ran[SOURCE_LOST])
    assert set(found) == {2, 6}
    crossed, share = found.count(6), (NODES - 1) / NODES
    assert abs(crossed - len(found) * share) <= 4 * sqrt(len(found) * share * (1 - share))


def test_every_connection_gets_the_address_of_a_node_also_where_the_pod_is_on_it(ran: Mapping[str, Ran]) -> None:
    answered = ran[SOURCE_LOST].outcomes("calls")["answered"]
    assert answered > 1000
    assert masquerading(ran[SOURCE_LOST]) == answered


def work(one: Ran, direction: str) -> int:
    """ps that the links between nodes and switch were busy: "out" of the nodes, or "in"."""
    ends = [("node-%d->tor" if direction == "out" else "tor->node-%d") % node for node in range(NODES)]
    return sum(int(one.records.stations.busy[one.program.names.stations.index(end)]) for end in ends)


def test_all_that_crosses_loads_the_links_of_the_nodes_once_more(ran: Mapping[str, Ran]) -> None:
    # Without a second hop "in" is what clients say and "out" what pods answer. Of the connections that cross, a node
    # sends both on.
    found = crossings(ran[SOURCE_LOST])
    share = found.count(6) / len(found)
    said, answered = work(ran[SOURCE_KEPT], "in"), work(ran[SOURCE_KEPT], "out")
    # Connections are of one size; only acknowledgements may be more or fewer by chance.
    assert work(ran[SOURCE_LOST], "out") == pytest.approx(answered + share * (said + answered), rel=0.01)
    assert work(ran[SOURCE_LOST], "in") == pytest.approx(said + share * (said + answered), rel=0.01)


def test_local_has_neither(ran: Mapping[str, Ran]) -> None:
    assert set(crossings(ran[SOURCE_KEPT])) == {2}
    assert masquerading(ran[SOURCE_KEPT]) == 0
    assert np.median(ran[SOURCE_KEPT].latencies("calls")) < np.median(ran[SOURCE_LOST].latencies("calls"))
