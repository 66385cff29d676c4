"""The wires: places joined by links, and who is attached where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """Something with a NIC that a fabric attaches: a node, an external machine, the load balancer, the internet."""

    name: str
    bandwidth: int  # bit/s
    zone: str = ""
    latency: int = 0  # extra one-way travel in ps
    mtu: int = 9216  # of its NIC, in bytes


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a wire. It serialises at ``rate`` bit/s, then travels ``travel`` ps to ``target``.

    ``room`` is the buffer in bytes in front of it, None without end; ``mtu`` the largest IP packet in bytes, and
    ``reports`` says whether its sender answers larger ones (a router or host does, a switch does not). ``loss`` is the
    share of frames lost by chance in 10^-9. From ``mark`` bytes in the buffer on, ECN-capable frames are marked.
    """

    name: str
    source: str
    target: str
    rate: int
    travel: int
    room: int | None
    mtu: int = 9216
    reports: bool = False
    loss: int = 0
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Topology:
    """The graph of a fabric. Places are machine names and switch names; ``subnets`` gives each machine's L2 domain."""

    places: tuple[str, ...]
    links: tuple[Link, ...]
    subnets: tuple[tuple[str, str], ...]
