"""How machines hang on a switch: their NIC, the cable, and the switch's port with its buffer."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from netsim.model.config import Strict
from netsim.model.fabric import Link, Machine
from netsim.model.quantities import Duration, Size


def written(default: str, description: str, gt: int | None = None) -> Any:
    """A field whose default is shown as a user would write it."""
    return Field(default, validate_default=True, description=description, gt=gt)


class Access(Strict):
    """Times on the way between a machine's memory and its switch, and the buffer of a switch port.

    - ``nicLatency`` (450 ns, assumed): descriptor and data over PCIe, on either side
    - ``cableLatency`` (25 ns): 5 m at 5 ns/m
    - ``switchLatency`` (800 ns): pipeline of a store-and-forward top-of-rack switch (Dell S5200 class, 800 to
      900 ns, vendor's figures); receiving and sending a frame come on top, by the links' rates
    - ``portBuffer`` (1 MiB): what one port may fill of the pool that all ports share, 12 MB (Trident 2) to
      32 MB (Trident 3); a 32nd of the latter. Thresholds that follow the load are not modelled
    """

    nicLatency: Duration = written(  # noqa: N815 - keys of scenario files
        "450ns", "time over PCIe between a machine's memory and its wire, one way"
    )
    cableLatency: Duration = written(  # noqa: N815
        "25ns", "time along the cable between a machine and its switch; 5 ns for each metre"
    )
    switchLatency: Duration = written(  # noqa: N815
        "800ns", "time through a switch's pipeline, beyond receiving and sending the frame"
    )
    portBuffer: Size = written("1MiB", "what may wait at a switch port towards a machine")  # noqa: N815

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
