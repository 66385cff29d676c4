"""Field types that several ways into the cluster have in common."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from netsim import balancing
from netsim.errors import nearest, quote
from netsim.model.quantities import Bandwidth, Duration
from netsim.units import UnitError, gbit, ns, seconds, show_bandwidth, show_duration

SLOWEST, FASTEST = 1_000, gbit(10_000)


def _strategy(name: str) -> str:
    if name in balancing.names():
        return name
    raise UnitError(f"{quote(name)} is not known", nearest(name, balancing.names()))


def _rate(value: int) -> int:
    if SLOWEST <= value <= FASTEST:
        return value
    hint = f"Write {show_bandwidth(SLOWEST)} to {show_bandwidth(FASTEST)}."
    raise UnitError(f"{show_bandwidth(value)} is out of range", hint)


def _work(value: int) -> int:
    if ns(1) <= value <= seconds(1):
        return value
    hint = f"Write {show_duration(ns(1))} to {show_duration(seconds(1))}."
    raise UnitError(f"{show_duration(value)} is out of range", hint)


Strategy = Annotated[str, AfterValidator(_strategy)]
"""The name of a file of balancing/."""
LinkRate = Annotated[Bandwidth, AfterValidator(_rate)]
"""bit/s of an interface."""
Work = Annotated[Duration, AfterValidator(_work)]
"""ps on the reference hardware."""
Cores = Annotated[int, Field(ge=1, le=1024)]
"""Cores of a machine."""


KIND = (
    "what gives Services of type LoadBalancer an address: passthrough, a machine that forwards packets to nodes; pods, "
    "one that forwards them to pods; proxy, one that ends connections and makes its own; metallb-l2, a leader among "
    "the nodes answers ARP; metallb-bgp, all nodes announce the address and routers hash flows over them"
)
STRATEGY = (
    "how it picks a node, or a pod: a strategy of `netsim list`; a proxy picks node ports by a hash of its connection"
)


def written(default: str | None, description: str) -> Any:
    """A field whose default is shown as a user would write it."""
    return Field(default, validate_default=True, description=description)
