"""Arrivals: the intended times of an open-loop source, from its rates and addressed chance."""

from netsim.chance import draw, mix, name_key
from netsim.lowering.laws import table
from netsim.model.law import exponential
from netsim.model.load import OpenLoop

UNIT = 10**9  # the mean number of units between two arrivals
SCALE = 10**15 // UNIT  # ps per unit at one request per 1,000 s
GAP = name_key("gap")


def intended_times(load: OpenLoop, start: int, end: int, seed: int, key: int) -> list[int]:
    """Times in ps, ascending, of requests between ``start`` and ``end``.

    A Poisson process of varying rate is one of rate 1 on a clock that runs at that rate; a constant one likewise.
    """
    poisson = load.arrivals == "poisson"
    law = table(exponential(UNIT)).tolist()
    found: list[int] = []
    opens, index = start, 0
    left = draw(law, mix(seed, key, GAP, index)) if poisson else UNIT
    for duration, rate in load.stages:
        closes = min(opens + duration, end)
        at = opens
        while rate and at < closes:
            gap = left * SCALE // rate
            if at + gap >= closes:
                left -= (closes - at) * rate // SCALE
                break
            at += gap
            found.append(at)
            index += 1
            left = draw(law, mix(seed, key, GAP, index)) if poisson else UNIT
        opens += duration
    return found
