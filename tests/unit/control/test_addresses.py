"""IPAM at run time: addresses are those of lowering, run out, and come back."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from netsim import cni
from netsim.ipam import calico_blocks, host_local, pool_of, weave_ring
from netsim.program_edits import Grow
from tests.unit.control.recorded import S, run

NODES = ("a", "b")


@pytest.mark.parametrize("module", [calico_blocks, host_local, weave_ring])
def test_a_pool_gives_what_allocate_gives(module: object) -> None:
    cidr = IPv4Network("10.0.0.0/20")
    pods = [(f"x/{number}", NODES[number * number % 3 % 2]) for number in range(150)]
    pool = pool_of(module.allocate, NODES, cidr)  # type: ignore[attr-defined]
    assert {pod: pool.take(node) for pod, node in pods} == module.allocate(pods, NODES, cidr)  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", [calico_blocks, host_local, weave_ring])
def test_all_addresses_come_back_and_none_is_there_twice(module: object) -> None:
    settings = {"prefix": 26} if module is not weave_ring else {}
    pool = module.Pool(NODES, IPv4Network("10.0.0.0/25"), **settings)  # type: ignore[attr-defined]
    for _ in range(3):
        taken = []
        while (address := pool.take(NODES[len(taken) % 2])) is not None:
            taken.append((NODES[len(taken) % 2], address))
        assert len({address for _, address in taken}) == len(taken) > 100
        for node, address in taken:
            pool.give(node, address)


def test_host_local_goes_round() -> None:
    pool = host_local.Pool(["a"], IPv4Network("10.0.0.0/29"), 29)
    first = [pool.take("a") for _ in range(2)]
    pool.give("a", first[0])  # type: ignore[arg-type]
    assert pool.take("a") not in first
    pool.give("a", first[1])  # type: ignore[arg-type]


def test_calico_borrows_at_run_time() -> None:
    pool = calico_blocks.Pool(["a", "b"], IPv4Network("10.0.0.0/29"), 29)
    assert len({pool.take("a"), *(pool.take("b") for _ in range(7))}) == 8
    assert pool.take("a") is pool.take("b") is None


@pytest.mark.parametrize("name", cni.names())
def test_every_cni_has_a_pool(name: str) -> None:
    module = cni.load(name)
    allocate = module.allocator(module.Config())
    if allocate is not None:
        assert pool_of(allocate, NODES, IPv4Network("10.0.0.0/16")).take("a") is not None


SMALL = {"cni": "{plugin: calico, encapsulation: None, blockSize: 29}", "cluster": ", podCIDR: 10.244.0.0/29"}


def test_pods_without_an_address_wait_until_one_is_free(tmp_path: Path) -> None:
    events = "[{at: 1s, scale: deployment/a/web, replicas: 8}, {at: 15s, scale: deployment/a/client, replicas: 1}]"
    found = run(tmp_path, events=events, **SMALL)
    grown = [(at, edit.names[-1]) for at, edit in found.session.of(Grow)]  # type: ignore[attr-defined]
    pending = {one.subject for one in found.journal if "no address is free" in one.what}
    assert len([at for at, _ in grown if at < 15 * S]) == 2  # six of eight addresses are in use at first
    assert len(pending) == 2
    late = [(at, name) for at, name in grown if at > 15 * S]
    assert len(late) == 1
    assert late[0][1] in pending
    assert found.told("ready", late[0][1])[0] > late[0][0]
    addresses = [address for address in found.program.names.addresses if address]
    assert len(addresses) == len(set(addresses)) + 1  # the one that came back


def test_saboteur_with_room_nobody_waits(tmp_path: Path) -> None:
    found = run(tmp_path, events="[{at: 1s, scale: deployment/a/web, replicas: 8}]")
    assert found.told("no address") == []
    assert len(found.session.of(Grow)) == 4
