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

    ``mode``: ``perRequest`` opens one for each request; ``perGroup`` one for the calls of a group of look-ups;
    ``pooled`` opens up to ``limit`` per client and
    target and gives each request one to itself; ``persistent`` multiplexes all requests of a client on one.
    ``closed_by`` is ``client`` or ``server``: who sends the first FIN, and keeps TIME_WAIT. Where they are ``paired``,
    each connection that the caller's own clients have with it has connections of its own here.
    """

    mode: str = "pooled"
    limit: int = 32
    keep_alive: int = 75_000_000_000_000  # ps
    closed_by: str = "client"
    paired: bool = False


@dataclass(frozen=True, slots=True)
class Tls:
    """A TLS handshake over a new connection: ``rounds`` round trips of so many bytes each way, and ps of work of the
    two threads on the reference hardware (None: as the cost profile has it).

    The defaults are TLS 1.3's: one round (RFC 8446, 2); a ClientHello padded to 512 bytes behind its record header
    (RFC 7685); an answer with two RSA-2048 certificates, 3.6 KiB (assumed).
    """

    rounds: int = 1
    request: int = 517
    response: int = 3686
    client: int | None = None
    server: int | None = None
