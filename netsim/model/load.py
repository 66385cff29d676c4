"""Loads: what a stream of traffic does, open or closed loop, long transfers, datagrams or transactions."""

from dataclasses import dataclass

from netsim.model.law import Law


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """Requests that come whether or not earlier ones were answered. ``stages`` are (duration ps, rate in
    requests per 1,000 s); ``arrivals`` is ``poisson`` or ``constant``."""

    stages: tuple[tuple[int, int], ...]
    arrivals: str = "poisson"


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """Users who wait for their answer, think, and ask again."""

    users: int
    think: Law


@dataclass(frozen=True, slots=True)
class Bulk:
    """Long TCP transfers, one per stream, each on a connection of its own, as iperf3 makes them: ``size`` bytes each,
    or for ``duration`` ps; with neither until the run ends. The call's request law holds the size, 0 without one."""

    streams: int = 1
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class Datagrams:
    """UDP streams of datagrams whose payload the call's request law gives, ``interval`` ps apart (0: as fast as the
    sender's core allows), for ``duration`` ps, or until the run ends."""

    streams: int = 1
    interval: int = 0
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class Transactions:
    """Processes that ask, wait for the answer and ask again at once, as netperf's RR; with ``connect`` each time over
    a new connection, which the server closes, as its CRR."""

    processes: int = 1
    connect: bool = False


Load = OpenLoop | ClosedLoop | Bulk | Datagrams | Transactions
