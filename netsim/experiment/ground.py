"""The ground of policy questions: workloads, machines and clients of a variant as parties, and the policies on them."""

from collections import defaultdict
from dataclasses import dataclass, field, replace

from netsim.lowering import Lowering
from netsim.lowering.conversations import Conversation, conversations
from netsim.model.cluster import Scenario
from netsim.model.datapath import Policing
from netsim.policy import Evaluator, Identities
from netsim.policy.parties import Party, client_outside

NODES, INTERNET = "nodes", "internet"
INSTANT = 10**9  # ps of traffic that are lowered: nothing is run


@dataclass
class Ground:
    """One variant. ``groups`` are the different parties of each workload (by its path), of all ``nodes``, of each
    external machine and of the ``internet``; where the CNI does not enforce policies the evaluator knows none."""

    scenario: Scenario
    lowering: Lowering
    evaluator: Evaluator
    groups: dict[str, list[Party]] = field(default_factory=dict)
    workloads: set[str] = field(default_factory=set)
    group_of: dict[int, str] = field(default_factory=dict)  # by row of Endpoints
    party_of: dict[int, Party] = field(default_factory=dict)

    @property
    def policing(self) -> Policing | None:
        """How the CNI enforces policies."""
        return self.lowering.path.policing

    @property
    def talks(self) -> list[Conversation]:
        """Who calls whom in the scenario's traffic."""
        return list(conversations(self.lowering.demand))


def ground(scenario: Scenario, as_if_enforced: bool = False) -> Ground:
    """The parties of a variant and its policies; ``as_if_enforced`` also for a CNI that takes no notice of them."""
    short = replace(scenario.run, duration=min(INSTANT, scenario.run.duration))
    lowering = Lowering(replace(scenario, run=short, events=()), scenario.run.seed)
    screening = lowering.screening
    enforced = as_if_enforced or screening.policing is not None
    policies = scenario.cluster.policies if enforced else ()
    found = Ground(scenario, lowering, screening.evaluator(policies))
    identities = Identities(policies, screening.by_address)
    members: dict[str, set[int]] = defaultdict(set)

    def add(group: str, name: str, party: Party) -> None:
        number = identities.number(party)
        members[group].add(number)
        row = lowering.endpoints.number.get(name)
        if row is not None:
            found.group_of[row], found.party_of[row] = group, identities.parties[number]

    for pod in sorted(scenario.cluster.pods, key=lambda one: one.path):
        add(pod.owner, f"pod/{pod.path}", screening.cast.parties[f"pod/{pod.path}"])
    found.workloads = set(members)
    for name, party in screening.cast.parties.items():
        if not name.startswith("pod/"):
            add(NODES if name.startswith("node/") else name, name, party)
    for traffic in screening.traffic:
        for number in range(traffic.clients):
            add(INTERNET, f"{traffic.name}/client{number}", client_outside(number, traffic.cidr))
    if INTERNET not in members:
        add(INTERNET, "", client_outside(0))
    for group, numbers in members.items():
        found.groups[group] = [identities.parties[number] for number in sorted(numbers)]
    return found
