"""AWS VPC flow logs: connections per second and their bytes, between addresses that pods, nodes or Services have.

Records of version 2 and the fields of later versions that a header line names
(docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html). Each record is one direction of a flow within
its capture window; both ends' interfaces may have recorded it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from ipaddress import ip_address

from netsim.errors import Position
from netsim.importing.findings import Finding
from netsim.importing.flows.flow import Ends, Flow, Observed
from netsim.importing.inputs import refusal
from netsim.importing.who import INTERNET, Door, Who

VERSION_2 = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets",
    "bytes", "start", "end", "action", "log-status",
)  # fmt: skip
NEEDED = ("srcaddr", "dstaddr", "srcport", "dstport", "protocol", "bytes", "start", "end")
NUMBERS = ("srcport", "dstport", "protocol", "bytes", "start", "end")
TCP, UDP = 6, 17
TUNNELS = {8472, 4789, 6081, 51820, 51821, 8285, 6783, 6784}  # UDP ports of VXLAN, Geneve, WireGuard, Flannel, Weave
TUNNEL_PROTOCOLS = {4, 47, 50}  # IPIP, GRE, ESP
LARGEST = 1 << 30  # bytes of a request, as scenario files have it
Tuple5 = tuple[str, int, str, int]


@dataclass(slots=True)
class _Tally:
    """Bytes by direction and recording interface, and the time that the records cover (s)."""

    sizes: dict[Tuple5, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    first: int | None = None
    last: int = 0
    records: int = 0


def read(content: str, name: str, who: Who) -> Observed:
    """The flows of a log; raises ScenarioError where it is none."""
    found, tally = Observed(), _Tally()
    for record in _records(content, name):
        _take(record, (found, tally))
    if tally.first is None or tally.last <= tally.first:
        raise refusal(
            Position(name, 1, 1),
            "there is no record with a capture window in it",
            "Is this a VPC flow log in its default format, or with its header line?",
        )
    by_ends: dict[Ends, list[tuple[int, int]]] = defaultdict(list)
    for key in sorted(tally.sizes):
        ends = _ends(key, tally, who)
        if ends is None:
            continue
        if isinstance(ends, str):
            found.unmapped[ends] += 1
            continue
        answered = tally.sizes.get(_reverse(key), Counter())
        by_ends[ends].append((_most(tally.sizes[key]), _most(answered)))
    span = Fraction(tally.last - tally.first)
    for ends, sizes in sorted(by_ends.items(), key=lambda pair: str(pair[0])):
        sent, back = (sum(column) // len(sizes) for column in zip(*sizes, strict=True))
        found.flows.append(Flow(ends, len(sizes) / span, _size(sent), _size(back), connects=True))
    found.findings.append(
        Finding(
            "rates",
            f"{tally.records} records of {name} over {span} s: connections, each seen by its addresses and ports",
        )
    )
    found.findings.append(Finding("sizes", "the mean bytes of a connection each way, with the packets' headers"))
    return found


def _size(count: int) -> int:
    return min(max(count, 1), LARGEST)


def _most(by_interface: Counter[str]) -> int:
    """The bytes of one direction: both ends may have recorded it, so the larger sum."""
    return max(by_interface.values(), default=0)


def _reverse(key: Tuple5) -> Tuple5:
    return key[2], key[3], key[0], key[1]


def _records(content: str, name: str) -> Iterator[dict[str, str]]:
    fields: tuple[str, ...] = VERSION_2
    for number, line in enumerate(content.splitlines(), start=1):
        cells = line.split()
        if not cells:
            continue
        if "srcaddr" in cells or "dstaddr" in cells:
            fields = tuple(cells)
            missing = [field for field in NEEDED if field not in fields]
            if missing:
                raise refusal(Position(name, number, 1), f"the log has no field {missing[0]}", "netsim needs it.")
        elif len(cells) != len(fields):
            why = f"a record of {len(cells)} fields where {len(fields)} are expected"
            raise refusal(Position(name, number, 1), why, "Is the line cut off, or the header line missing?")
        else:
            yield dict(zip(fields, cells, strict=True))


def _take(record: dict[str, str], into: tuple[Observed, _Tally]) -> None:
    found, tally = into
    if record.get("log-status", "OK") != "OK":
        found.unmapped["no data (NODATA, SKIPDATA)"] += 1
        return
    if any(not (record[key].isascii() and record[key].isdigit() and len(record[key]) < 19) for key in NUMBERS):
        found.unmapped["without addresses or ports"] += 1
        return
    source_port, port, protocol, size, start, end = (int(record[key]) for key in NUMBERS)
    tally.records += 1
    tally.first = start if tally.first is None else min(tally.first, start)
    tally.last = max(tally.last, end)
    if record.get("action", "ACCEPT") != "ACCEPT":
        found.unmapped["rejected"] += 1
    elif protocol in TUNNEL_PROTOCOLS or (protocol == UDP and {source_port, port} & TUNNELS):
        found.unmapped["tunnels between nodes, whose inside the log does not show"] += 1
    elif protocol != TCP:
        found.unmapped["not TCP"] += 1
    else:
        # Later versions tell the packet's own addresses beside those of the interface.
        source = _given(record, "pkt-srcaddr") or record["srcaddr"]
        target = _given(record, "pkt-dstaddr") or record["dstaddr"]
        tally.sizes[source, source_port, target, port][record.get("interface-id", "")] += size


def _given(record: dict[str, str], key: str) -> str:
    value = record.get(key, "-")
    return "" if value == "-" else value


def _ends(key: Tuple5, tally: _Tally, who: Who) -> Ends | str | None:
    """Who asks whom; None for the direction of the answers, words for what is not known."""
    source, source_port, target, port = key
    there, back = _door(target, port, who), _door(source, source_port, who)
    # Where both ports are somebody's, the lower one is the server's.
    is_answer = back is not None and (there is None or source_port < port)
    if is_answer and _reverse(key) in tally.sizes:
        return None
    if there is None:
        return "to a destination that is not in the dump" if back is None else "answers without their requests"
    if source in who.pod_addresses:
        return Ends(who.asker(who.pod_addresses[source]), there.to, there.port)
    if source in who.node_addresses:
        return Ends(f"node/{who.node_addresses[source]}", there.to, there.port)
    if _is_public(source) and (via := who.way_in(there.to)):
        return Ends(INTERNET, there.to, there.port, via)
    return "from a source that is not in the dump"


def _door(address: str, port: int, who: Who) -> Door | None:
    if address in who.pod_addresses:
        pod = who.pod_addresses[address]
        found = who.door(pod, port)
        return found if found.port is not None or found.to.startswith("svc/") else None
    if address in who.service_addresses:
        return who.at_service(who.service_addresses[address], port)
    return who.node_ports.get(port) if address in who.node_addresses else None


def _is_public(address: str) -> bool:
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
