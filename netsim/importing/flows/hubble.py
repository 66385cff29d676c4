"""Hubble's flows: opened connections or HTTP requests per pair of workload and Service, and their rate.

``hubble observe -o json`` and ``-o jsonpb`` and the exporter write one flow per line (cilium/cilium
api/v1/flow/flow.proto). A connection is seen at several points of its way and counts once.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from netsim.errors import Position
from netsim.importing.findings import Finding
from netsim.importing.flows.flow import Ends, Flow, Observed
from netsim.importing.flows.lines import json_lines
from netsim.importing.inputs import refusal
from netsim.importing.shapes import Data, is_true, mapping, part, rows, text, whole
from netsim.importing.who import INTERNET, Who

NANOSECONDS = 10**9
OUTSIDE = ("reserved:world", "reserved:world-ipv4", "reserved:world-ipv6")


@dataclass(slots=True)
class _Tally:
    """Distinct connections and requests by ends, and between which times (ns) they were seen."""

    connections: dict[Ends, set[tuple[str, int]]] = field(default_factory=lambda: defaultdict(set))
    requests: Counter[Ends] = field(default_factory=Counter)
    times: list[int] = field(default_factory=list)


def read(content: str, name: str, who: Who) -> Observed:
    """The flows of a file; raises ScenarioError where a line is broken or no time passes between them."""
    found, tally = Observed(), _Tally()
    for line in json_lines(content, name):
        _take(mapping(line, "flow") or line, who, (found, tally))
    if not tally.times:
        raise refusal(Position(name, 1, 1), "there is no flow in it", "Is this hubble observe -o json?")
    span = max(tally.times) - min(tally.times)
    if not span:
        raise refusal(Position(name, 1, 1), "all flows are of the same time, so they have no rate", "Observe longer.")
    seconds = Fraction(span, NANOSECONDS)
    for ends in sorted({*tally.connections, *tally.requests}, key=str):
        asked, opened = tally.requests[ends], len(tally.connections[ends])
        rate = Fraction(asked or opened) / seconds
        found.flows.append(Flow(ends, rate, connects=not asked))
    what = f"{len(tally.times)} flows of {name} over {float(seconds):.6g} s"
    found.findings.append(Finding("rates", f"{what}: HTTP requests where Hubble saw them, else opened connections"))
    found.findings.append(Finding("sizes", "Hubble does not tell them; 1KiB each way is assumed"))
    return found


def _take(flow: Data, who: Who, into: tuple[Observed, _Tally]) -> None:
    found, tally = into
    verdict, time = text(flow, "verdict"), _time(text(flow, "time"))
    if not verdict and time is None:
        return
    if time is not None:
        tally.times.append(time)
    if verdict not in ("", "FORWARDED", "REDIRECTED", "TRACED"):
        found.unmapped[f"not forwarded ({verdict[:20].lower()})"] += 1
        return
    if is_true(flow, "is_reply"):
        return
    kind, opening = _opening(flow)
    if not opening:
        if kind:
            found.unmapped[kind] += 1
        return
    ends = _ends(flow, who, opening[1])
    if isinstance(ends, str):
        found.unmapped[ends] += 1
    elif kind == "request":
        tally.requests[ends] += 1
    else:
        address = text(flow, "IP", "source") or text(flow, "source", "pod_name")
        tally.connections[ends].add((address, opening[0]))


def _opening(flow: Data) -> tuple[str, tuple[int, int] | None]:
    """What a flow begins: a connection or a request, with its ports; "" for what belongs to one seen before."""
    tcp = mapping(flow, "l4", "TCP")
    ports = whole(tcp, "source_port"), whole(tcp, "destination_port")
    if not tcp or ports[1] is None:
        return ("not TCP" if part(flow, "l4") is not None else ""), None
    both = (ports[0] or 0, ports[1])
    if (seventh := part(flow, "l7")) is not None:
        return ("request", both) if text(seventh, "type") == "REQUEST" else ("", None)
    flags = mapping(tcp, "flags")
    return ("connection", both) if is_true(flags, "SYN") and not is_true(flags, "ACK") else ("", None)


def _ends(flow: Data, who: Who, port: int) -> Ends | str:
    """Who asks whom, or in words why that is not known."""
    target, source = mapping(flow, "destination"), mapping(flow, "source")
    named = mapping(flow, "destination_service")
    door = who.at_service(f"{text(named, 'namespace')}/{text(named, 'name')}", port) if named else None
    pod = _pod(target, text(flow, "IP", "destination"), who)
    if pod is not None:
        door = who.door(pod, port)
    address = text(flow, "IP", "destination")
    if door is None and address in who.service_addresses:
        door = who.at_service(who.service_addresses[address], port)
    if door is None and address in who.node_addresses:
        door = who.node_ports.get(port)
    if door is None:
        return "to an unknown destination"
    asker = _asker(source, text(flow, "IP", "source"), who)
    if asker == INTERNET:
        via = who.way_in(door.to)
        return Ends(INTERNET, door.to, door.port, via) if via else "from outside to what nobody outside reaches"
    return Ends(asker, door.to, door.port) if asker else "from an unknown source"


def _pod(end: Data, address: str, who: Who) -> str | None:
    named = f"{text(end, 'namespace')}/{text(end, 'pod_name')}"
    return named if named in who.pods else who.pod_addresses.get(address)


def _asker(end: Data, address: str, who: Who) -> str | None:
    pod = _pod(end, address, who)
    if pod is not None:
        return who.asker(pod)
    for one in rows(end, "workloads"):
        if path := who.workload(text(end, "namespace"), text(one, "name")):
            return path
    labels = part(end, "labels")
    labels = labels if isinstance(labels, list) else []
    if address in who.node_addresses:
        return f"node/{who.node_addresses[address]}"
    if any(label in OUTSIDE for label in labels):
        return INTERNET
    return None


def _time(written: str) -> int | None:
    """Nanoseconds since 1970 of an RFC 3339 time."""
    head, dot, rest = written.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))] if dot else ""
    zone = rest[len(digits) :] if dot else ""
    try:
        moment = datetime.fromisoformat((head + zone).replace("Z", "+00:00"))
        seconds = int(moment.timestamp())
    except (ValueError, OverflowError, OSError):
        return None
    return seconds * NANOSECONDS + int(digits[:9].ljust(9, "0") or 0)
