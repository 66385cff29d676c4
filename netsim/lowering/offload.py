"""Offloads: who cuts super-packets, who merges them, who steers packets to other cores, who enciphers in software."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from netsim.lowering.segments import Leg
from netsim.model import stages
from netsim.model.cluster import Node
from netsim.model.datapath import Encapsulation, Offload, Stage

GSO_BYTES = 65_535  # the largest IP packet: a super-packet is whole segments within it


@dataclass(frozen=True, slots=True)
class Abilities:
    """What NICs and cores of a machine do for the kernel.

    ``gso``: sockets make super-packets, of ``largest`` bytes where no tunnel is on their way. ``tso``: the NIC cuts
    them; ``tunnels``: also those in a tunnel. ``gro``: received frames are merged. ``rps``: another core is picked by
    software. ``aes``: cores have instructions for AES.
    """

    gso: bool = True
    tso: bool = True
    tunnels: bool = True
    gro: bool = True
    rps: bool = False
    aes: bool = True
    largest: int = GSO_BYTES

    def burst(self, leg: Leg) -> int:
        """The largest super-packet of a socket that sends over a leg, 0 where it makes none.

        BIG TCP is for packets that nothing is put around (Cilium Documentation/operations/performance/tuning.rst).
        """
        if leg.loopback:
            return GSO_BYTES
        wrapped = any(segment.encapsulation for segment in leg.segments)
        return (GSO_BYTES if wrapped else self.largest) if self.gso else 0


OUTSIDE = Abilities()  # machines outside the cluster


def of_cluster(nodes: Iterable[Node]) -> Abilities:
    """What the nodes of a cluster have in common; a virtual overlay leaves no room for a second tunnel in a NIC, which
    knows two levels of headers (Linux Documentation/networking/segmentation-offloads.rst)."""
    nodes = tuple(nodes)
    nics = [node.nic for node in nodes]
    return Abilities(
        gso=all(nic.gso for nic in nics),
        tso=all(nic.tso for nic in nics),
        tunnels=all(nic.tunnel_offload and not nic.virtual_overlay for nic in nics),
        gro=all(nic.gro for nic in nics),
        rps=any(nic.rps for nic in nics),
        aes=all(node.aes for node in nodes),
        largest=min((nic.big_tcp or GSO_BYTES for nic in nics), default=GSO_BYTES),
    )


@dataclass(slots=True)
class Marking:
    """Follows a packet through the stages of its path and marks those that are paid for every frame.

    ``split``: super-packets exist no more; ``worn``: the encapsulation that the packet wears.
    """

    bulk: bool  # bursts may have several frames
    split: bool = False
    worn: Encapsulation | None = None

    def arrive(self, wrap: Encapsulation | None) -> None:
        """Frames come off the wire; GRO cannot merge what it cannot read."""
        self.worn = wrap
        self.split = wrap is not None and wrap.offload is Offload.NEVER

    def mark(self, pieces: Iterable[Stage], able: Abilities) -> Iterator[tuple[Stage, bool]]:
        """The stages as a machine has them, each with whether it is paid for every frame.

        What the NIC cannot cut the kernel does, right before the driver (validate_xmit_skb in net/core/dev.c).
        """
        for piece in pieces:
            if piece.name == stages.NIC_TRANSMIT.name and self.needs_cutting(able):
                yield stages.GSO_SEGMENT.on(piece.lane), False
                self.split = True
            stage = piece if able.aes else replace(piece, name=stages.SOFTWARE.get(piece.name, piece.name))
            yield stage, self.split
            self.pass_by(stage, able)
            if stage.name == stages.NIC_RECEIVE.name and able.rps:
                yield stages.RPS_STEER, self.split
                yield stages.RPS_BACKLOG, self.split

    def needs_cutting(self, able: Abilities) -> bool:
        """Whether the packet that reaches the driver is a super-packet that the NIC cannot cut."""
        return self.bulk and not self.split and not (able.tso and (able.tunnels or self.worn is None))

    def pass_by(self, stage: Stage, able: Abilities) -> None:
        """Go behind a stage."""
        readable = stage.name != stages.NIC_RECEIVE.name or not self.split
        if stage.merges:
            self.split = not (able.gro and readable)
        elif stage.splits or (stage.push is not None and stage.push.offload is Offload.NEVER):
            self.split = True
        if stage.push is not None or stage.pop is not None:
            self.worn = stage.push
