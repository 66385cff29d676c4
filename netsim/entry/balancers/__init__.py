"""What gives LoadBalancer Services an address: one file each.

Every module has ``Config``, the model of ``cluster.loadBalancer`` for its ``kind``; ``balancer(config)``, the noun
that lowering reads; and ``entry_nodes(address, nodes)``: which of these nodes, sorted by name, clients of a Service
with this address may come to, or None where all of them. Under externalTrafficPolicy Local ``nodes`` are those with an
endpoint.
"""

from types import ModuleType

from netsim.registry import Registry

_REGISTRY = Registry(__name__, "load balancer", "-")


def names() -> tuple[str, ...]:
    """The names of all kinds in this folder."""
    return _REGISTRY.names()


def load(name: str) -> ModuleType:
    """The module of a kind; raises UsageError where there is none of that name."""
    return _REGISTRY.load(name)
