"""How machines hang on a switch: their NIC, the cable, and the switch's port with its buffer."""

from collections.abc import Iterator

from netsim.model.config import Strict
from netsim.model.fabric import Link, Machine
from netsim.model.quantities import Duration, Size

NANOSECOND = 1_000
KIBIBYTE = 1_024


class Access(Strict):
    """Times on the way between a machine's memory and its switch, and the buffer of a switch port.

    - ``nicLatency`` (450 ns, assumed): descriptor and data over PCIe, on either side
    - ``cableLatency`` (25 ns): 5 m at 5 ns/m
    - ``switchLatency`` (800 ns): pipeline of a store-and-forward top-of-rack switch (Dell S5200 class, 800 to
      900 ns, vendor's figures); receiving and sending a frame come on top, by the links' rates
    - ``portBuffer`` (1 MiB): what one port may fill of the pool that all ports share, 12 MB (Trident 2) to
      32 MB (Trident 3); a 32nd of the latter. Thresholds that follow the load are not modelled
    """

    nicLatency: Duration = 450 * NANOSECOND  # noqa: N815 - keys of scenario files
    cableLatency: Duration = 25 * NANOSECOND  # noqa: N815
    switchLatency: Duration = 800 * NANOSECOND  # noqa: N815
    portBuffer: Size = 1_024 * KIBIBYTE  # noqa: N815

    def links(self, machine: Machine, switch: str) -> Iterator[Link]:
        """Both directions between a machine and its switch.

        In front of the machine's own link nothing overflows: the queueing discipline holds the sender back.
        """
        way = self.nicLatency + self.cableLatency + machine.latency
        yield wire(machine.name, switch, machine.bandwidth, way + self.switchLatency, None)
        yield wire(switch, machine.name, machine.bandwidth, way, self.portBuffer)


def wire(source: str, target: str, rate: int, travel: int, room: int | None) -> Link:
    """One direction of a cable, named after its ends."""
    return Link(f"{source}->{target}", source, target, rate, travel, room)
