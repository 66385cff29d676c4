"""What kube-proxy has before it when Services or endpoints have changed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sync:
    """One sync on one node: the ports of all Services and their endpoints, and how many of these have changed.

    ``changed_services`` are Service ports with any change, ``changed_endpoints`` the endpoints added or taken away,
    ``touched_endpoints`` all endpoints of the changed Services. With ``full`` everything is written anew, as after a
    failure or a change of node labels, and once an hour (FullSyncPeriod of pkg/proxy/util).
    """

    services: int
    endpoints: int
    changed_services: int
    changed_endpoints: int
    touched_endpoints: int
    full: bool = False

    @property
    def changed(self) -> int:
        """Entries of maps that differ."""
        return self.changed_services + self.changed_endpoints

    @property
    def written(self) -> int:
        """Entries of maps that this sync writes."""
        return self.services + self.endpoints if self.full else self.changed


Work = tuple[tuple[str, int], ...]
"""Entries of costs/ with how often each is met."""
