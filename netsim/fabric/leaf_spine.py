"""Leaf and spine: a routed Clos of two layers, a subnet for each leaf, and zones some way apart."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from typing import Literal

from pydantic import Field, model_validator

from netsim.errors import nearest, quote
from netsim.fabric import FabricError
from netsim.fabric._access import BILLIONTHS, Access, Loss, Mtu, check_threshold, wire, written
from netsim.model.config import Strict
from netsim.model.fabric import Link, Machine, Topology
from netsim.model.quantities import Bandwidth, Duration, Size


class Uplink(Strict):
    """A cable between a leaf and a spine, with the port at either end."""

    bandwidth: Bandwidth = written("100Gbit", "rate of each direction", gt=0)
    latency: Duration = written("1us", "time from leaf to spine or back, with the far switch's pipeline")
    buffer: Size = written("16MiB", "what may wait at the port at either end")
    loss: Loss = written("0%", "share of frames that it loses, each way")
    ecnThreshold: Size | None = written(  # noqa: N815 - keys of scenario files
        None, "what waits at the port at either end when it begins to mark packets; never if left out", gt=0
    )
    mtu: Mtu | None = Field(None, description="largest IP packet in bytes; the fabric's mtu if left out")

    @model_validator(mode="after")
    def _marks(self) -> "Uplink":
        check_threshold(self.ecnThreshold, self.buffer, "buffer")
        return self


class Config(Access):
    """``zoneLatency`` maps ``zone-a/zone-b`` to the extra one-way time between two zones.

    Where it is empty all leaves share the ``spines``. Where it is not, every zone has ``spines`` of its own,
    and spine n of a zone is joined to spine n of every other zone by a cable like ``leafUplink``, which takes
    the time given longer (0 if none is).
    """

    topology: Literal["leaf-spine"] = Field("leaf-spine", description="shape of the network between machines")
    leaves: int = Field(2, ge=1, le=512, description="number of leaf switches, dealt out to the zones")
    spines: int = Field(2, ge=1, le=64, description="number of spine switches; of each zone with zoneLatency")
    leafUplink: Uplink = Field(  # noqa: N815 - keys of scenario files
        default_factory=Uplink, description="each cable between a leaf and a spine"
    )
    zoneLatency: dict[str, Duration] = Field(  # noqa: N815
        default_factory=dict, description="extra one-way time between two zones, such as eu-1a/eu-1b: 500us"
    )


def topology(config: Config, machines: tuple[Machine, ...]) -> Topology:
    """Leaves go round the zones in the order of their names, machines round the leaves of their zone.

    Machines without a zone go round all leaves. Raises FabricError where zones and leaves do not fit.
    """
    zones = tuple(sorted({machine.zone for machine in machines if machine.zone})) or ("",)
    if config.leaves < len(zones):
        raise FabricError(f"{config.leaves} leaves cannot serve {len(zones)} zones; write leaves: {len(zones)} or more")
    apart = _apart(config, zones)
    leaves = tuple((f"leaf{number + 1}", zones[number % len(zones)]) for number in range(config.leaves))
    homes = _homes(machines, leaves)
    spines = _spines(config, zones)
    access = (link for machine in machines for link in config.links(machine, homes[machine.name], routed=True))
    switches = [name for name, _ in leaves] + [name for names in dict.fromkeys(spines.values()) for name in names]
    return Topology(
        places=(*(machine.name for machine in machines), *switches),
        links=(*access, *_uplinks(config, leaves, spines), *_between_zones(config, spines, apart)),
        subnets=tuple((machine.name, homes[machine.name]) for machine in machines),
    )


def _apart(config: Config, zones: tuple[str, ...]) -> dict[frozenset[str], int]:
    found: dict[frozenset[str], int] = {}
    for key, time in config.zoneLatency.items():
        pair = key.split("/")
        if len(pair) != 2 or pair[0] == pair[1]:
            raise FabricError(f"zoneLatency {quote(key)} must name two zones, such as eu-1a/eu-1b")
        for zone in pair:
            if zone not in zones:
                raise FabricError(
                    f"zoneLatency {quote(key)}: no machine is in a zone {quote(zone)}. {nearest(zone, zones)}"
                )
        if found.setdefault(frozenset(pair), time) != time:
            raise FabricError(f"zoneLatency {quote(key)} is given twice, with different times")
    return found


def _homes(machines: tuple[Machine, ...], leaves: tuple[tuple[str, str], ...]) -> dict[str, str]:
    turns: dict[str, int] = {}
    homes = {}
    for machine in sorted(machines, key=lambda machine: machine.name):
        near = [name for name, zone in leaves if machine.zone in ("", zone)]
        turn = turns[machine.zone] = turns.get(machine.zone, -1) + 1
        homes[machine.name] = near[turn % len(near)]
    return homes


def _spines(config: Config, zones: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The spines of each zone: the same for all, or named after their zone."""
    shared = tuple(f"spine{number + 1}" for number in range(config.spines))
    return {zone: tuple(f"{zone}.{name}" for name in shared) if config.zoneLatency else shared for zone in zones}


def _uplinks(config: Config, leaves: tuple[tuple[str, str], ...], spines: dict[str, tuple[str, ...]]) -> Iterator[Link]:
    uplink = config.leafUplink
    for leaf, zone in leaves:
        for spine in spines[zone]:
            yield _routed(config, wire(leaf, spine, uplink.bandwidth, uplink.latency, uplink.buffer))
            yield _routed(config, wire(spine, leaf, uplink.bandwidth, uplink.latency, uplink.buffer))


def _between_zones(
    config: Config, spines: dict[str, tuple[str, ...]], apart: dict[frozenset[str], int]
) -> Iterator[Link]:
    uplink = config.leafUplink
    if not config.zoneLatency:
        return
    for here, there in permutations(spines, 2):
        travel = uplink.latency + apart.get(frozenset((here, there)), 0)
        for source, target in zip(spines[here], spines[there], strict=True):
            yield _routed(config, wire(source, target, uplink.bandwidth, travel, uplink.buffer))


def _routed(config: Config, link: Link) -> Link:
    """A link between two routers with what the scenario says of uplinks."""
    uplink = config.leafUplink
    mtu = config.mtu if uplink.mtu is None else uplink.mtu
    return replace(link, mtu=mtu, reports=True, loss=uplink.loss * BILLIONTHS, mark=uplink.ecnThreshold)
