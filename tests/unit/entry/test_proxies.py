"""Ingress controllers: every file has its contract, with strategies that exist and sources for its defaults."""

import pytest

from netsim import balancing
from netsim.entry import proxies
from netsim.entry.proxies._controller import ECDSA, RSA
from netsim.units import seconds, us

DEFAULTS = {  # strategy, idle time of upstream connections, further attempts
    "nginx": ("round_robin", 60, 2),
    "haproxy": ("round_robin", 5, 3),
    "envoy": ("two_choices", 3600, 1),
    "traefik": ("round_robin", 90, 0),
}


def test_every_controller_is_here() -> None:
    assert set(proxies.names()) == set(DEFAULTS)


@pytest.mark.parametrize("name", proxies.names())
def test_defaults_are_the_products_own(name: str) -> None:
    module = proxies.load(name)
    found = module.proxy(module.Config())
    strategy, idle, retries = DEFAULTS[name]
    assert (found.strategy, found.upstream.keep_alive, found.retries) == (strategy, seconds(idle), retries)
    assert found.upstream.mode == "pooled"
    assert found.sources
    assert all(found.sources)
    assert module.CLASSES


@pytest.mark.parametrize("name", proxies.names())
def test_every_balance_is_a_strategy_that_exists(name: str) -> None:
    module = proxies.load(name)
    for word in module.Config.model_fields["balance"].annotation.__args__:
        assert module.proxy(module.Config(balance=word)).strategy in balancing.names()


@pytest.mark.parametrize("name", proxies.names())
def test_work_can_be_written(name: str) -> None:
    module = proxies.load(name)
    assert module.proxy(module.Config(work="7us")).work == us(7)


def test_no_class_belongs_to_two() -> None:
    names = [name for kind in proxies.names() for name in proxies.load(kind).CLASSES]
    assert len(set(names)) == len(names)


def test_a_signature_with_rsa_costs_the_server_more_and_the_client_less() -> None:
    assert RSA.server > 2 * ECDSA.server
    assert RSA.client < ECDSA.client
