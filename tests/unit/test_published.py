"""The published facts are whole, netsim can express each of them, and orders are counted as they are said to be."""

from dataclasses import replace

import pytest

from netsim import cni
from tests.documents import document, program, variants
from tests.published import beds, facts, tables
from tests.published.facts import Fact, Role, Setup
from tests.published.orderings import count, ordering, orderings
from tests.published.predictions import Answer

FACTS = facts.load()
SETUPS = sorted({beds.setup(fact) for fact in FACTS}, key=str)
CALIBRATED = ("host", "cilium-native", "cilium-native-legacy-kube-proxy")


def fact(label: str, value: float, spread: float = 0.0, role: Role = Role.PREDICTION) -> Fact:
    """A row of a made-up test bed whose runs lie within ``spread`` of the mean."""
    words = {"source": "nobody", "bed": "bed", "test": "iperf3 TCP x1", "metric": "goodput", "unit": "Gbit/s"}
    place = {"config": label, "published_as": label, "path": "pod", "nic_mtu": 1500, "pod_mtu": None}
    numbers = {"value": value, "low": value - spread, "high": value + spread, "runs": 3}
    return Fact(**words, **place, **numbers, role=role, note="")


def test_facts_are_within_their_own_spread() -> None:
    assert {found.bed for found in FACTS} == set(beds.BEDS)
    for found in FACTS:
        assert 0 < found.low <= found.value <= found.high, found
        assert found.source, found
        assert found.unit == {"goodput": "Gbit/s", "transactions": "1/s"}[found.metric], found
        assert found.path in ("pod", "service"), found


def test_every_row_stands_once() -> None:
    keys = [(found.group, found.label, found.published_as) for found in FACTS]
    assert len(keys) == len(set(keys))


def test_every_row_names_what_netsim_knows() -> None:
    for found in FACTS:
        assert found.test in beds.TOOLS
        described = beds.cni(beds.setup(found))
        cni.load(described["plugin"]).Config(**{key: value for key, value in described.items() if key != "plugin"})


def test_nothing_is_described_for_no_row() -> None:
    assert {found.config for found in FACTS} == set(beds.CONFIGS)
    assert {found.test for found in FACTS} == set(beds.TOOLS)
    assert {bed.hardware for bed in beds.BEDS.values()} == set(beds.HARDWARE)


@pytest.mark.parametrize("of", [one for one in SETUPS if one.pod_mtu], ids=str)
def test_pods_have_the_published_mtu(of: Setup) -> None:
    found = program(document(beds.spec(of)))
    assert found.endpoints.mss[found.names.endpoints.index("default/client")] == of.pod_mtu - 52


def test_every_setup_is_a_scenario() -> None:
    for of in SETUPS:
        [found] = variants(document(beds.spec(of)))
        [traffic] = found.traffic
        assert traffic.name == "test"
        assert found.run.warmup < found.run.duration


def test_rows_that_set_costs_are_no_predictions() -> None:
    roles = {found.config: found.role for found in FACTS if found.test == "netperf TCP_RR x1" and found.nic_mtu == 1500}
    assert {roles[name] for name in CALIBRATED} == {Role.CALIBRATION}
    assert all(found.note for found in FACTS if found.role is not Role.PREDICTION)


def test_an_ordering_is_apart_by_more_than_a_twentieth_and_its_spread() -> None:
    assert ordering(fact("a", 104.9), fact("b", 100)) is None
    assert ordering(fact("a", 105), fact("b", 100)) is None
    assert ordering(fact("a", 120, 10), fact("b", 100, 10)) is None
    assert ordering(fact("a", 200), fact("a", 100)) is None, "one setup measured twice"
    found = ordering(fact("b", 100, 9), fact("a", 120, 10))
    assert found
    assert (found.larger.config, found.smaller.config) == ("a", "b")


def test_orders_are_compared_within_a_group_and_ties_do_not_count() -> None:
    best, middle, worst = fact("a", 30), fact("b", 20), fact("c", 10)
    elsewhere = replace(fact("d", 1), path="service")
    found = orderings([worst, best, middle, elsewhere])
    assert {(one.larger.config, one.smaller.config) for one in found} == {("a", "b"), ("a", "c"), ("b", "c")}
    assert count(found, {best: 3.0, middle: 2.0, worst: 1.0}) == (3, 3)
    assert count(found, {best: 2.0, middle: 2.0, worst: 1.0}) == (2, 3)
    assert count(found, {best: 2.02, middle: 2.0, worst: 1.0}) == (2, 3)
    assert count(found, {best: 2.03, middle: 2.0, worst: 1.0}) == (3, 3)
    assert count(found, {best: 1.0, middle: 2.0, worst: 3.0}) == (0, 3)


def test_calibration_and_doubt_are_counted_apart() -> None:
    roles = [Role.PREDICTION, Role.CALIBRATION, Role.CALIBRATION, Role.DOUBTFUL]
    rows = [fact(name, 10.0 * (4 - place), role=roles[place]) for place, name in enumerate("abcd")]
    found = {(one.larger.config, one.smaller.config): one.role for one in orderings(rows)}
    assert found["a", "b"] is Role.PREDICTION
    assert found["b", "c"] is Role.CALIBRATION
    assert found["a", "d"] is found["c", "d"] is Role.DOUBTFUL


def test_the_tables_tell_totals_rows_and_what_failed() -> None:
    rows = [replace(fact(name, value), bed="cilium-2021") for name, value in (("host", 40.0), ("cilium-native", 30.0))]
    answers = {beds.setup(row): Answer(value, "core", "a core") for row, value in zip(rows, (35.0, 36.0), strict=True)}
    text = tables.whole(rows, answers)
    assert "| **all** | 0 of 1 |  |  |" in text
    assert "| predicted limit something else in one or both | 0 of 1 |  |  |" in text
    assert "Of 2 rows that are predictions 2 are within a factor of 1.25, 2 within 2." in text
    assert "| host 1500 | prediction | 40 | 40 to 40 | 35 | 0.88 | 0 of 1 |" in text
    assert text.rstrip().endswith("| host 1500 | cilium-native 1500 | 40 > 30 | 35, 36 | prediction |")
    [head, *lines] = tables.rows(rows, answers).splitlines()
    assert head.startswith("source,bed,test")
    assert len(lines) == len(rows)
    assert all("a core" in line for line in lines)
