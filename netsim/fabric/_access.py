"""How machines hang on a switch: their NIC, the cable, and the switch's port with its buffer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from netsim.errors import quote
from netsim.model.config import Strict
from netsim.model.fabric import Link, Machine
from netsim.model.quantities import Duration, Ratio, Size
from netsim.units import PPM, UnitError, show_ratio, show_size

BILLIONTHS = 1000  # in one part per million


def _share(value: object, read: ValidatorFunctionWrapHandler) -> int:
    share: int = read(value)
    if share <= PPM:
        return share
    percent = show_ratio(share)
    if str(value) == percent:
        raise UnitError(f"a loss of {percent} is more than all", "Write 0% to 100%.")
    message = f"{quote(value)} is a loss of {percent}, which is more than all"
    raise UnitError(message, "Write 0% to 100%; without the sign, 1 is all.")


Loss = Annotated[Ratio, WrapValidator(_share)]
"""Parts per million that are lost, written ``0.01%``."""
Mtu = Annotated[int, Field(ge=576, le=9978)]
"""Bytes of the largest IP packet."""


def written(default: str | None, description: str, gt: int | None = None) -> Any:
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
    - ``qdiscLimit`` (32 MiB): the memory limit of fq_codel (net/sched/sch_fq_codel.c), Linux's default discipline; its
      dropping by time is not modelled, nor that it holds a host's own sockets back
    - ``mtu`` (9,216 bytes): what data-centre switches are set to for jumbo frames (SONiC's default is 9,100, vendors'
      most are 9,214 to 9,216)
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
    qdiscLimit: Size = written("32MiB", "what may wait in a machine's queueing discipline for its own wire")  # noqa: N815
    cableLoss: Loss = written("0%", "share of frames that the cable of a machine loses, each way")  # noqa: N815
    ecnThreshold: Size | None = written(  # noqa: N815
        None,
        "what waits at a switch port towards a machine when it begins to mark packets; never if left out\n"
        "Marks are for connections with ecn: those of transport.ecn, or of the congestion control dctcp.",
        gt=0,
    )
    mtu: Mtu = Field(9216, description="largest IP packet in bytes that the ports of switches take")

    @model_validator(mode="after")
    def _marks(self) -> "Access":
        check_threshold(self.ecnThreshold, self.portBuffer, "portBuffer")
        return self

    def links(self, machine: Machine, switch: str, routed: bool) -> Iterator[Link]:
        """Both directions between a machine and its switch, which answers packets too large where it is ``routed``."""
        way = self.nicLatency + self.cableLatency + machine.latency
        loss = self.cableLoss * BILLIONTHS
        out = wire(machine.name, switch, machine.bandwidth, way + self.switchLatency, self.qdiscLimit)
        yield replace(out, mtu=machine.mtu, reports=True, loss=loss)
        back = wire(switch, machine.name, machine.bandwidth, way, self.portBuffer)
        yield replace(back, mtu=self.mtu, reports=routed, loss=loss, mark=self.ecnThreshold)


def check_threshold(threshold: int | None, buffer: int, name: str) -> None:
    """Raises UnitError where a port is full before it marks."""
    if threshold is not None and threshold > buffer:
        message = f"ecnThreshold {show_size(threshold)} is above {name} {show_size(buffer)}, so that nothing is marked"
        raise UnitError(message, "Lower it.")


def wire(source: str, target: str, rate: int, travel: int, room: int | None) -> Link:
    """One direction of a cable, named after its ends."""
    return Link(f"{source}->{target}", source, target, rate, travel, room)
