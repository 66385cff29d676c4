"""The kube-proxy modes: what a flow's first packet pays, rule by rule."""

import pytest
from pydantic import ValidationError

from netsim import costs, proxy
from netsim.errors import UsageError
from netsim.model.datapath import Lane
from netsim.proxy import ebpf, iptables


def test_modes() -> None:
    assert proxy.names() == ("ebpf", "iptables")
    with pytest.raises(UsageError, match=r"There is no proxy mode 'iptable'. Did you mean 'iptables'\?"):
        proxy.load("iptable")


@pytest.mark.parametrize("name", proxy.names())
def test_every_mode_translates_once_and_has_costs(name: str) -> None:
    module = proxy.load(name)
    translation = module.translation(module.Config())
    assert translation.stage.translates
    assert translation.stage.first_packet
    assert translation.masquerade.first_packet
    assert not translation.masquerade.translates
    assert translation.sources
    for stage in (
        translation.stage.name,
        translation.masquerade.name,
        translation.rule or translation.stage.name,
    ):
        assert costs.load().stage(stage).source


def test_translation_happens_in_its_lane() -> None:
    assert iptables.translation(iptables.Config()).stage.lane is Lane.SOFTIRQ
    assert ebpf.translation(ebpf.Config()).stage.lane is Lane.APPLICATION


def test_first_service_with_one_endpoint() -> None:
    # KUBE-SERVICES, its rule; KUBE-SVC: mark, the endpoint; KUBE-SEP: hairpin mark, DNAT
    assert iptables.rules_walked(0, 1, 1) == 6


def test_walk_is_linear_in_services_and_half_the_endpoints() -> None:
    assert iptables.rules_walked(999, 1000, 1) - iptables.rules_walked(0, 1000, 1) == 999
    assert [iptables.rules_walked(0, 1, endpoints) for endpoints in (1, 2, 3, 4, 5, 100)] == [
        6,
        7,
        7,
        8,
        8,
        56,
    ]


def test_expected_endpoint_rules_are_those_of_the_statistic_match() -> None:
    """Each of n rules is the one that matches with probability 1/n: (n + 1) / 2 are crossed on average."""
    for endpoints in range(1, 40):
        mean = sum(range(1, endpoints + 1)) / endpoints
        walked = iptables.rules_walked(0, 1, endpoints) - 5
        assert mean <= walked <= mean + 0.5


def test_addresses_of_no_service_cross_all_rules_and_the_one_for_node_ports() -> None:
    assert iptables.rules_walked(1000, 1000, 0) == 1002
    with pytest.raises(ValueError, match="position 1001 is not within the chain of 1000"):
        iptables.rules_walked(1001, 1000, 0)


def test_node_ports_come_behind_all_services() -> None:
    assert iptables.entry_rules(0, 1000, 1) == 1000 + 1 + 1 + 1 + 2 + 4
    assert iptables.entry_rules(5, 1000, 1) - iptables.entry_rules(0, 1000, 1) == 5
    assert iptables.entry_rules(0, 1000, 1) > iptables.rules_walked(999, 1000, 1)


def test_ebpf_walks_nothing() -> None:
    assert ebpf.rules_walked(999, 1000, 250) == ebpf.entry_rules(999, 1000, 250) == 0


def test_settings_that_change_nothing_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        iptables.Config.model_validate({"mode": "iptables", "syncPeriod": "30s"})


def test_five_thousand_services_cost_what_the_measurement_says() -> None:
    """KEP-3866: 49 us for the first packet at the median with 5,000 Services, 10 us of it without any."""
    rule = costs.load().stage("iptables-rule").per_burst
    walk = iptables.rules_walked(2500, 5000, 1) * rule
    assert walk == pytest.approx(39_000_000, rel=0.02)
