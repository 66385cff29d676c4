"""Effort: how much of the work of a whole run belongs to the time in which a traffic was measured.

Records hold what every core and link did as a total of the run. Of it as much counts to a part of the run as payload
was delivered in that part to machines in question, so that cores and goodput are of the same time.
"""

from collections.abc import Sequence

import numpy as np

from netsim.analysis.goodput import carried_parts, chosen, edges, lasted, of_traffic, sending, sized, span
from netsim.analysis.way import company
from netsim.program import Program
from netsim.records import BINS, Records


def measured(program: Program, run: Records, traffic: int, cut: int) -> tuple[int, int]:
    """From when to when, in ps, the goodput of a traffic's streams was measured."""
    if not sized(program, traffic):
        first, last = span(program, traffic, cut)
        at = edges(program)
        return int(at[first]), int(at[last])
    table = chosen(run, traffic)
    began = table.started[table.started >= 0]
    if not len(began):
        return sending(program, traffic)
    ends = np.where(table.finished >= 0, table.finished, program.duration)
    return int(began.min()), int(ends.max())


def time(program: Program, run: Records, traffic: int, cut: int) -> float:
    """The ps in which all that the run did would have been done at the pace of the time that was measured.

    Streams that have their machines to themselves are judged by their own goodput, others by that of all who share.
    """
    others = company(program, [run], traffic)
    if others:
        return _together(program, run, [traffic, *others], measured(program, run, traffic, cut))
    whole, rate = lasted(program, run, traffic), of_traffic(program, run, traffic, cut)
    size = int(chosen(run, traffic).delivered.sum())
    return min(whole, size * 8000 / rate) if rate and not sized(program, traffic) else whole


def _together(program: Program, run: Records, traffics: Sequence[int], of: tuple[int, int]) -> float:
    parts = np.sum([carried_parts(program, run, one) for one in traffics], axis=0)
    at = edges(program)
    first = min(int(np.searchsorted(at, of[0], side="right")) - 1, BINS - 1)
    last = max(int(np.searchsorted(at, of[1])), first + 1)
    here, everywhere = int(parts[first:last].sum()), int(parts.sum())
    return int(at[last] - at[first]) * everywhere / here if here else program.duration
