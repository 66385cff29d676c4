"""Proxies that understand requests: ingress controllers, one file each.

Every module has ``Config``, the model of ``spec.ingress`` for its ``controller``; ``proxy(config)``, how it works on a
request and towards the pods behind it; and ``CLASSES``, what IngressClass objects call it. A proxy goes straight to pod
addresses; kube-proxy is not asked.
"""

from types import ModuleType

from netsim.registry import Registry

_REGISTRY = Registry(__name__, "ingress controller", "-")


def names() -> tuple[str, ...]:
    """The names of all kinds in this folder."""
    return _REGISTRY.names()


def load(name: str) -> ModuleType:
    """The module of a kind; raises UsageError where there is none of that name."""
    return _REGISTRY.load(name)
