"""Network policies: who may talk to whom, and what a CNI's way of enforcing them costs a flow's first packet."""

from netsim.policy.evaluator import Evaluator
from netsim.policy.identities import Identities
from netsim.policy.matching import namespace_labels, selects
from netsim.policy.parties import Cast, Party, Port, cast_of
from netsim.policy.sets import applied

__all__ = [
    "Cast",
    "Evaluator",
    "Identities",
    "Party",
    "Port",
    "applied",
    "cast_of",
    "namespace_labels",
    "selects",
]
