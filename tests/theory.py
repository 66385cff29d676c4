"""What queueing theory and header arithmetic say, to check a simulation by.

Rates and times are in one unit of time; all raise ValueError where the queue has no steady state.
"""

from math import factorial

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

    ``mtu`` is the pod's, ``overhead`` the encapsulation's bytes per frame.
    """
    return (mtu - TCP_IP) / (mtu + overhead + AROUND_FRAME)


def _load(share: float) -> float:
    if not 0 <= share < 1:
        raise ValueError(f"a load of {share:.3g} has no steady state")
    return share
