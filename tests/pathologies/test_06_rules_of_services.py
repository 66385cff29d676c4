"""Connecting takes the longer, the more Services kube-proxy's rules name before; kept connections do not."""

from collections.abc import Mapping
from math import sqrt

import numpy as np
import pytest

from netsim import costs
from tests.pathologies.shipped import Column, Ran, run_all

BETWEEN = 1000  # Service ports between first and middle, and between middle and last, as the file says
RULE = costs.load().stage("iptables-rule").per_burst  # ps


@pytest.fixture(scope="module")
def ran() -> Mapping[str, Ran]:
    return run_all("06_rules_of_services")


def mean(sample: Column) -> tuple[float, float]:
    """The mean of a sample and its standard error."""
    return float(sample.mean()), float(sample.std(ddof=1)) / sqrt(len(sample))


def longer(one: Ran, first: str, second: str) -> tuple[float, float]:
    """How much longer connecting takes to the second than to the first, and the standard error of that."""
    (before, one_error), (after, other_error) = (mean(one.connected(traffic)) for traffic in (first, second))
    return after - before, sqrt(one_error**2 + other_error**2)


@pytest.mark.parametrize(
    ("first", "second", "rules"),
    [
        ("new-first", "new-middle", BETWEEN + 1),
        ("new-middle", "new-last", BETWEEN + 1),
        ("new-first", "new-last", 2 * (BETWEEN + 1)),
    ],
)
def test_every_rule_costs_its_time(ran: Mapping[str, Ran], first: str, second: str, rules: int) -> None:
    more, error = longer(ran["iptables"], first, second)
    assert abs(more - rules * RULE) <= 4 * error
    assert more > 4 * error  # the symptom is no noise


def test_kept_connections_are_as_fast_to_the_last_as_to_the_first(ran: Mapping[str, Ran]) -> None:
    kept = {traffic: ran["iptables"].latencies(traffic) for traffic in ("kept-first", "kept-last")}
    walked = {traffic: ran["iptables"].connected(traffic) > 0 for traffic in kept}
    samples = [mean(kept[traffic][~walked[traffic]]) for traffic in kept]
    (first, one_error), (last, other_error) = samples
    assert abs(last - first) <= 4 * sqrt(one_error**2 + other_error**2)
    assert abs(last - first) < 0.1 * 2 * (BETWEEN + 1) * RULE


@pytest.mark.parametrize("variant", ["nftables", "cilium"])
def test_a_map_does_not_care(ran: Mapping[str, Ran], variant: str) -> None:
    more, error = longer(ran[variant], "new-first", "new-last")
    assert abs(more) <= 4 * error
    medians = [np.median(ran[variant].connected(traffic)) for traffic in ("new-first", "new-middle", "new-last")]
    assert max(medians) - min(medians) < 0.1 * BETWEEN * RULE
