"""The chain of stations as a SimPy tutorial would write it: a process per packet, a Resource per station."""

from collections.abc import Iterator, Sequence
from typing import Any

import simpy


def chain(arrivals: Sequence[int], service: Sequence[int], travel: int) -> list[int]:
    """Departure times in ps of packets that cross FIFO stations with fixed ``service`` and ``travel`` times."""
    env = simpy.Environment()
    stations = [simpy.Resource(env, capacity=1) for _ in service]
    done = [0] * len(arrivals)

    def packet(number: int) -> Iterator[Any]:
        for station, time in zip(stations, service, strict=True):
            with station.request() as turn:
                yield turn
                yield env.timeout(time)
            yield env.timeout(travel)
        done[number] = int(env.now)

    def source() -> Iterator[Any]:
        for number, at in enumerate(arrivals):
            yield env.timeout(at - env.now)
            env.process(packet(number))

    env.process(source())
    env.run()
    return done
