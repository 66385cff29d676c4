"""What must always hold: exact laws on the Records of any run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from netsim.analysis.laws import ledger, places, policies, requests, sockets, streams
from netsim.program import Program
from netsim.records import Records

_SHOWN = 5  # violations told of one law


@dataclass(frozen=True)
class Law:
    """One law: its name, what it says, and the check that yields a sentence for each violation."""

    name: str
    says: str
    check: Callable[[Program, Records], Iterable[str]]
    needs_log: bool = False


LAWS = (
    Law("bursts", "bursts sent = delivered + dropped by reason + in flight", ledger.bursts),
    Law("frames", "frames sent = delivered + dropped + in flight", ledger.frames),
    Law("bytes", "payload bytes sent = delivered + dropped + in flight", ledger.payload),
    Law("encapsulation", "header bytes put on = taken off + lost + in flight", ledger.encapsulation),
    Law("drops", "frames and bytes dropped = the sum over places and reasons", ledger.drops),
    Law("requests", "requests issued = answered + failed + in flight, none twice", requests.accounted),
    Law("arrivals", "an open loop issues every arrival before the end, at its time", requests.arrivals),
    Law("time", "nothing ends before it starts or after the run", requests.ordered),
    Law("partition", "a request's latency = the sum of its waits and works, without a gap", requests.partition),
    Law("capacity", "no place works more than its servers can or holds more than its room", places.capacity),
    Law("system", "time in the kernel is a part of the threads' time; only links mark", places.system),
    Law("progress", "the parts of a run sum to what each stream delivered", streams.progress),
    Law("delivery", "a stream delivers no byte that was not sent, and none twice", streams.delivery),
    Law("streams", "what a bulk stream sent again and delivered = its transfers'", streams.transfers),
    Law("payload", "a transfer's bursts hold its payload and what was sent again", streams.bursts),
    Law("datagrams", "received + lost <= sent; one-way times within least and most", streams.datagrams),
    Law("sockets", "connections opened = closed + reset + refused + open", sockets.connections),
    Law("ports", "no client uses more ports than its machine has", sockets.ports),
    Law("conntrack", "no connection table holds more than its limit", places.conntrack),
    Law("policies", "nothing arrives that a network policy denies", policies.obeyed),
    Law("rules", "every denied packet is counted with its rule", policies.counted),
    Law("addresses", "no address is given twice", places.addresses),
    Law("busy", "busy time = the work of all stays", places.busy, needs_log=True),
    Law("Little", "the integral of the number present = the sum of all stays", places.little, needs_log=True),
    Law("waits", "time queued = the sum of all waits", places.queued, needs_log=True),
    Law("order", "first come, first served at every lane, link and tunnel", places.order, needs_log=True),
)


@dataclass(frozen=True)
class Verdict:
    """Whether a law held; ``violations`` are sentences, None where the run kept no log to check it on."""

    law: Law
    violations: tuple[str, ...] | None

    @property
    def broken(self) -> bool:
        """Whether the law was checked and does not hold."""
        return bool(self.violations)


def check(program: Program, records: Records) -> list[Verdict]:
    """Every law against one run; those about single stays only where the engine kept its log."""
    logged = len(records.log.station) > 0
    return [Verdict(law, _shown(law.check(program, records)) if logged or not law.needs_log else None) for law in LAWS]


def _shown(violations: Iterable[str]) -> tuple[str, ...]:
    found = list(violations)
    rest = len(found) - _SHOWN
    return (*found[:_SHOWN], f"and {rest} more") if rest > 0 else tuple(found)
