"""Legs: which stages a packet crosses between two kinds of party, socket to socket, for one CNI's data path."""

from dataclasses import replace

from netsim.lowering.gates import Gates
from netsim.lowering.policed import exempt
from netsim.lowering.segments import Crossing, Leg, Network, Segment, answers, application, between_nodes, plain
from netsim.model import stages
from netsim.program import Endpoint, Entry, Relation, Role


class Legs:
    """Composes the two legs of every kind of connection."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.gates = Gates(network)

    def both(self, entry: Entry, client: Endpoint, server: Endpoint, relation: Relation) -> tuple[Leg, Leg] | None:
        """The legs towards the server and back; None for parties that cannot meet so."""
        if server == Endpoint.INTERNET:
            return None
        if entry == Entry.DIRECT and relation == Relation.FROM_OUTSIDE:
            return None if client == Endpoint.POD else self.gates.routed(client, server, by_balancer=False)
        if entry < Entry.NODE_PORT:
            return self.direct(client, server, relation, "translate" if entry == Entry.CLUSTER_IP else "miss")
        return self.gates.both(entry, client, server, relation)

    # -- inside the cluster, and out of it ------------------------------------------------------------------------

    def direct(self, client: Endpoint, server: Endpoint, relation: Relation, opens: str) -> tuple[Leg, Leg] | None:
        """From a pod or host to another's own address or to a Service's, as the first packet finds out."""
        if client == Endpoint.INTERNET or relation == Relation.FROM_OUTSIDE:
            return None
        if relation == Relation.OUTSIDE and server == Endpoint.POD:
            return None
        if relation == Relation.SAME_POD:
            return self.over_loopback(Role.CLIENT, Role.SERVER), self.over_loopback(Role.SERVER, Role.CLIENT)
        if relation == Relation.SAME_NODE:
            if client == server == Endpoint.HOST:
                return self.over_loopback(Role.CLIENT, Role.SERVER), self.over_loopback(Role.SERVER, Role.CLIENT)
            towards = self.on_node((client, server), (Role.CLIENT, Role.SERVER), opens)
            answered = answers(opens, towards.segments[0].stages)
            return towards, self.on_node((server, client), (Role.SERVER, Role.CLIENT), answered)
        there, back = self.crossings(client, server, relation)
        outside = Role.SERVER if relation == Relation.OUTSIDE else None
        answered = answers(opens, there.sent)
        return (
            replace(there.leg((Role.CLIENT, Role.SERVER), (opens, "miss")), outside=outside),
            replace(back.leg((Role.SERVER, Role.CLIENT), ("", answered)), outside=outside),
        )

    def over_loopback(self, sender: Role, receiver: Role) -> Leg:
        """Within one network namespace."""
        return Leg((Segment(sender), Segment(receiver, (stages.LOOPBACK,))), loopback=True)

    def on_node(self, kinds: tuple[Endpoint, Endpoint], roles: tuple[Role, Role], opens: str) -> Leg:
        """Between two endpoints of one node; nothing reaches a NIC."""
        pods = self.network.pods
        if kinds == (Endpoint.POD, Endpoint.POD):
            local = pods.local if pods.local_service is None or opens != "translate" else pods.local_service
            sent, switched = pods.pod_out, (*local, *pods.pod_in)
        elif kinds[0] == Endpoint.POD:
            sent, switched = pods.pod_out, pods.entry_local if pods.to_host is None else pods.to_host
        else:
            sent, switched = application(exempt((*pods.entry_local, *pods.pod_in))), ()
        return Leg((Segment(roles[0], (*sent, *switched), opens=opens), Segment(roles[1])))

    def crossings(self, client: Endpoint, server: Endpoint, relation: Relation) -> tuple[Crossing, Crossing]:
        """Between two machines, there and back. Towards a host's own address nothing is tunnelled; a host that
        addresses a pod sends through its CNI's tunnel, and so comes the answer."""
        pods, host = self.network.pods, self.network.host
        host_out, host_in = (*host.pod_out, *host.egress), (*host.ingress, *host.pod_in)
        if server == Endpoint.HOST:
            if client == Endpoint.HOST:
                return Crossing(host_out, host_in), Crossing(host_out, host_in)
            return (
                Crossing((*pods.pod_out, *pods.external_egress), host_in),
                Crossing(host_out, (*pods.external_ingress, *pods.pod_in)),
            )
        between = between_nodes(pods, relation)
        pod_out, pod_in = (*pods.pod_out, *between.sent), (*between.received, *pods.pod_in)
        if client == Endpoint.POD:
            return Crossing(pod_out, pod_in, between.wrapped), Crossing(pod_out, pod_in, between.wrapped)
        own = application(plain(pods.entry_remote, between.wrapped))
        answer = (*plain(pods.entry_return, between.wrapped, back=True), *host.pod_in)
        return Crossing(own, pod_in, between.wrapped), Crossing(pod_out, answer, between.wrapped)
