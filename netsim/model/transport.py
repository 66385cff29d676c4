"""How TCP sockets behave, and how a client uses connections."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transport:
    """How TCP sockets behave, with Linux's defaults.

    ``congestion_control`` names a file of congestion/. Windows: ``initial_window`` in segments, ``receive_window`` in
    bytes (half of net.ipv4.tcp_rmem's 6 MiB). ``loss_detection`` is ``rack`` (RACK-TLP) or ``dupack`` (three
    duplicate acknowledgements). ``delayed_ack`` is in ps.
    """

    congestion_control: str = "cubic"
    ecn: bool = False
    initial_window: int = 10
    receive_window: int = 3 << 20
    delayed_ack: int = 40_000_000_000
    loss_detection: str = "rack"
    slow_start_after_idle: bool = True
    hystart: bool = False
    path_mtu_discovery: bool = True


@dataclass(frozen=True, slots=True)
class Connections:
    """How a client uses connections.

    ``mode``: ``perRequest`` opens one for each request; ``pooled`` opens up to ``limit`` per client and
    target and gives each request one to itself; ``persistent`` multiplexes all requests of a client on one.
    ``closed_by`` is ``client`` or ``server``: who sends the first FIN, and keeps TIME_WAIT.
    """

    mode: str = "pooled"
    limit: int = 32
    keep_alive: int = 75_000_000_000_000  # ps
    closed_by: str = "client"
