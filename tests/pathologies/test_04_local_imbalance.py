"""externalTrafficPolicy Local: a pod's load is proportional to 1 / (pods on its node), and empty nodes drop."""

from collections import Counter
from collections.abc import Mapping
from math import sqrt

import pytest

from tests.pathologies.shipped import Ran, run_all, variants

NAME = "04_local_imbalance"


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    return run_all(NAME)


def binomial(count: int, of: int, share: float) -> bool:
    """Whether ``count`` is within four standard deviations of a binomial's mean (6 in 100,000 are not)."""
    return abs(count - of * share) <= 4 * sqrt(of * share * (1 - share))


def shares(variant: str) -> dict[str, float]:
    """What each pod gets: every node with a pod the same, and of that every pod the same."""
    pods = [pod for pod in variants(NAME)[variant].cluster.pods if pod.owner == "deployment/default/web"]
    on_node = Counter(pod.node for pod in pods)
    return {pod.path: 1 / len(on_node) / on_node[pod.node] for pod in pods}


@pytest.mark.parametrize("variant", ["local", "local-spread"])
def test_a_pods_load_goes_with_one_over_the_pods_of_its_node(ran: Mapping[str, Ran], variant: str) -> None:
    served, expected = ran[variant].served("users"), shares(variant)
    total = sum(served.values())
    assert total > 2000
    assert all(binomial(served[pod], total, share) for pod, share in expected.items())


def test_under_local_the_lone_pod_has_five_times_the_load_of_the_others(ran: Mapping[str, Ran]) -> None:
    expected = shares("local")
    assert expected["default/alone"] == pytest.approx(5 * expected["default/shared-1"])
    waits = {pod: ran["local"].busy(pod) for pod in expected}  # summed over its 4 workers
    assert waits["default/alone"] > 3 * max(busy for pod, busy in waits.items() if pod != "default/alone")


def test_under_cluster_all_get_the_same(ran: Mapping[str, Ran]) -> None:
    served = ran["cluster"].served("users")
    total = sum(served.values())
    assert len(served) == 6
    assert all(binomial(count, total, 1 / 6) for count in served.values())


def test_a_node_without_a_pod_drops_what_comes_to_its_port(ran: Mapping[str, Ran]) -> None:
    outcomes = ran["local"].outcomes("legacy")
    issued = sum(outcomes.values())
    waiting = outcomes["under way"]
    assert binomial(waiting, issued, 1 / 3)
    dropped = ran["local"].dropped()
    assert set(dropped) == {("no-endpoint", "node-2")}
    # Sent again to the same node after 1 s and 3 s, always in vain: within 2.5 s every one at least once, none thrice.
    assert waiting <= dropped["no-endpoint", "node-2"] <= 2 * waiting


@pytest.mark.parametrize("variant", ["cluster", "local-spread"])
def test_what_mends_it(ran: Mapping[str, Ran], variant: str) -> None:
    assert not ran[variant].dropped()
    assert max(ran[variant].served("users").values()) < 1.5 * min(ran[variant].served("users").values())
