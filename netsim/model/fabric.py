"""The wires: places joined by links, and who is attached where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """Something with a NIC that a fabric attaches: a node, an external machine, the load balancer, the internet."""

    name: str
    bandwidth: int  # bit/s
    zone: str = ""
    latency: int = 0  # extra one-way travel in ps


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a wire. It serialises at ``rate`` bit/s, then travels ``travel`` ps to ``target``.

    ``room`` is the buffer in bytes in front of it, None without end; ``mtu`` the largest IP packet in bytes.
    """

    name: str
    source: str
    target: str
    rate: int
    travel: int
    room: int | None
    mtu: int = 9216


@dataclass(frozen=True, slots=True)
class Topology:
    """The graph of a fabric. Places are machine names and switch names; ``subnets`` gives each machine's L2 domain."""

    places: tuple[str, ...]
    links: tuple[Link, ...]
    subnets: tuple[tuple[str, str], ...]
