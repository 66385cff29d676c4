"""Whether packets fit: pods' on the wire, machines' through the switches, windows around a segment."""

from collections.abc import Iterator, Sequence

from netsim import fabric
from netsim.errors import Problem, quote
from netsim.fabric import FabricError
from netsim.model.cluster import External, Node
from netsim.model.datapath import DataPath
from netsim.model.fabric import Machine
from netsim.scenario.network import Network
from netsim.scenario.pools import Machines
from netsim.scenario.schema_transport import TransportSection
from netsim.scenario.validation import Source
from netsim.units import show_size

# An IPv4 host must accept packets of 576 bytes (RFC 791); no real pod network goes below.
SMALLEST_MTU = 576


def check_wires(network: Network, machines: Machines, externals: Sequence[External], spec: Source) -> Iterator[Problem]:
    """What does not fit the fabric; ``spec`` is the whole spec."""
    attached = [Machine(node.name, node.nic.bandwidth, node.zone, mtu=node.nic.mtu) for node in machines.nodes]
    attached += [Machine(one.name, one.nic.bandwidth, one.zone, one.latency, one.nic.mtu) for one in externals]
    config = network.fabric
    try:
        fabric.load(config.topology).topology(config, tuple(attached))  # type: ignore[attr-defined]
    except FabricError as error:
        yield spec.at("fabric").problem(str(error))
    for node in _of_each_mtu(machines.nodes):
        yield from _unusable(network.path, node, machines.sources[node.name])
        yield from _beyond(network, node.nic.mtu, machines.sources[node.name].at("nics", 0, "mtu"))
    for one in externals:
        written = spec.at("cluster", "externals", _index(spec, one.name), "mtu")
        yield from _beyond(network, one.nic.mtu, written)


def _of_each_mtu(nodes: list[Node]) -> list[Node]:
    """One node for every MTU."""
    return list({node.nic.mtu: node for node in reversed(nodes)}.values())


def _index(spec: Source, name: str) -> int:
    listed = spec.root["spec"]["cluster"]["externals"]  # type: ignore[call-overload]
    return next(number for number, one in enumerate(listed) if one["name"] == name)


def _unusable(path: DataPath, node: Node, place: Source) -> Iterator[Problem]:
    """Pods need a usable MTU, and their packets must fit on the wire with all headers."""
    wire = node.nic.mtu
    pod = path.pod_mtu(wire)
    outer = pod + path.encapsulation.header_bytes if path.encapsulation else pod  # padding stops at the pod's MTU
    if pod >= SMALLEST_MTU and outer <= wire:
        return
    needed = max(SMALLEST_MTU + path.mtu_overhead, outer if path.fixed_mtu else 0)
    message = f"MTU {wire} of node {quote(node.name)} leaves pods {pod} bytes with {path.title}"
    if pod >= SMALLEST_MTU:
        message = f"MTU {wire} of node {quote(node.name)} is too small for {path.title}, which sends {outer} bytes"
    yield place.at("nics", 0, "mtu").problem(message, f"Write at least {needed}.")


def _beyond(network: Network, mtu: int, place: Source) -> Iterator[Problem]:
    """A machine's packets that no switch takes, where the scenario does not say so itself to see what happens."""
    most: int = network.fabric.mtu  # type: ignore[attr-defined]
    if mtu > most and "mtu" not in network.fabric.model_fields_set:
        message = f"MTU {mtu} is more than the {most} bytes that the ports of switches take"
        yield place.problem(message, f"Lower it, or write fabric.mtu: {mtu}.")


def check_window(sockets: TransportSection, machines: Machines, place: Source) -> Iterator[Problem]:
    """A receive window must hold a segment, or nothing would ever be sent; ``place`` is the transport section."""
    largest = max((node.nic.mtu for node in machines.nodes), default=0)
    if sockets.receive_window < largest:
        message = f"a window of {show_size(sockets.receive_window)} does not hold a packet of {largest} bytes"
        yield place.at("receiveWindow").problem(message, "Write for example 64KiB.")
