"""Network policies: who may talk to whom, as networking.k8s.io/v1 says it."""

from dataclasses import dataclass
from ipaddress import IPv4Network

Labels = tuple[tuple[str, str], ...]
EGRESS, INGRESS = "egress", "ingress"
NAMED = 3  # policies that a denial names


@dataclass(frozen=True, slots=True)
class Requirement:
    """One matchExpression: ``operator`` is In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector: all of ``labels`` and all ``expressions`` must hold; an empty one selects everything."""

    labels: Labels = ()
    expressions: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """An ipBlock."""

    cidr: IPv4Network
    excluded: tuple[IPv4Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Peer:
    """One entry of ``from`` or ``to``: pods (of the policy's namespace where ``namespaces`` is None), or addresses."""

    pods: Selector | None = None
    namespaces: Selector | None = None
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class PolicyPort:
    """A port of a rule: a number, a container port's name, or None for all; ``end`` makes it a range."""

    port: int | str | None = None
    end: int | None = None
    protocol: str = "TCP"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is allowed: any of ``peers`` on any of ``ports``; empty means all."""

    peers: tuple[Peer, ...] = ()
    ports: tuple[PolicyPort, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """A NetworkPolicy. ``ingress`` and ``egress`` are None where the policy does not isolate in that direction."""

    namespace: str
    name: str
    pods: Selector
    ingress: tuple[Rule, ...] | None = None
    egress: tuple[Rule, ...] | None = None

    @property
    def path(self) -> str:
        """``ns/name``."""
        return f"{self.namespace}/{self.name}"

    def rules(self, direction: str) -> tuple[Rule, ...] | None:
        """The rules of "ingress" or "egress"; None where it does not isolate in that direction."""
        return self.ingress if direction == INGRESS else self.egress


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the policies of one pod make of a flow in one direction ("egress" of its client, "ingress" of its server).

    ``isolating`` are the policies that select the pod, in the order of their paths; where there is none, everything
    is allowed. ``policy``, ``rule`` and ``peer`` are the places of what allows the flow in ``isolating``, in its rules
    and in the rule's peers (0 for a rule without any); -1 where nothing does and the flow is denied.
    """

    direction: str
    isolating: tuple[NetworkPolicy, ...] = ()
    policy: int = -1
    rule: int = -1
    peer: int = -1

    @property
    def allowed(self) -> bool:
        """Whether the flow may pass."""
        return not self.isolating or self.policy >= 0

    @property
    def reason(self) -> str:
        """The rule that allows, ``ns/name ingress[0]``; of a denial the policies that isolate; "" where none does."""
        if not self.isolating:
            return ""
        if self.policy >= 0:
            return f"{self.isolating[self.policy].path} {self.direction}[{self.rule}]"
        names = ", ".join(policy.path for policy in self.isolating[:NAMED])
        more = len(self.isolating) - NAMED
        return f"{self.direction} {names}" + (f" and {more} more" if more > 0 else "")
