"""NetworkPolicy semantics: netsim against an evaluator that shares nothing with it, on 5,000 random sets."""

from ipaddress import IPv4Address
from typing import Any

import pytest

from netsim.model.policy import NetworkPolicy
from netsim.policy import Evaluator, Identities, Party
from netsim.scenario.policies import policy_of
from netsim.scenario.schema_policies import PolicySpec
from tests import policies as brute

SETS, SLICES = 5_000, 10
FLOWS = ((80, "TCP"), (81, "TCP"), (8080, "UDP"))


def party_of(end: dict[str, Any]) -> Party:
    address = IPv4Address(end["address"])
    if end["kind"] != "pod" or end["hostNetwork"]:
        return Party(inside=end["kind"] != "outside", address=address)
    ports = tuple((one["name"], one["port"], one["protocol"]) for one in end["ports"])
    return Party(True, True, end["namespace"], tuple(sorted(end["labels"].items())), ports, address)


def read(manifest: dict[str, Any]) -> NetworkPolicy:
    meta = manifest["metadata"]
    return policy_of(meta["namespace"], meta["name"], PolicySpec.model_validate(manifest["spec"]))


def disagreements(seed: int) -> list[tuple[object, ...]]:
    """Flows of one random cluster on which the two differ, asked by party and by identity."""
    world = brute.random_world(seed)
    policies = [read(manifest) for manifest in world["policies"]]
    namespaces = {name: tuple(sorted(labels.items())) for name, labels in world["namespaces"].items()}
    evaluator = Evaluator(policies, namespaces, world["blocks_match_pods"])
    identities = Identities(policies, world["blocks_match_pods"])
    parties = [party_of(end) for end in world["ends"]]
    alike = [identities.parties[identities.number(party)] for party in parties]
    wrong: list[tuple[object, ...]] = []
    for row, client in enumerate(world["ends"]):
        for column, server in enumerate(world["ends"]):
            for port in FLOWS if row != column else ():
                truth = brute.allowed((client, server, *port), world)
                answers = [evaluator.allows(some[row], some[column], port) for some in (parties, alike)]
                if answers != [truth, truth]:
                    wrong.append((seed, client["name"], server["name"], port, truth, answers))
    return wrong


@pytest.mark.parametrize("part", range(SLICES))
def test_no_disagreement(part: int) -> None:
    size = SETS // SLICES
    wrong = [one for seed in range(part * size, (part + 1) * size) for one in disagreements(seed)]
    assert wrong == []


def test_random_sets_allow_and_deny() -> None:
    """The comparison means something: both verdicts are frequent, and so is every kind of peer and port."""
    worlds = [brute.random_world(seed) for seed in range(200)]
    flows = [
        brute.allowed((client, server, 80, "TCP"), world)
        for world in worlds
        for client in world["ends"]
        for server in world["ends"]
        if client is not server
    ]
    assert 0.2 < sum(flows) / len(flows) < 0.8
    text = str([world["policies"] for world in worlds])
    words = ("ipBlock", "except", "endPort", "'http'", "NotIn", "DoesNotExist", "Exists", "'to': []", "metadata.name")
    for word in words:
        assert word in text


@pytest.mark.parametrize("method", ["isolating", "matches"])
def test_saboteur_a_wrong_evaluator_is_noticed(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that forget isolation, or take every peer for a match, disagree with brute force."""
    broken: dict[str, Any] = {"isolating": lambda *_: (), "matches": lambda *_: True}
    monkeypatch.setattr(Evaluator, method, broken[method])
    assert any(disagreements(seed) for seed in range(20))
