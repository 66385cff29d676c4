"""Names: what the numbers of a Program were called."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """What the numbers were called; engines do not read this, except ``strategies``."""

    stations: tuple[str, ...]
    roles: tuple[str, ...]  # per station: "softirq", "application", "link", ...
    groups: tuple[str, ...]  # per station: the place it is reported under ("web-1", "leaf1")
    stages: tuple[str, ...]
    sources: tuple[str, ...]  # per stage name
    confidence: tuple[str, ...]
    visits: tuple[str, ...]
    endpoints: tuple[str, ...]
    nodes: tuple[str, ...]
    services: tuple[str, ...]
    traffic: tuple[str, ...]
    strategies: tuple[str, ...]  # of balancing/; the first is the load balancer's
    addresses: tuple[str, ...]  # per endpoint, "" where it has none
    rules: tuple[str, ...] = ()  # per rule of Screens: the policy that denies
    ports: tuple[str, ...] = ("",)  # "80/TCP"
    congestion: tuple[str, ...] = ("cubic",)  # of congestion/; engines read this too
    clock: int = 0  # Hz of a core whose slowness is one; 0: not known
