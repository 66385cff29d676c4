"""What limits streams: a full core, link or tunnel, else loss, else the window; for datagrams what loses them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netsim.analysis import effort
from netsim.analysis.causes import Told, held_back, refused, told
from netsim.analysis.datagrams import lost
from netsim.analysis.goodput import chosen, kind
from netsim.analysis.losses import NEVER_FIT, Loss, hint, losses
from netsim.analysis.way import crossed_links, crossed_nodes, sides
from netsim.program import Kind, Program, TrafficKind
from netsim.records import Records, Streams

FULL = 0.95  # from this share of the time on, an element has no more to give
_POOLED = {Kind.LINK: ("link", "wire"), Kind.DAEMON: ("user-space tunnel", "tunnel")}


@dataclass(frozen=True)
class Element:
    """Something that streams need: the share of their time in which it is busy, and a clause that says so."""

    name: str
    role: str
    share: float
    clause: str
    noun: str

    def limit(self, more: int = 0) -> str:
        """The clause, and that this is the limit, as are ``more`` of its kind."""
        others = f" (and {more} more like it)" if more else ""
        return f"{self.clause}{others}: the {self.noun} is the limit"


def stream_limit(program: Program, runs: Sequence[Records], traffic: int, cut: int) -> Told:
    """The limiting element of a traffic of bulk streams or datagrams, and a sentence on it."""
    found = _typical([_busiest(program, run, traffic, cut) for run in runs])
    tables = [chosen(run, traffic) for run in runs]
    if kind(program, traffic) == TrafficKind.DATAGRAMS:
        return _datagrams(program, runs, (traffic, tables), found)
    busiest = f"busiest: {found[0].clause}" if found else "nothing was busy"
    return refused(program, runs, traffic) or _full(found) or held_back(program, runs, (traffic, cut), busiest)


def _busiest(program: Program, run: Records, traffic: int, cut: int) -> list[Element]:
    """The elements of one run, the busiest first."""
    return sorted(_elements(program, run, traffic, cut), key=lambda one: (-one.share, one.role, one.name))


def _typical(found: Sequence[list[Element]]) -> list[Element]:
    """The elements of the run in the middle: flows meet other cores in each, a mean over runs would find none full."""
    ordered = sorted(found, key=lambda elements: elements[0].share if elements else 0.0)
    return ordered[len(ordered) // 2]


def _full(found: Sequence[Element]) -> Told | None:
    if not found or found[0].share < FULL:
        return None
    first = found[0]
    more = sum(one.role == first.role and one.share >= FULL for one in found) - 1
    other = next((one for one in found if one.role != first.role), None)
    after = f"; next: {other.clause}" if other and other.share >= FULL / 2 else ""
    return told(first.name, first.role, first.share, first.limit(more) + after)


def _datagrams(
    program: Program, runs: Sequence[Records], of: tuple[int, Sequence[Streams]], found: Sequence[Element]
) -> Told:
    traffic, tables = of
    sent, received, unsent = (
        sum(int(getattr(table, name).sum()) for table in tables) for name in ("datagrams", "received", "unsent")
    )
    gone = lost(runs, traffic)
    senders = [one for one in found if one.role == "core" and one.noun.startswith("sender")]
    limit = ""
    if (unsent or not program.traffic.interval[traffic]) and senders:
        limit = senders[0].limit()
        if senders[0].share < FULL:
            limit = f"{senders[0].clause}: one thread per stream is the limit"
        if unsent:
            limit = f"{limit}, {unsent:,} of {sent + unsent:,} datagrams were due and not sent"
    other = next((one for one in found if one.share >= FULL and one not in senders), None)
    if gone:
        first, _ = gone.most_common(1)[0]
        place = next((loss for loss in losses(program, runs) if loss.reason == first), Loss(first, "", 0, first, ""))
        share = 100 * gone.total() / max(1, sent)
        advice = NEVER_FIT if first == "mtu" else hint(program, first)
        clauses = [f"{share:.3g} % of the datagrams sent are lost, most of them to: {place.cause}"]
        clauses += [other.limit() if other else "", advice, limit]
        return told(place.place, first, other.share if other else 0.0, "; ".join(filter(None, clauses)))
    if other and not unsent:
        return told(other.name, other.role, other.share, other.limit())
    if limit:
        return told(senders[0].name, "core", senders[0].share, limit)
    busiest = f"; busiest: {found[0].clause}" if found else ""
    share = 100 * received / sent if sent else 0.0
    sentence = f"nothing limits: every datagram was sent at its time, {share:.4g} % were received by the end{busiest}"
    return told("", "", 0.0, sentence) | {"saturated": False}


def _elements(program: Program, run: Records, traffic: int, cut: int) -> Iterator[Element]:
    """Cores, links and tunnels on the way with the share of the measured time in which each was busy."""
    time = effort.time(program, run, traffic, cut)
    shares = [busy / time for busy in run.stations.busy.tolist()]
    ends = sides(program, [run], traffic)
    nodes, links = program.nodes, crossed_links(program, [run], traffic)
    crossed = crossed_nodes(program, [run], traffic)
    daemons = {int(nodes.daemon[node]) for node in crossed}
    for node in crossed:
        name = program.names.nodes[node]
        whose = [side for side, of_side in ends.items() if node in of_side]
        owner = whose[0] if len(whose) == 1 else "streams" if whose else "forwarding"
        for core in range(int(nodes.cores[node])):
            lane = int(nodes.first_core[node]) + 2 * core
            yield _core(f"{name}.core{core}", owner, (shares[lane], shares[lane + 1]))
    for row, station in enumerate(program.stations.kind.tolist()):
        if Kind(station) in _POOLED and row in (links | daemons):
            role, noun = _POOLED[Kind(station)]
            servers = max(1, int(program.stations.servers[row]))
            share, name = min(1.0, shares[row] / servers), program.names.stations[row]
            yield Element(name, role, share, f"the {role} {name} is busy {_percent(share)} of the time", noun)


def _core(name: str, owner: str, lanes: tuple[float, float]) -> Element:
    total = max(1.0, sum(lanes))
    softirq, threads = (lane / total for lane in lanes)
    share = softirq + threads
    whose = {"streams": "the streams'", "forwarding": "the forwarding machine's"}.get(owner, f"the {owner}'s")
    noun = f"{owner}'s core" if owner in ("sender", "receiver") else "core"
    if min(softirq, threads) > share / 20:
        first = round(100 * softirq, 1)
        parts = f"softirqs ({first:g} %) and threads ({round(100 * share, 1) - first:.3g} %)"
        clause = f"{whose} {parts} keep {name} busy {_percent(share)} of the time"
    else:
        lane = "threads" if threads > softirq else "softirqs"
        clause = f"{whose} {lane} on {name} are busy {_percent(share)} of the time"
    return Element(name, "core", share, clause, noun)


def _percent(share: float) -> str:
    return f"{round(100 * share, 1):g} %"
