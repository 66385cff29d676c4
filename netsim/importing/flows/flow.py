"""Streams of requests as they were observed or assumed: who asks whom, how often, how much is sent."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from netsim.importing.findings import Finding

MOST_STREAMS = 600
SLOWEST = Fraction(1, 1000)  # requests per second: netsim's rates are whole numbers per 1,000 s
FASTEST = 10**9


@dataclass(frozen=True, slots=True)
class Ends:
    """Who asks whom: references of a scenario file; ``via`` is the way in of sources outside the cluster."""

    source: str
    to: str
    port: int | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Requests between two ends: ``rate`` per second, mean sizes in bytes where they are known.

    With ``connects`` each is a connection of its own.
    """

    ends: Ends
    rate: Fraction
    request: int | None = None
    response: int | None = None
    connects: bool = False


@dataclass(slots=True)
class Observed:
    """Flows with what was found on the way; ``unmapped`` counts what could not be used, by reason."""

    flows: list[Flow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)


def heaviest(flows: Iterable[Flow], scale: Fraction, findings: list[Finding]) -> list[Flow]:
    """The flows times ``scale``, the heaviest first, without those too slow or too many to be streams of their own."""
    scaled = [replace(flow, rate=min(flow.rate * scale, Fraction(FASTEST))) for flow in flows]
    scaled.sort(key=lambda flow: (-flow.rate, _order(flow.ends)))
    kept = [flow for flow in scaled if flow.rate >= SLOWEST][:MOST_STREAMS]
    total = sum((flow.rate for flow in scaled), Fraction(0))
    if len(kept) < len(scaled):
        lost = total - sum((flow.rate for flow in kept), Fraction(0))
        share = f"{float(100 * lost / total):.2g}" if total else "0"
        findings.append(
            Finding(
                "",
                f"the {len(scaled) - len(kept)} lightest of {len(scaled)} streams are left out, "
                f"{share} % of all requests",
            )
        )
    return kept


def _order(ends: Ends) -> tuple[str, str, int, str]:
    return ends.source, ends.to, ends.port or 0, ends.via or ""
