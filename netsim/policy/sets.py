"""Sets of policies: what applying manifests makes of those that are there."""

from collections.abc import Iterable

from netsim.model.policy import NetworkPolicy


def applied(policies: Iterable[NetworkPolicy], more: Iterable[NetworkPolicy]) -> tuple[NetworkPolicy, ...]:
    """The policies after ``kubectl apply`` of ``more``: one of the same path is replaced, others stay."""
    found = {policy.path: policy for policy in policies} | {policy.path: policy for policy in more}
    return tuple(found[path] for path in sorted(found))
