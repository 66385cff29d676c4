"""Settings of a variant that do nothing together with the rest of it: told in notices, not refused."""

from collections.abc import Iterator

from netsim import cni
from netsim.errors import Problem
from netsim.model.cluster import Call, Scenario
from netsim.model.datapath import DataPath
from netsim.model.load import Bulk, Datagrams
from netsim.scenario.references import INTERNET
from netsim.scenario.schema import Spec
from netsim.scenario.schema_transport import NEEDS_ECN
from netsim.scenario.validation import Source

THRESHOLD = "ecnThreshold"


def idle(spec: Spec, scenario: Scenario, place: Source) -> Iterator[Problem]:
    """A notice for every setting without effect; ``place`` is the spec, which ``scenario`` was built from."""
    yield from _marks(spec, scenario, place)
    yield from _offloads(spec, scenario, place.at("cluster", "nodePools"))
    yield from _neighbours(scenario, place.at("traffic"))
    for index, event in enumerate(spec.events):
        if event.at >= scenario.run.duration:
            yield place.at("events", index, "at").problem("the run ends before this happens", "Lengthen run.duration.")


def _marks(spec: Spec, scenario: Scenario, place: Source) -> Iterator[Problem]:
    """ECN takes two: ports that mark packets, and connections that listen to marks."""
    marking = _thresholds(scenario.cluster.fabric)
    if marking and not any(call.transport.ecn for call in _tcp(scenario)):
        for steps in marking:
            hint = f"Write transport: {{ecn: true}} or congestionControl: {NEEDS_ECN}."
            yield place.at("fabric", *steps).problem("no packet is marked, because no connection has ecn", hint)
    if marking:
        return
    message, hint = "no port of the fabric marks packets, so that", "Write for example fabric.ecnThreshold: 100KiB."
    deaf, sockets = f"{message} {NEEDS_ECN} only reacts to losses", spec.transport
    if sockets.congestion_control == NEEDS_ECN:
        yield place.at("transport", "congestionControl").problem(deaf, hint)
    elif sockets.ecn:
        yield place.at("transport", "ecn").problem(f"{message} ecn has no effect", hint)
    for index, section in enumerate(spec.traffic):
        if section.bulk is not None and section.bulk.congestion_control == NEEDS_ECN:
            yield place.at("traffic", index, "bulk", "congestionControl").problem(deaf, hint)


def _tcp(scenario: Scenario) -> Iterator[Call]:
    """All that goes over TCP."""
    yield from (traffic.call for traffic in scenario.traffic if not isinstance(traffic.load, Datagrams))
    for behaviour in scenario.behaviours:
        for group in behaviour.calls:
            yield from group


def _thresholds(fabric: object) -> list[tuple[str, ...]]:
    """Where a fabric's configuration lets ports mark packets."""
    places: list[tuple[str, ...]] = [(THRESHOLD,), ("leafUplink", THRESHOLD)]
    return [steps for steps in places if _value(fabric, steps) is not None]


def _value(holder: object, steps: tuple[str, ...]) -> object:
    for step in steps:
        holder = getattr(holder, step, None)
    return holder


def _offloads(spec: Spec, scenario: Scenario, place: Source) -> Iterator[Problem]:
    """Super-packets that are never made, or never larger."""
    settings = scenario.cluster.cni
    path: DataPath = cni.load(settings.plugin).data_path(settings)  # type: ignore[attr-defined]
    for index, pool in enumerate(spec.cluster.node_pools):
        nic, where = pool.nics[0], place.at(index, "nics", 0)
        if not nic.gso:
            for key, name in (("tso", "tso"), ("bigTcp", "big_tcp")):
                if name in nic.model_fields_set and getattr(nic, name):
                    yield where.at(key).problem(f"{key} has no effect without gso: there are no super-packets")
        elif nic.big_tcp is not None and path.encapsulation is not None and path.direct_egress is None:
            message = f"bigTcp has no effect between pods of two nodes with {path.title}"
            yield where.at("bigTcp").problem(message, f"Super-packets within {path.encapsulation.name} end at 64KiB.")


def _neighbours(scenario: Scenario, place: Source) -> Iterator[Problem]:
    """Transfers over the internet that it does not slow down."""
    for index, traffic in enumerate(scenario.traffic):
        if traffic.source == INTERNET and traffic.travel is None and isinstance(traffic.load, Bulk):
            message = "without rtt its clients stand right before the cluster, and nothing limits their bandwidth"
            yield place.at(index).problem(message, "Write for example rtt: 20ms.")
