"""What one stream of traffic sends and how often, as the model has it, with all that does not go together."""

from collections.abc import Iterator
from dataclasses import replace

from netsim.errors import Problem
from netsim.model import law as laws
from netsim.model.cluster import Call, Run
from netsim.model.law import Law
from netsim.model.load import Bulk, ClosedLoop, Datagrams, Load, OpenLoop, Transactions
from netsim.model.transport import Connections
from netsim.scenario.references import INTERNET
from netsim.scenario.schema_law import law_of
from netsim.scenario.schema_load import LARGEST_DATAGRAM
from netsim.scenario.schema_traffic import KINDS, TrafficSection
from netsim.scenario.validation import Source
from netsim.units import PICOSECONDS_PER_SECOND, show_duration

MOST_REQUESTS = 50_000_000
REQUESTS = ("rate", "users", "transactions")
# Which kinds of load a field goes with, where that is not all.
GOES_WITH = {
    "arrivals": ("rate",),
    "thinkTime": ("users",),
    "request": REQUESTS,
    "response": REQUESTS,
    "connections": ("rate", "users"),
    "protocol": REQUESTS,
    "timeout": REQUESTS,
    "retries": REQUESTS,
    "balancing": REQUESTS,
    "dns": REQUESTS,
}
INSTEAD = {
    ("request", "bulk"): "Write bulk.size.",
    ("request", "datagrams"): "Write datagrams.size.",
    ("response", "bulk"): "Nothing is answered.",
    ("response", "datagrams"): "Nothing is answered.",
    ("protocol", "bulk"): "Bulk data goes over TCP.",
    ("protocol", "datagrams"): "Datagrams are UDP's.",
    ("connections", "bulk"): "Every stream has a connection of its own.",
    ("connections", "datagrams"): "Datagrams need none.",
    ("connections", "transactions"): "transactions.connect says whether each request opens one.",
    ("thinkTime", "transactions"): "Processes ask again at once; write users for people who think.",
    ("thinkTime", "rate"): "Write users for people who wait and think.",
}


def kind_of(section: TrafficSection) -> str:
    """Which of KINDS a stream is."""
    return next(kind for kind in KINDS if getattr(section, kind) is not None)


def misplaced(section: TrafficSection, place: Source) -> Iterator[Problem]:
    """Fields that do not go with the kind of load."""
    kind = kind_of(section)
    fields = type(section).model_fields
    for name in sorted(section.model_fields_set):
        key = fields[name].alias or name
        if kind not in GOES_WITH.get(key, KINDS):
            yield place.at(key).problem(f"{key} does not go with {kind}", INSTEAD.get((key, kind), "Leave it out."))


def load_of(section: TrafficSection, place: Source, run: Run, problems: list[Problem]) -> Load:
    """The load of a stream in base units."""
    problems.extend(_too_late(section, place, run))
    if section.users is not None:
        return ClosedLoop(section.users, law_of(section.think_time))
    if section.bulk is not None:
        return Bulk(section.bulk.streams, section.bulk.duration)
    if section.transactions is not None:
        return Transactions(section.transactions.processes, section.transactions.connect)
    if section.datagrams is not None:
        return Datagrams(section.datagrams.streams, 0, section.datagrams.duration)
    return _open_loop(section, place, run, problems)


def _too_late(section: TrafficSection, place: Source, run: Run) -> Iterator[Problem]:
    """What would happen after the run."""
    lasts = f"The run lasts {show_duration(run.duration)}."
    if section.start >= run.duration:
        yield place.at("start").problem(
            f"it starts after the run of {show_duration(run.duration)} has ended", "Start earlier."
        )
    for kind, part in (("bulk", section.bulk), ("datagrams", section.datagrams)):
        if part is not None and part.duration is not None and section.start + part.duration > run.duration:
            message = f"it would end at {show_duration(section.start + part.duration)}, after the run"
            yield place.at(kind, "duration").problem(message, lasts)


def _open_loop(section: TrafficSection, place: Source, run: Run, problems: list[Problem]) -> OpenLoop:
    if isinstance(section.rate, int):
        stages: tuple[tuple[int, int], ...] = ((run.duration, section.rate),)
    else:
        written = section.rate.stages if section.rate else []
        stages = tuple((stage.duration, stage.target) for stage in written)
        total = sum(length for length, _ in stages)
        if section.start + total > run.duration:
            message = f"the stages end at {show_duration(section.start + total)}, after the run"
            problems.append(place.at("rate").problem(message, f"It lasts {show_duration(run.duration)}."))
    requests = sum(length * rate for length, rate in stages) // 10**15
    if requests > MOST_REQUESTS:
        message = f"this rate makes {requests:,} requests"
        problems.append(place.at("rate").problem(message, f"At most {MOST_REQUESTS:,}: shorten the run."))
    if all(rate == 0 for _, rate in stages):
        problems.append(place.at("rate").problem("a rate of 0 makes no request", "Write for example 2000/s."))
    return OpenLoop(stages, section.arrivals)


def sizes_of(section: TrafficSection) -> tuple[Law, Law]:
    """What is sent and what comes back; what datagrams hold without a size is filled in later."""
    if section.bulk is not None:
        return laws.constant(section.bulk.size or 0), laws.constant(0)
    if section.datagrams is not None:
        return laws.constant(section.datagrams.size or 0), laws.constant(0)
    if section.transactions is not None:
        given = section.model_fields_set
        return (
            law_of(section.request) if "request" in given else laws.constant(1),
            law_of(section.response) if "response" in given else laws.constant(1),
        )
    return law_of(section.request), law_of(section.response)


def connections_of(section: TrafficSection, written: Connections) -> Connections:
    """How a kind of load uses connections; ``written`` is what the file says of requests."""
    if section.bulk is not None or section.datagrams is not None:
        return Connections("perRequest")
    if section.transactions is not None:
        if section.transactions.connect:
            return Connections("perRequest", closed_by="server")
        return Connections("pooled", limit=section.transactions.processes)
    return written


def filled(section: TrafficSection, call: Call, load: Load, largest: int) -> tuple[Call, Load]:
    """Datagrams with their size, ``largest`` where none is written, and the time between two of them."""
    written = section.datagrams
    if written is None or not isinstance(load, Datagrams):
        return call, load
    size = written.size or largest
    bits = size * 8 * PICOSECONDS_PER_SECOND
    interval = 0 if written.rate is None else -(-bits // written.rate)
    return replace(call, request=laws.constant(size)), replace(load, interval=interval)


def datagram_problems(
    section: TrafficSection, place: Source, load: Load, room: tuple[int, str, Run]
) -> Iterator[Problem]:
    """Datagrams that no interface takes whole, that nothing holds back, or that are too many to simulate.

    ``room`` is the payload in bytes that the interfaces at both ends take, in words why, and the run.
    """
    written, (most, reason, run) = section.datagrams, room
    if written is None or not isinstance(load, Datagrams):
        return
    if written.size is not None and written.size > min(most, LARGEST_DATAGRAM):
        message = f"datagrams of {written.size} bytes do not fit an interface, and fragments are not modelled"
        yield place.at("datagrams", "size").problem(message, f"{reason}: at most {most} bytes.")
    if section.from_ == INTERNET and written.rate is None:
        message = "datagrams from the internet need a rate: no core limits their sender"
        yield place.at("datagrams").problem(message, "Add rate: 100Mbit.")
    length = (run.duration - section.start) if load.duration is None else load.duration
    count = load.streams * (length // load.interval) if load.interval else 0
    if count > MOST_REQUESTS:
        message = f"this rate makes {count:,} datagrams"
        yield place.at("datagrams", "rate").problem(message, f"At most {MOST_REQUESTS:,}: shorten the run.")
