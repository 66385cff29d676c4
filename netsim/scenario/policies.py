"""Reads NetworkPolicies, and tells of those without effect: they select or name nobody, or the CNI ignores them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network

from netsim import cni
from netsim.errors import Problem, quote
from netsim.model.cluster import Scenario
from netsim.model.policy import EGRESS, INGRESS, Block, NetworkPolicy, Peer, PolicyPort, Requirement, Rule, Selector
from netsim.policy import Evaluator, Identities, Party, namespace_labels, selects
from netsim.scenario.located import Map
from netsim.scenario.objects import Objects, PolicyPlan
from netsim.scenario.references import DEFAULT_NAMESPACE
from netsim.scenario.schema_policies import (
    BlockPart,
    EgressPart,
    IngressPart,
    PeerPart,
    PolicyManifest,
    PolicySpec,
    PortPart,
    SelectorPart,
)
from netsim.scenario.validation import Source, validate

NOBODY = Peer()  # what stands for addresses that no machine here has


def read_policy(data: Map, source: Source, objects: Objects) -> list[Problem]:
    """Adds a NetworkPolicy to ``objects``; returns what is wrong with it."""
    manifest, problems = validate(PolicyManifest, data, source)
    if manifest is None:
        return problems
    meta = manifest.metadata
    policy = policy_of(meta.namespace or DEFAULT_NAMESPACE, meta.name, manifest.spec)
    if policy.path in objects.policies:
        return [source.problem(f"there are two NetworkPolicies named {quote(policy.path)}")]
    objects.policies[policy.path] = PolicyPlan(policy, source)
    return []


def policy_of(namespace: str, name: str, spec: PolicySpec) -> NetworkPolicy:
    """A policy as the model has it.

    Without policyTypes it isolates for ingress, and for egress too where there is any egress rule.
    """
    types: list[str] = list(spec.policy_types or ()) or ["Ingress", *(["Egress"] if spec.egress else [])]
    return NetworkPolicy(
        namespace,
        name,
        selector_of(spec.pod_selector or SelectorPart()),
        rules_of(spec.ingress) if "Ingress" in types else None,
        rules_of(spec.egress) if "Egress" in types else None,
    )


def selector_of(part: SelectorPart) -> Selector:
    """A label selector."""
    wanted = (part.match_labels or {}).items()
    return Selector(
        tuple(sorted(wanted)),
        tuple(Requirement(one.key, one.operator, tuple(one.values or ())) for one in part.match_expressions or ()),
    )


def rules_of(parts: Sequence[IngressPart | EgressPart] | None) -> tuple[Rule, ...]:
    """The rules of one direction."""
    return tuple(
        Rule(tuple(map(_peer, part.peers or ())), tuple(map(_port, part.ports or ()))) for part in parts or ()
    )


def _peer(part: PeerPart) -> Peer:
    if part.ip_block is not None:
        return _block(part.ip_block)
    pods, namespaces = part.pod_selector, part.namespace_selector
    return Peer(
        None if pods is None else selector_of(pods),
        None if namespaces is None else selector_of(namespaces),
    )


def _block(part: BlockPart) -> Peer:
    if not isinstance(part.cidr, IPv4Network):
        return NOBODY
    excluded = tuple(one for one in part.excluded or () if isinstance(one, IPv4Network))
    return Peer(block=Block(part.cidr, excluded))


def _port(part: PortPart) -> PolicyPort:
    return PolicyPort(part.port, part.end_port, part.protocol or "TCP")


def doubts(plans: Sequence[PolicyPlan], scenarios: Sequence[Scenario]) -> Iterator[Problem]:
    """A notice for each policy, or part of one, that has no effect."""
    if not plans or not scenarios:
        return
    first = scenarios[0].cluster
    namespaces = {name: namespace_labels(name, labels) for name, labels in first.namespaces}
    policies = [plan.policy for plan in plans]
    identities, evaluator = Identities(policies), Evaluator(policies, dict(first.namespaces))
    for pod in first.pods:
        if not pod.host_network:
            identities.number(Party(True, True, pod.namespace, pod.labels))
    for plan in plans:
        yield from _idle(plan, identities.parties, namespaces)
        yield from _strangers(plan, identities.parties, evaluator)
    yield from _unenforced(plans[0], scenarios)


def _idle(plan: PolicyPlan, parties: Iterable[Party], namespaces: Mapping[str, object]) -> Iterator[Problem]:
    """A policy that selects nobody."""
    policy, source = plan.policy, plan.source
    if policy.namespace not in namespaces:
        yield source.at("metadata", "namespace").problem(
            f"policy {policy.path} selects nobody: there is no namespace {quote(policy.namespace)}"
        )
    elif not any(party.namespace == policy.namespace and selects(policy.pods, party.labels) for party in parties):
        yield source.at("spec", "podSelector").problem(
            f"policy {policy.path} selects nobody: no pod of its namespace has these labels"
        )


def _strangers(plan: PolicyPlan, parties: Iterable[Party], evaluator: Evaluator) -> Iterator[Problem]:
    """Peers that mean no pod; an ipBlock means addresses, which anybody may have."""
    for direction, key in ((INGRESS, "from"), (EGRESS, "to")):
        for number, rule in enumerate(plan.policy.rules(direction) or ()):
            for place, peer in enumerate(rule.peers):
                where = plan.source.at("spec", direction, number, key, place)
                if peer == NOBODY:
                    yield where.problem(f"policy {plan.policy.path}: IPv6 addresses match nobody here")
                elif peer.block is None and not any(
                    evaluator.matches(peer, plan.policy.namespace, party) for party in parties
                ):
                    yield where.problem(f"policy {plan.policy.path}: no pod matches this peer")


def _unenforced(plan: PolicyPlan, scenarios: Sequence[Scenario]) -> Iterator[Problem]:
    """CNIs that take no notice of policies, told once for all variants."""
    plugins = [scenario.cluster.cni for scenario in scenarios]
    blind = [one.plugin for one in plugins if cni.load(one.plugin).data_path(one).policing is None]  # type: ignore[attr-defined]
    if blind:
        names = " and ".join(dict.fromkeys(blind))
        verb = "does" if len(set(blind)) == 1 else "do"
        message = f"{names} {verb} not enforce network policies: every flow passes there"
        yield plan.source.problem(message, "Calico, Canal, Cilium and Weave Net enforce them.")
