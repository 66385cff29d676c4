"""The kube-proxy modes: what a flow's first packet pays, rule by rule."""

import pytest
from pydantic import ValidationError

from netsim import balancing, costs, proxy
from netsim.errors import UsageError
from netsim.model.datapath import Lane
from netsim.model.sync import Sync
from netsim.proxy import ebpf, iptables, ipvs, nftables, userspace
from netsim.units import seconds

CONSTANT = (ebpf, ipvs, nftables)  # look Services up, however many there are


def test_modes() -> None:
    assert proxy.names() == ("ebpf", "iptables", "ipvs", "nftables", "userspace")
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
    assert translation.miss is None or not translation.miss.translates
    assert {translation.strategy, translation.outside or translation.strategy} <= set(balancing.names())
    met = (translation.stage, translation.masquerade, *translation.forward, *translation.reply)
    names = [stage.name for stage in met] + [translation.rule or translation.stage.name]
    for stage in [*names, translation.miss.name if translation.miss else names[0]]:
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


@pytest.mark.parametrize("module", CONSTANT)
def test_maps_and_hash_tables_are_not_walked(module: object) -> None:
    assert module.rules_walked(999, 1000, 250) == module.entry_rules(999, 1000, 250) == 0  # type: ignore[attr-defined]


def test_userspace_walks_the_services_twice() -> None:
    """Once for the client's connection, up to the Service; once, without a match, for the one that kube-proxy makes."""
    assert userspace.rules_walked(0, 1000, 3) == 1 + 1 + 1 + 1000 + 1
    assert userspace.rules_walked(999, 1000, 3) - userspace.rules_walked(0, 1000, 3) == 999
    assert userspace.rules_walked(1000, 1000, 0) == 1002
    assert userspace.entry_rules(0, 1000, 3) == 1 + 1000 + 1 + 1 + 1 + 1000 + 1


def test_settings_that_change_nothing_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        iptables.Config.model_validate({"mode": "iptables", "scheduler": "rr"})
    with pytest.raises(ValidationError, match="minSyncPeriod is longer than syncPeriod"):
        nftables.Config.model_validate({"mode": "nftables", "minSyncPeriod": "31s"})
    with pytest.raises(ValidationError, match="is out of range"):
        ipvs.Config.model_validate({"mode": "ipvs", "syncPeriod": "25h"})


def test_periods_are_those_of_kubernetes() -> None:
    """pkg/proxy/apis/config/v1alpha1/defaults.go; IPVS has no minimum unless one is written."""
    told = {name: proxy.load(name).Config().periods for name in proxy.names()}
    second, half_a_minute = seconds(1), seconds(30)
    assert told == {
        "ebpf": (0, 0),
        "iptables": (second, half_a_minute),
        "ipvs": (0, half_a_minute),
        "nftables": (second, half_a_minute),
        "userspace": (second, half_a_minute),
    }
    written = iptables.Config.model_validate({"mode": "iptables", "minSyncPeriod": "10s", "syncPeriod": "1m"})
    assert written.periods == (seconds(10), seconds(60))


def test_schedulers_of_ipvs() -> None:
    told = {name: ipvs.translation(ipvs.Config(scheduler=name)) for name in ipvs.STRATEGIES}
    assert ipvs.translation(ipvs.Config()).strategy == "round_robin"
    assert {name for name, one in told.items() if one.by_client} == {"sh", "mh"}
    assert told["lc"].strategy == told["wlc"].strategy == "least_connections"
    assert told["mh"].strategy == "maglev"
    with pytest.raises(ValidationError, match="Input should be 'rr', 'wrr'"):
        ipvs.Config.model_validate({"mode": "ipvs", "scheduler": "random"})


def test_every_packet_passes_ipvs_and_the_process_of_the_userspace_mode() -> None:
    for module in (ebpf, iptables, nftables):
        found = module.translation(module.Config())
        assert found.forward == found.reply == ()
    for module in (ipvs, userspace):
        found = module.translation(module.Config())
        assert any(not stage.first_packet for stage in found.forward)
        assert found.reply
    assert userspace.translation(userspace.Config()).relays


QUIET = Sync(services=1000, endpoints=3000, changed_services=0, changed_endpoints=0, touched_endpoints=0)
ONE = Sync(services=1000, endpoints=3000, changed_services=1, changed_endpoints=1, touched_endpoints=3)
FULL = Sync(1000, 3000, 1, 1, 3, full=True)


def work(name: str, sync: Sync) -> int:
    """ps of work of a sync."""
    return sum(costs.load().stage(entry).per_burst * times for entry, times in proxy.load(name).sync(sync))


def test_iptables_always_writes_kube_services_and_only_the_chains_that_changed() -> None:
    assert iptables.sync(QUIET) == (("iptables-restore-line", 1000),)
    # KUBE-SVC: 2 lines and 3 rules for endpoints; KUBE-SEP: 3 lines for each of 3 endpoints
    assert iptables.sync(ONE) == (("iptables-restore-line", 1000 + 2 + 3 + 9),)
    assert iptables.sync(FULL) == (("iptables-restore-line", 1000 + 2 * 1000 + 4 * 3000),)


@pytest.mark.parametrize("name", proxy.names())
def test_work_of_a_sync_grows_with_what_changes(name: str) -> None:
    assert work(name, QUIET) <= work(name, ONE) <= work(name, FULL)
    twice = Sync(2000, 6000, 1, 1, 3)
    whole = {"iptables", "ipvs", "nftables", "userspace"}  # look at all Services in every sync
    assert (work(name, twice) > work(name, ONE)) == (name in whole)


def test_one_more_service_among_ten_thousand_takes_nftables_what_was_measured() -> None:
    """kubernetes/kubernetes pull request 126013: about 141 ms with 2 endpoints each."""
    assert work("nftables", Sync(10_000, 20_000, 1, 2, 2)) == pytest.approx(141e9, rel=0.02)


def test_five_thousand_services_cost_what_the_measurement_says() -> None:
    """KEP-3866: 49 us for the first packet at the median with 5,000 Services, 10 us of it without any."""
    rule = costs.load().stage("iptables-rule").per_burst
    walk = iptables.rules_walked(2500, 5000, 1) * rule
    assert walk == pytest.approx(39_000_000, rel=0.02)
