"""The control plane: SimPy processes that change the tables of a running program, as Kubernetes changes its nodes'."""

from netsim.control.conduct import conduct, needed
from netsim.control.journal import Entry
from netsim.control.session import Session

__all__ = ["Entry", "Session", "conduct", "needed"]
