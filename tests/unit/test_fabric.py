"""The fabrics: every machine reaches every other, over the links and in the time that is configured."""

from collections import deque
from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from netsim import fabric
from netsim.fabric import FabricError, flat, leaf_spine
from netsim.model.fabric import Machine, Topology

GBIT = 1_000_000_000
ZONED = tuple(
    Machine(f"{zone}-{number}", 10 * GBIT, zone) for zone in ("eu-a", "eu-b") for number in range(3)
)
MACHINES = (*(Machine(f"web-{number}", 25 * GBIT) for number in range(5)), Machine("far", GBIT, latency=7))


def shortest(topology: Topology, source: str, target: str) -> list[str]:
    """The places on one of the shortest ways."""
    before: dict[str, str] = {source: ""}
    frontier = deque([source])
    while frontier:
        here = frontier.popleft()
        for link in topology.links:
            if link.source == here and link.target not in before:
                before[link.target] = here
                frontier.append(link.target)
    way = [target]
    while way[-1] != source:
        way.append(before[way[-1]])
    return way[::-1]


def travel(topology: Topology, source: str, target: str) -> int:
    """Time on the way without serialisation, in ps."""
    times = {(link.source, link.target): link.travel for link in topology.links}
    way = shortest(topology, source, target)
    return sum(times[hop] for hop in pairwise(way))


@pytest.mark.parametrize("machines", [MACHINES, ZONED])
@pytest.mark.parametrize("name", fabric.names())
def test_everything_is_joined_both_ways(name: str, machines: tuple[Machine, ...]) -> None:
    module = fabric.load(name)
    topology = module.topology(module.Config(), machines)
    ways = {(link.source, link.target): link for link in topology.links}
    assert len(ways) == len(topology.links) == len({link.name for link in topology.links})
    assert all(ways[there[::-1]].rate == link.rate for there, link in ways.items())
    assert set(topology.places) == {place for way in ways for place in way}
    assert len(set(topology.places)) == len(topology.places)
    assert [name for name, _ in topology.subnets] == [machine.name for machine in machines]
    for machine in machines:
        assert shortest(topology, machines[0].name, machine.name)[-1] == machine.name


def test_names() -> None:
    assert fabric.names() == ("flat", "leaf-spine")
    assert fabric.load("leaf-spine") is leaf_spine


def test_flat_is_one_switch_and_one_subnet() -> None:
    topology = flat.topology(flat.Config(), MACHINES)
    assert shortest(topology, "web-0", "web-4") == ["web-0", "tor", "web-4"]
    assert {subnet for _, subnet in topology.subnets} == {""}
    # 2 NICs of 450 ns, 2 cables of 25 ns, one switch of 800 ns
    assert travel(topology, "web-0", "web-4") == 1_750_000
    assert travel(topology, "web-0", "far") == 1_750_007


def test_senders_and_switch_ports_overflow() -> None:
    links = {link.name: link for link in flat.topology(flat.Config(), MACHINES).links}
    assert (links["web-0->tor"].room, links["web-0->tor"].rate) == (32 << 20, 25 * GBIT)
    assert (links["tor->web-0"].room, links["tor->far"].rate) == (1_048_576, GBIT)


def test_quantities_are_read_with_their_units() -> None:
    written: dict[str, Any] = {"topology": "flat", "switchLatency": "1us", "portBuffer": "64KiB"}
    config = flat.Config.model_validate(written)
    assert (config.switchLatency, config.portBuffer) == (1_000_000, 65_536)
    with pytest.raises(ValidationError, match="portBuffer"):
        flat.Config.model_validate({"topology": "flat", "portBuffer": "64 elephants"})
    uplink = leaf_spine.Config.model_validate(
        {"topology": "leaf-spine", "leafUplink": {"bandwidth": "40Gbit"}}
    )
    assert uplink.leafUplink.bandwidth == 40 * GBIT


def test_machines_go_round_the_leaves_and_a_leaf_is_a_subnet() -> None:
    topology = leaf_spine.topology(leaf_spine.Config(), MACHINES)
    homes = dict(sorted(topology.subnets))
    assert list(homes) == ["far", "web-0", "web-1", "web-2", "web-3", "web-4"]
    assert list(homes.values()) == ["leaf1", "leaf2"] * 3
    assert shortest(topology, "web-1", "web-3") == ["web-1", "leaf1", "web-3"]
    assert len(shortest(topology, "web-0", "web-1")) == 5


def test_every_leaf_has_a_way_over_every_spine() -> None:
    topology = leaf_spine.topology(leaf_spine.Config(leaves=3, spines=4), MACHINES)
    for leaf in ("leaf1", "leaf2", "leaf3"):
        above = [
            link.target for link in topology.links if link.source == leaf and link.target.startswith("spine")
        ]
        assert above == ["spine1", "spine2", "spine3", "spine4"]


def test_a_zone_has_its_own_leaves() -> None:
    topology = leaf_spine.topology(leaf_spine.Config(leaves=4), ZONED)
    homes = dict(topology.subnets)
    assert {homes[name] for name in homes if name.startswith("eu-a")} == {"leaf1", "leaf3"}
    assert {homes[name] for name in homes if name.startswith("eu-b")} == {"leaf2", "leaf4"}


def test_zone_latency_is_added_between_zones_only() -> None:
    near = leaf_spine.topology(leaf_spine.Config(leaves=4), ZONED)
    config = leaf_spine.Config.model_validate(
        {"topology": "leaf-spine", "leaves": 4, "zoneLatency": {"eu-b/eu-a": "400us"}}
    )
    far = leaf_spine.topology(config, ZONED)
    assert travel(far, "eu-a-0", "eu-a-1") == travel(near, "eu-a-0", "eu-a-1")
    longer = travel(far, "eu-a-0", "eu-b-0") - travel(near, "eu-a-0", "eu-b-0")
    assert longer == 400_000_000 + 1_000_000, "the distance, and the cable between the zones' spines"
    assert travel(far, "eu-a-0", "eu-b-0") == travel(far, "eu-b-0", "eu-a-0")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"leaves": 1}, "1 leaves cannot serve 2 zones; write leaves: 2 or more"),
        ({"zoneLatency": {"eu-a/eu-c": "1ms"}}, r"no machine is in a zone 'eu-c'. Did you mean 'eu-[ab]'\?"),
        ({"zoneLatency": {"eu-a": "1ms"}}, "'eu-a' must name two zones"),
        ({"zoneLatency": {"eu-a/eu-a": "1ms"}}, "'eu-a/eu-a' must name two zones"),
        ({"zoneLatency": {"eu-a/eu-b": "1ms", "eu-b/eu-a": "2ms"}}, "is given twice, with different times"),
    ],
)
def test_what_does_not_fit_is_refused(settings: dict[str, Any], message: str) -> None:
    config = leaf_spine.Config.model_validate({"topology": "leaf-spine", **settings})
    with pytest.raises(FabricError, match=message):
        leaf_spine.topology(config, ZONED)


def links_of(topology: Topology) -> dict[str, Any]:
    """Links by their names."""
    return {link.name: link for link in topology.links}


LOSSY = {"cableLoss": "0.01%", "ecnThreshold": "64KiB", "mtu": 1500}


def test_a_switch_drops_too_large_packets_in_silence_and_a_machine_knows_its_own_mtu() -> None:
    machines = (Machine("a", GBIT, mtu=9000), Machine("b", GBIT))
    links = links_of(flat.topology(flat.Config.model_validate({"topology": "flat", **LOSSY}), machines))
    assert (links["a->tor"].mtu, links["a->tor"].reports) == (9000, True)
    assert (links["tor->a"].mtu, links["tor->a"].reports) == (1500, False)
    assert (links["a->tor"].mark, links["tor->a"].mark) == (None, 65_536)
    assert {link.loss for link in links.values()} == {100_000}, "one in 10,000, in 10^-9"


def test_routers_report_too_large_packets() -> None:
    uplink = {"loss": 1, "ecnThreshold": "1MiB", "mtu": 1400}
    settings = {"topology": "leaf-spine", **LOSSY, "leafUplink": uplink}
    config = leaf_spine.Config.model_validate({**settings, "zoneLatency": {"eu-a/eu-b": "1ms"}})
    links = links_of(leaf_spine.topology(config, ZONED))
    assert all(link.reports for link in links.values())
    port = links["leaf1->eu-a-0"]
    assert (port.mtu, port.mark, port.loss) == (1500, 65_536, 100_000)
    for name in ("leaf1->eu-a.spine1", "eu-a.spine1->leaf1", "eu-a.spine1->eu-b.spine1"):
        assert (links[name].mtu, links[name].mark, links[name].loss) == (1400, 1 << 20, 10**9)


def test_uplinks_take_what_the_fabric_takes() -> None:
    config = leaf_spine.Config.model_validate({"topology": "leaf-spine", "mtu": 2000})
    assert {link.mtu for link in leaf_spine.topology(config, MACHINES).links} == {2000, 9216}
    assert links_of(leaf_spine.topology(config, MACHINES))["leaf1->spine1"].mtu == 2000


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cableLoss": "100.1%"}, "a loss of 100.1% is more than all"),
        ({"ecnThreshold": "0"}, "greater than 0"),
        ({"ecnThreshold": "2MiB"}, "ecnThreshold 2MiB is above portBuffer 1MiB"),
        ({"mtu": 575}, "greater than or equal to 576"),
        ({"leafUplink": {"ecnThreshold": "17MiB"}}, "ecnThreshold 17MiB is above buffer 16MiB"),
        ({"leafUplink": {"loss": 2}}, "'2' is a loss of 200%, which is more than all"),
    ],
)
def test_shares_and_thresholds_have_bounds(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        leaf_spine.Config.model_validate({"topology": "leaf-spine", **settings})
