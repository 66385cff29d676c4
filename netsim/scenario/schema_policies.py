"""The fields of networking.k8s.io/v1 NetworkPolicy, with the API server's own validation.

A field that the API does not know is refused, as kubectl does: a misspelt selector would let others in.
Source: kubernetes/kubernetes pkg/apis/networking/validation/validation.go.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from netsim.scenario.fields import Port
from netsim.scenario.kinds import Kubernetes, ObjectMeta
from netsim.units import UnitError

_PORT_NAME = re.compile(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
Operator = Literal["In", "NotIn", "Exists", "DoesNotExist"]


def _cidr(value: object) -> IPv4Network | IPv6Network:
    """A network; bits of the host are cut off, as the API server does."""
    if not isinstance(value, str) or "/" not in value:
        raise UnitError(f"{str(value)[:80]!r} is not a CIDR", "Write for example 10.0.0.0/8.")
    try:
        return ip_network(value, strict=False)
    except ValueError as error:
        raise UnitError(f"{value[:80]!r} is not a CIDR", f"{error}.") from None


def _port(value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise UnitError("expected a port number or the name of a container port", "Write for example 8080 or http.")
    if isinstance(value, int) and not 1 <= value <= 65535:
        raise UnitError(f"{value} is out of range", "Write 1 to 65535.")
    if isinstance(value, str) and not _PORT_NAME.fullmatch(value):
        hint = f"Write {value} without quotes." if value.isdigit() else "Names have up to 15 of a-z, 0-9 and '-'."
        raise UnitError(f"{value[:80]!r} is not the name of a port", hint)
    return value


Cidr = Annotated[IPv4Network | IPv6Network, BeforeValidator(_cidr)]


class PolicyPart(Kubernetes):
    """A mapping of a policy."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class ExpressionPart(PolicyPart):
    """One of matchExpressions."""

    key: str = Field(min_length=1)
    operator: Operator
    values: list[str] | None = None

    @model_validator(mode="after")
    def _values_as_the_operator_has_them(self) -> "ExpressionPart":
        if self.operator in ("In", "NotIn") and not self.values:
            raise UnitError(f"operator {self.operator} needs values", "Write values: [...].")
        if self.operator in ("Exists", "DoesNotExist") and self.values:
            raise UnitError(f"operator {self.operator} takes no values", "Leave values out, or write In or NotIn.")
        return self


class SelectorPart(PolicyPart):
    """A label selector; without any content it selects everything."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[ExpressionPart] | None = None


class BlockPart(PolicyPart):
    """An ipBlock."""

    cidr: Cidr
    excluded: list[Cidr] | None = Field(None, alias="except")

    @model_validator(mode="after")
    def _exceptions_lie_inside(self) -> "BlockPart":
        for part in self.excluded or ():
            if part.version != self.cidr.version or part == self.cidr or not part.subnet_of(self.cidr):  # type: ignore[arg-type]
                raise UnitError(f"except {part} is not a part of cidr {self.cidr}", "Exceptions lie inside the cidr.")
        return self


class PeerPart(PolicyPart):
    """One of from or to."""

    pod_selector: SelectorPart | None = None
    namespace_selector: SelectorPart | None = None
    ip_block: BlockPart | None = None

    @model_validator(mode="after")
    def _addresses_or_pods(self) -> "PeerPart":
        chooses = self.pod_selector is not None or self.namespace_selector is not None
        if self.ip_block is not None and chooses:
            raise UnitError("a peer is either an ipBlock or pods", "Make two peers of it.")
        if self.ip_block is None and not chooses:
            hint = "Write podSelector: {} for all pods of the namespace, namespaceSelector: {} for all pods."
            raise UnitError("this peer names nobody", hint)
        return self


class PortPart(PolicyPart):
    """One of ports."""

    protocol: Literal["TCP", "UDP", "SCTP"] | None = None
    port: Annotated[int | str, BeforeValidator(_port)] | None = None
    end_port: Port | None = None

    @model_validator(mode="after")
    def _range_goes_up(self) -> "PortPart":
        if self.end_port is None:
            return self
        if not isinstance(self.port, int):
            what = "a named port" if self.port else "no port"
            raise UnitError(f"endPort {self.end_port} goes with {what}", "Ranges need a number as port.")
        if self.end_port < self.port:
            raise UnitError(f"endPort {self.end_port} is less than port {self.port}", "endPort is the larger one.")
        return self


class IngressPart(PolicyPart):
    """One rule of ingress."""

    peers: list[PeerPart] | None = Field(None, alias="from")
    ports: list[PortPart] | None = None


class EgressPart(PolicyPart):
    """One rule of egress."""

    peers: list[PeerPart] | None = Field(None, alias="to")
    ports: list[PortPart] | None = None


class PolicySpec(PolicyPart):
    """Whom a policy isolates, and what it allows."""

    pod_selector: SelectorPart | None = None
    policy_types: list[Literal["Ingress", "Egress"]] | None = None
    ingress: list[IngressPart] | None = None
    egress: list[EgressPart] | None = None


class PolicyManifest(Kubernetes):
    """networking.k8s.io/v1 NetworkPolicy."""

    metadata: ObjectMeta
    spec: PolicySpec = PolicySpec()
