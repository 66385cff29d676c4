"""Flat: all machines on one switch, in one subnet."""

from typing import Literal

from pydantic import Field

from netsim.fabric._access import Access
from netsim.model.fabric import Machine, Topology

SWITCH = "tor"


class Config(Access):
    """One switch, whose ports have the rates of the NICs on them."""

    topology: Literal["flat"] = Field("flat", description="shape of the network between machines")


def topology(config: Config, machines: tuple[Machine, ...]) -> Topology:
    """Two links for each machine. The switch looks no further than Ethernet: too large a frame is lost in silence."""
    return Topology(
        places=(*(machine.name for machine in machines), SWITCH),
        links=tuple(link for machine in machines for link in config.links(machine, SWITCH, routed=False)),
        subnets=tuple((machine.name, "") for machine in machines),
    )
