"""The kube-proxy modes: how a Service address becomes a pod address, one file each."""

from types import ModuleType

from netsim.registry import Registry

_REGISTRY = Registry(__name__, "proxy mode", "-")


def names() -> tuple[str, ...]:
    """The names of all kinds in this folder."""
    return _REGISTRY.names()


def load(name: str) -> ModuleType:
    """The module of a kind; raises UsageError where there is none of that name."""
    return _REGISTRY.load(name)
