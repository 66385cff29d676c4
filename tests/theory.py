"""What queueing theory and header arithmetic say, to check a simulation by.

Rates and times are in one unit of time; all raise ValueError where the queue has no steady state.
"""

from collections.abc import Sequence
from math import factorial, sqrt

from netsim.headers import AROUND_FRAME, TCP_IP


def mm1_wait(arrival_rate: float, service_rate: float) -> float:
    """Mean wait before service in M/M/1. Source: Kleinrock, Queueing Systems I, 1975, 3.2."""
    return _load(arrival_rate / service_rate) / (service_rate - arrival_rate)


def pollaczek_khinchine_wait(arrival_rate: float, mean_service: float, second_moment: float) -> float:
    """Mean wait in M/G/1 from the service time's first two moments. Source: Kleinrock I, 5.7."""
    return arrival_rate * second_moment / (2 * (1 - _load(arrival_rate * mean_service)))


def md1_wait(arrival_rate: float, service: float) -> float:
    """Mean wait in M/D/1: half that of M/M/1."""
    return pollaczek_khinchine_wait(arrival_rate, service, service**2)


def erlang_c(servers: int, offered: float) -> float:
    """Probability that an arrival at M/M/c waits, ``offered`` in Erlang. Source: Kleinrock I, 3.5."""
    spare = 1 - _load(offered / servers)
    last = offered**servers / factorial(servers) / spare
    return last / (sum(offered**k / factorial(k) for k in range(servers)) + last)


def mmc_wait(arrival_rate: float, service_rate: float, servers: int) -> float:
    """Mean wait before service in M/M/c."""
    return erlang_c(servers, arrival_rate / service_rate) / (servers * service_rate - arrival_rate)


def goodput_ceiling(mtu: int, overhead: int) -> float:
    """Largest share of a line rate that TCP payload can have: (M - 52) / (M + E + 38).

    ``mtu`` is the pod's, ``overhead`` the encapsulation's bytes per frame, padding included.
    """
    return (mtu - TCP_IP) / (mtu + overhead + AROUND_FRAME)


def jain(shares: Sequence[float]) -> float:
    """Fairness index: 1 where all have the same, 1/n where one has everything. Source: Jain, Chiu, Hawe, DEC-TR-301,
    1984."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def mathis(loss: float, round_trip: float) -> float:
    """Segments per unit of time of a Reno flow that never times out and adds one segment per round trip: C = sqrt(3/2).

    Source: Mathis, Semke, Mahdavi, Ott, The Macroscopic Behavior of the TCP Congestion Avoidance Algorithm, CCR 27(3),
    1997, table 1 (a segment acknowledged, or counted, at a time).
    """
    return sqrt(1.5 / loss) / round_trip


def pftk_window(loss: float, per_ack: int = 1) -> float:
    """Mean window in segments when a loss is found. Source: as ``pftk``, equation 13."""
    b = per_ack
    return (2 + b) / (3 * b) + sqrt(8 * (1 - loss) / (3 * b * loss) + ((2 + b) / (3 * b)) ** 2)


def pftk_timeouts(loss: float, window: float) -> float:
    """Share of losses that end in a timeout. Source: as ``pftk``, equation 24."""
    kept = 1 - loss
    if window <= 3:
        return 1.0
    return min(1.0, (1 - kept**3) * (1 + kept**3 * (1 - kept ** (window - 3))) / (1 - kept**window))


def pftk(loss: float, round_trip: float, timeout: float, share: float | None = None) -> float:
    """Segments sent per unit of time by a Reno flow without a window limit, one segment counted per segment
    acknowledged. ``share`` of losses end in a timeout; by default as the model says.

    Source: Padhye, Firoiu, Towsley, Kurose, Modeling TCP Throughput, SIGCOMM 1998, equation 28 with b = 1.
    """
    window = pftk_window(loss)
    share = pftk_timeouts(loss, window) if share is None else share
    backoff = 1 + sum(2 ** (k - 1) * loss**k for k in range(1, 7))
    sent = (1 - loss) / loss + window + share / (1 - loss)
    return sent / (round_trip * (window / 2 + 1) + share * timeout * backoff / (1 - loss))


def cubic_window(since: float, most: float, beta: float = 0.7, scale: float = 0.4) -> float:
    """Segments ``since`` s after a loss at ``most`` segments: C (t - K)^3 + W_max. Source: RFC 9438, 4.2."""
    reach = (most * (1 - beta) / scale) ** (1 / 3)
    return scale * (since - reach) ** 3 + most


def _load(share: float) -> float:
    if not 0 <= share < 1:
        raise ValueError(f"a load of {share:.3g} has no steady state")
    return share
