"""Gates: the legs of connections that come into the cluster, or leave it by a node that stands for their pod."""

from dataclasses import replace

from netsim.lowering.segments import Leg, Network, Segment, Stages, answers, between_nodes, plain, to_wire
from netsim.model import stages
from netsim.model.datapath import Detour, Stage
from netsim.program import Endpoint, Entry, Relation, Role

Both = tuple[Leg, Leg]


class Gates:
    """Composes what has an end outside the cluster, by every way in and by egress gateways."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def both(self, entry: Entry, client: Endpoint, server: Endpoint, relation: Relation) -> Both | None:
        """The legs towards the server and back; None for parties that cannot meet so."""
        if entry == Entry.EGRESS_GATEWAY:
            return self.through_gateway(relation) if (client, server) == (Endpoint.POD, Endpoint.HOST) else None
        if client == Endpoint.POD:
            return None
        if entry == Entry.BALANCED_POD:
            return self.routed(client, server, by_balancer=True) if relation == Relation.FROM_OUTSIDE else None
        if relation in (Relation.SAME_POD, Relation.OUTSIDE, Relation.FROM_OUTSIDE):
            return None
        if entry == Entry.HOST_PORT:
            mapped = server == Endpoint.POD and relation == Relation.SAME_NODE
            return self.entered(client, server, relation, balanced=False) if mapped else None
        return self.entered(client, server, relation, balanced=entry == Entry.LOAD_BALANCER and self.network.balanced)

    # -- to the address of a pod or machine itself ------------------------------------------------------------------

    def routed(self, client: Endpoint, server: Endpoint, by_balancer: bool) -> Both:
        """From a client outside to a pod's own address, which the network has routes to, or to a machine's; nothing is
        translated. A balancer that knows the pods is on the way there, not on the way back."""
        pods, host = self.network.pods, self.network.host
        received, sent = (*pods.external_ingress, *pods.pod_in), (*pods.pod_out, *pods.external_egress)
        if server == Endpoint.HOST:
            received, sent = (*host.ingress, *host.pod_in), (*host.pod_out, *host.egress)
        towards, last = self.leave_client(client, by_balancer)
        towards += [
            Segment(last, wire_to=Role.SERVER),
            Segment(Role.SERVER, received, received_from=last, opens="miss"),
        ]
        back = [Segment(Role.SERVER, to_wire(sent)), *self.reach_client(client, Role.SERVER)]
        return Leg(tuple(towards), outside=Role.CLIENT), Leg(tuple(back), outside=Role.CLIENT)

    # -- through an entry node ----------------------------------------------------------------------------------------

    def entered(self, client: Endpoint, server: Endpoint, relation: Relation, balanced: bool) -> Both:
        """From a client outside to the node port of an entry node, and on to a pod there or elsewhere."""
        towards, last = self.leave_client(client, balanced)
        towards.append(Segment(last, wire_to=Role.ENTRY))
        if relation == Relation.SAME_NODE:
            inside, out = self.enter_local(server, last)
        elif self.network.pods.direct_return is not None:
            inside, out = self.enter_by_detour(server, last, self.network.pods.direct_return)
        else:
            inside, out = self.enter_remote(server, last, relation)
        back = (*out, *self.reach_client(client, out[-1].role))
        return Leg((*towards, *inside), outside=Role.CLIENT), Leg(back, outside=Role.CLIENT)

    def leave_client(self, client: Endpoint, balanced: bool) -> tuple[list[Segment], Role]:
        """The client's own part and that of a balancer, and whose wire comes next."""
        host = self.network.host
        found = [Segment(Role.CLIENT, to_wire((*host.pod_out, *host.egress)))]
        if client == Endpoint.INTERNET:
            found = [Segment(Role.CLIENT, travels=True)]
        if not balanced:
            return found, Role.CLIENT
        found += [Segment(Role.CLIENT, wire_to=Role.BALANCER), Segment(Role.BALANCER, (stages.LB_FORWARD,))]
        return found, Role.BALANCER

    def reach_client(self, client: Endpoint, sender: Role) -> list[Segment]:
        """The way from the machine that sends the answer out to the client's socket."""
        host = self.network.host
        wire = Segment(sender, wire_to=Role.CLIENT)
        if client == Endpoint.INTERNET:
            return [wire, Segment(Role.CLIENT, travels=True)]
        return [wire, Segment(Role.CLIENT, (*host.ingress, *host.pod_in), received_from=sender)]

    def enter_local(self, server: Endpoint, last: Role) -> tuple[list[Segment], list[Segment]]:
        """The chosen endpoint is on the entry node: in by NodePort, out again by the same node."""
        pods, host = self.network.pods, self.network.host
        if server == Endpoint.POD:
            received, sent = (*pods.entry_local, *pods.pod_in), (*pods.pod_out, *pods.external_egress)
        else:
            translated = (stage for stage in pods.entry_local if stage.translates)
            received, sent = (*translated, *host.entry_local, *host.pod_in), (*host.pod_out, *host.egress)
        return (
            [Segment(Role.ENTRY, received, received_from=last, opens="translate"), Segment(Role.SERVER)],
            [Segment(Role.SERVER, to_wire(sent), opens=answers("translate", received))],
        )

    def enter_remote(self, server: Endpoint, last: Role, relation: Relation) -> tuple[list[Segment], list[Segment]]:
        """The chosen endpoint is elsewhere: the entry node forwards, and the answer comes back to it.

        Its masquerading is part of the Service's walk, since it depends on the Service's traffic policy."""
        pods = self.network.pods
        path = pods if server == Endpoint.POD else self.network.host
        between = between_nodes(path, relation)
        wrapped = between.wrapped
        returned = to_wire(plain(pods.entry_return, wrapped, back=True))
        answered = answers("translate", pods.entry_remote)
        return (
            [
                Segment(Role.ENTRY, to_wire(plain(pods.entry_remote, wrapped)), received_from=last, opens="translate"),
                Segment(Role.ENTRY, wire_to=Role.SERVER, encapsulation=wrapped),
                Segment(Role.SERVER, (*between.received, *path.pod_in), received_from=Role.ENTRY, opens="miss"),
            ],
            [
                Segment(Role.SERVER, to_wire((*path.pod_out, *between.sent))),
                Segment(Role.SERVER, wire_to=Role.ENTRY, encapsulation=wrapped),
                Segment(Role.ENTRY, returned, received_from=Role.SERVER, opens=answered),
            ],
        )

    def enter_by_detour(self, server: Endpoint, last: Role, detour: Detour) -> tuple[list[Segment], list[Segment]]:
        """The chosen endpoint is elsewhere, and its own node answers: the entry node keeps the client's address and
        tells which address was asked for."""
        pods, host = self.network.pods, self.network.host
        received, sent = (*detour.received, *pods.pod_in), (*pods.pod_out, *pods.answer)
        if server == Endpoint.HOST:
            own = (stage for stage in detour.received if stage.name != stages.VETH.name)
            received, sent = (*own, *host.pod_in), (*host.pod_out, *host.egress)
        return (
            [
                Segment(Role.ENTRY, to_wire(detour.sent), received_from=last, opens="translate"),
                Segment(Role.ENTRY, wire_to=Role.SERVER, encapsulation=detour.encapsulation),
                Segment(Role.SERVER, received, received_from=Role.ENTRY, opens="miss"),
            ],
            [Segment(Role.SERVER, to_wire(sent))],
        )

    # -- out of the cluster, through a gateway ------------------------------------------------------------------------

    def through_gateway(self, relation: Relation) -> Both | None:
        """From a pod to its gateway, which takes a port of its own for the connection, and on to a machine outside."""
        pods, host = self.network.pods, self.network.host
        host_out, host_in = (*host.pod_out, *host.egress), (*host.ingress, *host.pod_in)
        if relation == Relation.SAME_NODE:
            towards = [
                Segment(Role.CLIENT, to_wire((*pods.pod_out, *pods.external_egress)), opens="miss"),
                Segment(Role.CLIENT, wire_to=Role.SERVER),
                Segment(Role.SERVER, host_in, received_from=Role.CLIENT),
            ]
            back = [
                Segment(Role.SERVER, to_wire(host_out)),
                Segment(Role.SERVER, wire_to=Role.CLIENT),
                Segment(Role.CLIENT, (*pods.external_ingress, *pods.pod_in), received_from=Role.SERVER),
            ]
        elif relation in (Relation.SAME_SUBNET, Relation.OTHER_SUBNET):
            towards, back = self.by_gateway(relation, (host_out, host_in))
        else:
            return None
        return Leg(tuple(towards), outside=Role.SERVER), Leg(tuple(back), outside=Role.SERVER)

    def by_gateway(self, relation: Relation, ends: tuple[Stages, Stages]) -> tuple[list[Segment], list[Segment]]:
        """The gateway is another node: there and back by the CNI's way to it."""
        pods, (host_out, host_in) = self.network.pods, ends
        between = between_nodes(pods, relation)
        out, back_in, wrapped = between.sent, between.received, between.wrapped
        if pods.to_gateway is not None:
            out, back_in, wrapped = pods.to_gateway.sent, pods.to_gateway.received, pods.to_gateway.encapsulation
        masked = replace(self.network.translation.masquerade, first_packet=True, masquerades=True)
        unwrapped, wrapping = self.at_gateway(wrapped is not None)
        return (
            [
                Segment(Role.CLIENT, to_wire((*pods.pod_out, *out)), opens="miss"),
                Segment(Role.CLIENT, wire_to=Role.ENTRY, encapsulation=wrapped),
                Segment(Role.ENTRY, to_wire((*unwrapped, masked)), received_from=Role.CLIENT, opens="miss"),
                Segment(Role.ENTRY, wire_to=Role.SERVER),
                Segment(Role.SERVER, host_in, received_from=Role.ENTRY),
            ],
            [
                Segment(Role.SERVER, to_wire(host_out)),
                Segment(Role.SERVER, wire_to=Role.ENTRY),
                Segment(Role.ENTRY, to_wire(wrapping), received_from=Role.SERVER),
                Segment(Role.ENTRY, wire_to=Role.CLIENT, encapsulation=wrapped),
                Segment(Role.CLIENT, (*back_in, *pods.pod_in), received_from=Role.ENTRY),
            ],
        )

    def at_gateway(self, tunnelled: bool) -> tuple[Stages, Stages]:
        """From NIC to NIC of the gateway, on the way out and back: as an entry node has it for what it forwards, the
        other way round. A program for Services only translates back here."""
        pods = self.network.pods
        out, back = pods.entry_return, tuple(map(_untranslated, pods.entry_remote))
        if pods.to_gateway is not None:
            return (*pods.to_gateway.received, stages.BPF_FIB), (stages.BPF_NAT, *pods.to_gateway.sent)
        if not tunnelled:
            return plain(out, None, back=True), plain(back, None)
        return out, back


def _untranslated(stage: Stage) -> Stage:
    return stages.BPF_NAT if stage.name == stages.BPF_SERVICE.name else stage
