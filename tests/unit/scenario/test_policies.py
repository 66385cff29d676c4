"""Reading NetworkPolicies: the API server's defaults and validation, with places; notices on those without effect."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from netsim.errors import ScenarioError
from netsim.model.policy import Peer, Rule, Selector
from netsim.scenario.policies import NOBODY, policy_of
from netsim.scenario.policy_files import policy_objects
from netsim.scenario.schema_policies import PolicySpec
from tests.unit.policy.scenes import DENY, WEB, WEB_TO_DB, policy, study

HEAD = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
"""


def spec(**written: Any) -> Any:
    return policy_of("shop", "p", PolicySpec.model_validate(written))


@pytest.mark.parametrize(
    ("written", "ingress", "egress"),
    [
        ({}, True, False),
        ({"egress": []}, True, False),
        ({"egress": [{}]}, True, True),
        ({"policyTypes": []}, True, False),
        ({"policyTypes": ["Egress"], "ingress": [{}]}, False, True),
        ({"policyTypes": ["Ingress"], "egress": [{}]}, True, False),
        ({"policyTypes": ["Ingress", "Egress"]}, True, True),
    ],
)
def test_directions_without_and_with_policy_types(written: Any, ingress: bool, egress: bool) -> None:
    found = spec(**written)
    assert (found.ingress is not None, found.egress is not None) == (ingress, egress)


def test_empty_and_absent_are_the_same_but_no_rule_is_not_an_empty_rule() -> None:
    assert spec(ingress=[{}]).ingress == spec(ingress=[{"from": [], "ports": []}]).ingress == (Rule(),)
    assert spec().ingress == spec(ingress=[]).ingress == ()
    assert spec().pods == Selector()
    assert spec(ingress=[{"from": [{"podSelector": {}}]}]).ingress == (Rule((Peer(Selector()),)),)


def test_addresses_of_ipv6_match_nobody_rather_than_everybody() -> None:
    assert spec(ingress=[{"from": [{"ipBlock": {"cidr": "fd00::/8"}}]}]).ingress == (Rule((NOBODY,)),)


def test_bits_of_the_host_are_cut_off() -> None:
    [rule] = spec(ingress=[{"from": [{"ipBlock": {"cidr": "10.1.2.3/8"}}]}]).ingress
    assert str(rule.peers[0].block.cidr) == "10.0.0.0/8"


IN_FROM = "ingress: [{from: [{%s}]}]"
IN_PORTS = "ingress: [{ports: [{%s}]}]"
IN_SELECTOR = "podSelector: {matchExpressions: [{key: app, operator: %s}]}"
MISTAKES = {
    IN_FROM % "ipBlock: {cidr: 10.0.0.0/33}": "m.yaml:5:38: spec.ingress[0].from[0].ipBlock.cidr: '10.0.0.0/33' is not",
    IN_FROM % "ipBlock: {cidr: 10.0.0.1}": "'10.0.0.1' is not a CIDR. Write for example 10.0.0.0/8.",
    IN_FROM % "ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}": (
        "spec.ingress[0].from[0].ipBlock: except 11.0.0.0/16 is not a part of cidr 10.0.0.0/8."
    ),
    IN_FROM % "ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}": "except 10.0.0.0/8 is not a part of",
    IN_FROM % "": "this peer names nobody. Write podSelector: {} for all pods of the namespace,",
    IN_FROM % "podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}": "a peer is either an ipBlock or pods.",
    IN_PORTS % "port: 90, endPort: 80": "endPort 80 is less than port 90.",
    IN_PORTS % "port: http, endPort: 80": "endPort 80 goes with a named port.",
    IN_PORTS % "endPort: 80": "endPort 80 goes with no port.",
    IN_PORTS % "port: 70000": "70000 is out of range. Write 1 to 65535.",
    IN_PORTS % 'port: "80"': "'80' is not the name of a port. Write 80 without quotes.",
    IN_PORTS % "protocol: HTTP": "'HTTP' is not known. Known: SCTP, TCP, UDP.",
    IN_SELECTOR % "Equals, values: [a]": (
        "m.yaml:5:57: spec.podSelector.matchExpressions[0].operator: 'Equals' is not known. "
        "Known: DoesNotExist, Exists, In, NotIn."
    ),
    IN_SELECTOR % "In": "operator In needs values. Write values: [...].",
    IN_SELECTOR % "Exists, values: [a]": "operator Exists takes no values.",
    "policyTypes: [ingress]": "m.yaml:5:17: spec.policyTypes[0]: 'ingress' is not known. Did you mean 'Ingress'?",
    "podSelectors: {}": "m.yaml:5:3: spec.podSelectors: unknown field 'podSelectors'. Did you mean 'podSelector'?",
    "ingress: [{form: []}]": "unknown field 'form'. Did you mean 'from'?",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.yaml").write_text(f"{HEAD}  {text}\n")
    with pytest.raises(ScenarioError) as raised:
        policy_objects(tmp_path / "m.yaml")
    assert MISTAKES[text] in str(raised.value)


def test_two_policies_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there are two NetworkPolicies named 'shop/deny'"):
        study(tmp_path, [DENY, DENY], [WEB])


def test_namespaces_have_their_labels_and_pods_theirs(tmp_path: Path) -> None:
    cluster = study(tmp_path, [DENY], [WEB]).variants[0].cluster
    assert dict(cluster.namespaces) == {"shop": (("team", "web"),), "other": ()}
    [web] = [pod for pod in cluster.pods if pod.path == "shop/web-0"]
    assert web.containers[0].named == (("http", 8080),)


def notices(tmp_path: Path, *policies: Any, **spec_: Any) -> list[str]:
    return [str(one) for one in study(tmp_path, list(policies), [WEB], **spec_).notices]


def test_policies_without_effect_are_notices(tmp_path: Path) -> None:
    lost = policy("lost", "nowhere", podSelector={})
    idle = policy("idle", podSelector={"matchLabels": {"app": "dbb"}})
    stranger = policy("stranger", podSelector={}, ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "x"}}}]}])
    modern = policy("modern", podSelector={}, ingress=[{"from": [{"ipBlock": {"cidr": "fd00::/8"}}]}])
    told = notices(tmp_path, lost, idle, stranger, modern)
    for message in (
        "metadata.namespace: policy nowhere/lost selects nobody: there is no namespace 'nowhere'.",
        "spec.podSelector: policy shop/idle selects nobody: no pod of its namespace has these labels.",
        "spec.ingress[0].from[0]: policy shop/stranger: no pod matches this peer.",
        "spec.ingress[0].from[0]: policy shop/modern: IPv6 addresses match nobody here.",
    ):
        assert any(one.endswith(message) for one in told), (message, told)


def test_policies_that_work_are_not_mentioned(tmp_path: Path) -> None:
    assert notices(tmp_path, DENY, WEB_TO_DB) == []


@pytest.mark.parametrize("plugin", ["flannel", "kubenet"])
def test_who_does_not_enforce_is_told(tmp_path: Path, plugin: str) -> None:
    [told] = notices(tmp_path, DENY, cni={"plugin": plugin})
    assert f"{plugin} does not enforce network policies: every flow passes there." in told


def test_a_dump_of_another_time_is_read(tmp_path: Path) -> None:
    """Fields that the API server adds are no mistakes."""
    dumped = {**DENY, "metadata": {**DENY["metadata"], "uid": "x", "managedFields": [{}]}, "status": {}}
    (tmp_path / "list.yaml").write_text(yaml.safe_dump({"kind": "NetworkPolicyList", "items": [dumped]}))
    assert list(policy_objects(tmp_path / "list.yaml").policies) == ["shop/deny"]


def test_labels_of_the_scenario_file_and_addresses_of_nodes(tmp_path: Path) -> None:
    status = {"addresses": [{"type": "Hostname", "address": "n-9"}, {"type": "InternalIP", "address": "10.0.0.9"}]}
    node = {"kind": "Node", "metadata": {"name": "n-9"}, "status": status}
    extra = [{"target": "deployment/shop/cache", "replicas": 1, "labels": {"app": "db"}}]
    cluster = study(tmp_path, [WEB_TO_DB, node], [WEB], workloads=extra).variants[0].cluster
    [cache] = [pod for pod in cluster.pods if pod.owner == "deployment/shop/cache"]
    assert cache.labels == (("app", "db"),)
    assert {one.name: str(one.address) for one in cluster.nodes if one.address} == {"n-9": "10.0.0.9"}
