"""What a scenario file says of the ways into the cluster and out of it."""

import re
from collections.abc import Callable
from functools import reduce
from operator import or_
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema

from netsim.entry import balancers, proxies
from netsim.errors import nearest, quote
from netsim.model.config import Strict
from netsim.scenario.fields import Label, PacketWork, Reference, Section, written
from netsim.units import UnitError

INGRESS, HTTP_ROUTE = "ingress", "httpRoute"
KUBECTL, FORWARD = "kubectlProxy", "portForward"
LOAD_BALANCER, NODE_PORT, HOST_PORT, PODS = "loadBalancer", "nodePort", "hostPort", "pods"
PLAIN_WAYS = (LOAD_BALANCER, NODE_PORT, HOST_PORT, PODS, KUBECTL, FORWARD)
ROUTED_WAYS = (INGRESS, HTTP_ROUTE)
WAYS = (*PLAIN_WAYS, *(f"{kind}/ns/name" for kind in ROUTED_WAYS))


def one_of(load: Callable[[str], ModuleType], names: tuple[str, ...], key: str, default: str) -> Any:
    """The type of a mapping that is the config of the kind that ``key`` names, or of the ``default`` without it."""

    def kind(value: Any) -> str:
        found = value.get(key, default) if isinstance(value, dict) else getattr(value, key, default)
        return f"~{found}"

    choices = [Annotated[load(name).Config, Tag(f"~{name}")] for name in names]
    return Annotated[reduce(or_, choices), Discriminator(kind)]


if TYPE_CHECKING:
    BalancerChoice = Strict
    ControllerChoice = Strict
else:
    BalancerChoice = one_of(balancers.load, balancers.names(), "kind", "passthrough")
    ControllerChoice = one_of(proxies.load, proxies.names(), "controller", "nginx")


def _way(text: str) -> str:
    kind, *rest = text.split("/")
    if text in PLAIN_WAYS or (kind in ROUTED_WAYS and len(rest) in (1, 2)):
        return text
    if kind in ROUTED_WAYS:
        raise UnitError(f"{quote(text)} is no way in", f"Write {kind}/namespace/name.")
    raise UnitError(f"{quote(text)} is not known", nearest(text, WAYS))


def _hostname(text: str) -> str:
    if len(text) <= 253 and _HOSTNAME.fullmatch(text):
        return text
    raise UnitError(f"{quote(text)} is not a host name", "Write for example shop.example.com.")


def _path(text: str) -> str:
    if len(text) <= 2048 and text.startswith("/") and text.isprintable():
        return text
    raise UnitError(f"{quote(text)} is not a path", "Write for example /cart.")


_HOSTNAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
Hostname = Annotated[str, AfterValidator(_hostname)]
"""What a client writes into the Host header."""
HttpPath = Annotated[str, AfterValidator(_path)]
"""The path of a request, from its first slash."""
Way = Annotated[
    str,
    AfterValidator(_way),
    WithJsonSchema({"type": "string", "pattern": "|".join((*PLAIN_WAYS, "(ingress|httpRoute)/.+")), "examples": WAYS}),
]
"""How sources outside the cluster come in."""


class ApiServerSection(Section):
    """The API server, as kubeadm runs it: a process on the host network of a node."""

    node: Label | None = Field(None, description="the node that it runs on; the first by name if left out")
    work: PacketWork = written(
        "250us", "its CPU time per request that it passes on: TLS, authentication, authorisation, audit (assumed)"
    )
    in_flight: int = Field(
        400,
        ge=1,
        le=100_000,
        description="requests that it works on at once (--max-requests-inflight of kube-apiserver, 400)",
    )


class GatewaySection(Section):
    """Nodes through which pods of some workloads reach machines outside."""

    name: Label = Field(description="its name")
    nodes: list[Label] = Field(
        min_length=1, max_length=100, description="its nodes; a flow goes by one of them, picked by its hash"
    )
    workloads: list[Reference] = Field(
        min_length=1, max_length=1000, description="whose pods it is for: deployment/ns/name, pod/ns/name, ..."
    )
