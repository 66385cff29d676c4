"""What selectors, address blocks and ports of policies match, as networking.k8s.io/v1 defines it."""

from collections.abc import Iterable, Mapping
from functools import cache
from ipaddress import IPv4Address

from netsim.model.policy import Block, Labels, PolicyPort, Requirement, Selector

NAME_LABEL = "kubernetes.io/metadata.name"  # which the API server puts on every namespace


@cache
def selects(selector: Selector, labels: Labels) -> bool:
    """Whether a selector matches these labels; an empty one matches all."""
    own = dict(labels)
    return all(own.get(key) == value for key, value in selector.labels) and all(
        _holds(requirement, own) for requirement in selector.expressions
    )


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    """Whether a requirement holds; what has no such key is NotIn all values."""
    value = labels.get(requirement.key)
    if requirement.operator == "In":
        return value is not None and value in requirement.values
    if requirement.operator == "NotIn":
        return value is None or value not in requirement.values
    return (value is not None) == (requirement.operator == "Exists")


def contains(block: Block, address: IPv4Address | None) -> bool:
    """Whether an address is in an ipBlock and in none of its exceptions; one that is not known is in no block."""
    return address is not None and address in block.cidr and not any(address in part for part in block.excluded)


def opens(ports: tuple[PolicyPort, ...], port: tuple[int | None, str], named: Iterable[tuple[str, int, str]]) -> bool:
    """Whether a rule's ports include a (number, protocol) of a server with these ``named`` ports; none is all ports.

    A number that is not known (None) is included where a rule takes every port of the protocol.
    """
    number, protocol = port
    return not ports or any(
        one.protocol == protocol and (one.port is None or _is(one, number, protocol, named)) for one in ports
    )


def _is(one: PolicyPort, number: int | None, protocol: str, named: Iterable[tuple[str, int, str]]) -> bool:
    if number is None:
        return False
    if isinstance(one.port, str):
        return (one.port, number, protocol) in named
    assert one.port is not None
    return one.port <= number <= (one.end or one.port)


def namespace_labels(name: str, labels: Labels = ()) -> Labels:
    """The labels of a namespace, its name's among them."""
    return tuple(sorted({**dict(labels), NAME_LABEL: name}.items()))
