"""Screens: identities of endpoints, and what policies make of each combination of them that calls can bring about."""

from collections.abc import Iterable
from ipaddress import IPv4Address

from netsim.lowering.conversations import conversations
from netsim.lowering.demand import Demand
from netsim.lowering.machines import INTERNET
from netsim.lowering.parties import EndpointTable
from netsim.lowering.paths import PathTables
from netsim.lowering.rows import Rows
from netsim.model.cluster import Pod, Scenario
from netsim.model.datapath import Policing, Walk
from netsim.model.policy import EGRESS, INGRESS, Judgement, NetworkPolicy
from netsim.policy import Evaluator, Identities, applied, cast_of
from netsim.policy.parties import Party, Port, client_outside
from netsim.program import Screen, Screens, Verdict
from netsim.program_edits import SetScreens

Meeting = tuple[int, int, int]
"""Identities of client and server, and the port's number in Names.ports."""
Policies = tuple[NetworkPolicy, ...]
SCREENS = {EGRESS: Screen.EGRESS, INGRESS: Screen.INGRESS}
PROTOCOLS = ("TCP", "UDP")


def policy_sets(scenario: Scenario) -> list[Policies]:
    """The policies at first, and after each event that applies some, in order of time."""
    found = [scenario.cluster.policies]
    for event in sorted(scenario.events, key=lambda one: one.at):
        if event.policies:
            found.append(applied(found[-1], event.policies))
    return found


class Screening:
    """The identities of a scenario's endpoints under all policies that it will see, and rows of Screens for any of
    these sets.

    Where the CNI does not enforce policies, or none isolates a pod, nothing is screened: ``directions`` is empty and
    every identity -1.
    """

    def __init__(self, scenario: Scenario, policing: Policing | None, endpoints: EndpointTable) -> None:
        self.endpoints = endpoints
        self.policing = policing
        self.sets = policy_sets(scenario)
        every = tuple(dict.fromkeys(policy for policies in self.sets for policy in policies))
        self.traffic = [traffic for traffic in scenario.traffic if traffic.source == INTERNET]
        named = zip(endpoints.names, endpoints.addresses, strict=True)
        self.cast = cast_of(scenario.cluster, {name: IPv4Address(text) for name, text in named if text})
        self.by_address = policing is None or policing.blocks_match_pods
        self.identities = Identities(every, self.by_address)
        parties = {self.cast.parties[f"pod/{pod.path}"] for pod in scenario.cluster.pods} if policing else set()
        asked = self.evaluator(every)
        self.directions = tuple(
            direction for direction in SCREENS if any(asked.isolating(direction, party) for party in parties)
        )
        self.pods = {pod.path: pod for pod in scenario.cluster.pods}
        self.meetings: dict[Meeting, None] = {}
        self.alike: dict[str, int] = {}  # an identity of each workload
        self.rules: list[str] = []
        self.ports: list[Port] = []
        self.works: dict[Walk, int] = {}

    def evaluator(self, policies: Policies) -> Evaluator:
        """Who asks these policies."""
        return Evaluator(policies, self.cast.namespaces, self.by_address)

    # -- lowering --------------------------------------------------------------------------------------------------

    def number(self, demand: Demand, paths: PathTables) -> None:
        """Give every endpoint its identity, find who meets whom, and have the works of all sets of policies ready."""
        if not self.directions:
            return
        column = self.endpoints.rows.columns["identity"]
        for row, party in self._parties():
            column[row] = self.identities.number(party)
        for pod in self.pods.values():
            self.alike[pod.owner] = column[self.endpoints.number[f"pod/{pod.path}"]]
        self.ports = [port_of(name) for name in demand.manners.ports]
        self._meet(demand)
        self._add_works(paths)

    def _parties(self) -> Iterable[tuple[int, Party]]:
        """The party that each endpoint is."""
        number, rows = self.endpoints.number, self.endpoints.rows.columns
        for name, party in self.cast.parties.items():
            yield number[name], party
            if rows["neighbour"][number[name]] >= 0:
                yield rows["neighbour"][number[name]], party
        for traffic in self.traffic:
            for place in range(traffic.clients):
                yield number[f"{traffic.name}/client{place}"], client_outside(place, traffic.cidr)

    def _meet(self, demand: Demand) -> None:
        """Who may meet whom; what an entry node masquerades appears as its own."""
        column = self.endpoints.rows.columns["identity"]
        for talk in conversations(demand):
            clients = {column[row] for row in talk.clients} | (self._nodes() if talk.enters else set())
            servers = sorted({column[row] for row in talk.servers})
            self.meetings |= {(client, server, talk.port): None for client in sorted(clients) for server in servers}

    def _nodes(self) -> set[int]:
        """The identities of nodes."""
        return {self.identities.number(party) for name, party in self.cast.parties.items() if name[:5] == "node/"}

    def _add_works(self, paths: PathTables) -> None:
        """A row of Works for every walk, and a number for every rule, of all sets of policies."""
        for policies in self.sets:
            for _, judgement, port in self._judged(policies):
                walk = self._walk(judgement, port, policies)
                if walk and walk not in self.works:
                    self.works[walk] = paths.work([paths.repeated(entry, times) for entry, times in walk])
                if not judgement.allowed:
                    self._rule(judgement)

    # -- at any time -----------------------------------------------------------------------------------------------

    def identity(self, pod: Pod, address: IPv4Address | None) -> int:
        """The identity of a pod that comes later; a new one meets whom the others of its workload meet."""
        if not self.directions:
            return -1
        before = len(self.identities.parties)
        found = self.identities.number(self.cast.pod(pod, address))
        twin = self.alike.setdefault(pod.owner, found)
        if found == before and twin != found:
            for client, server, port in list(self.meetings):
                clients = (client, found) if client == twin else (client,)
                servers = (server, found) if server == twin else (server,)
                self.meetings |= {(one, other, port): None for one in clients for other in servers}
        return found

    def screens(self, policies: Policies) -> Screens:
        """The rows of a set of policies; what is free and allowed has none."""
        rows: Rows[Screens] = Rows(Screens)
        for (client, server, port), judgement, named in self._judged(policies):
            rows.add(
                direction=SCREENS[judgement.direction],
                port=port,
                client=client,
                server=server,
                walk=self._work(self._walk(judgement, named, policies)),
                action=self._action(judgement),
                rule=-1 if judgement.allowed else self._rule(judgement),
            )
        return rows.done()

    def change(self, policies: Policies, node: int = -1) -> SetScreens:
        """The edit after which a node (-1: every node) enforces these policies."""
        known = len(self.rules)
        screens = self.screens(policies)
        return SetScreens(node, screens, tuple(self.rules[known:]))

    def _judged(self, policies: Policies) -> Iterable[tuple[Meeting, Judgement, Port]]:
        """What isolated pods' policies say of all who may meet."""
        asked, parties = self.evaluator(policies), self.identities.parties
        for meeting in sorted(self.meetings):
            client, server, port = meeting
            for direction in self.directions:
                judgement = asked.judge(direction, parties[client], parties[server], self.ports[port])
                if judgement.isolating:
                    yield meeting, judgement, self.ports[port]

    def _walk(self, judgement: Judgement, port: Port, policies: Policies) -> Walk:
        assert self.policing is not None
        return self.policing.walk(judgement, port[1], policies)

    def _work(self, walk: Walk) -> int:
        """The row of Works of a walk; one that only a later pod brings about takes that of the walk most like it."""
        if not walk:
            return -1
        if walk not in self.works:
            near = min(self.works, key=lambda one: (abs(_length(one) - _length(walk)), one), default=None)
            return -1 if near is None else self.works[near]
        return self.works[walk]

    def _action(self, judgement: Judgement) -> Verdict:
        if judgement.allowed:
            return Verdict.ALLOW
        assert self.policing is not None
        return Verdict.REJECT if judgement.direction in self.policing.rejects else Verdict.DROP

    def _rule(self, judgement: Judgement) -> int:
        if judgement.reason not in self.rules:
            self.rules.append(judgement.reason)
        return self.rules.index(judgement.reason)


def _length(walk: Walk) -> int:
    return sum(times for _, times in walk)


def port_of(name: str) -> Port:
    """A port of Names.ports such as "8080/TCP"; of one that is not known the number is None."""
    number, _, protocol = name.partition("/")
    return int(number) if number else None, protocol or PROTOCOLS[0]
