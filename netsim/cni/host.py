"""Host network: pods use their node's own address and interfaces; the baseline of every comparison."""

from typing import Literal

from pydantic import Field

from netsim.model.config import Strict
from netsim.model.datapath import DataPath, Lane
from netsim.model.stages import CONNTRACK, CONNTRACK_NEW, LOOPBACK, ROUTED, TRACKED

SENT = (CONNTRACK.on(Lane.APPLICATION), CONNTRACK_NEW.on(Lane.APPLICATION))


class Config(Strict):
    """``hostNetwork: true`` for every pod; there is nothing to choose."""

    plugin: Literal["host"] = Field("host", description="name of the CNI plugin")


def variants() -> tuple[Config, ...]:
    """The only mode."""
    return (Config(),)


def mode(config: Config) -> str:
    """The mode's short name."""
    return "host network"


def ipam(config: Config) -> None:
    """Pods have no addresses of their own."""


def allocator(config: Config) -> None:
    """As ``ipam``."""


def replaces_proxy(config: Config) -> bool:
    """kube-proxy translates Service addresses."""
    return False


def data_path(config: Config) -> DataPath:
    """Socket to NIC; kube-proxy's tables make the kernel track connections in OUTPUT and PREROUTING.

    The few rules of OUTPUT and INPUT are within the measured cost of host sockets, so they are no stage here.
    """
    return DataPath(
        title="host network",
        pod_out=(),
        pod_in=(),
        local=(*SENT, LOOPBACK),
        egress=SENT,
        ingress=TRACKED,
        external_egress=SENT,
        external_ingress=TRACKED,
        entry_local=TRACKED,
        entry_remote=ROUTED,
        entry_return=ROUTED,
        pods_on_host_network=True,
        sources=("kubernetes.io/docs: Pod spec.hostNetwork",),
    )
