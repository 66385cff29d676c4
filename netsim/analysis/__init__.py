"""Analysis: from Records, the facts of a run, to the numbers that people ask for."""

from netsim.analysis.summary import summarise

__all__ = ["summarise"]
