"""Behaviour and traffic of a scenario file as model objects, every reference resolved and checked."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from netsim.errors import Problem, quote
from netsim.headers import TCP_IP, UDP_IP
from netsim.model import law as laws
from netsim.model.cluster import Behaviour, Call, Pod, Run, Traffic
from netsim.model.law import Law
from netsim.model.load import Bulk, Datagrams, Load, Transactions
from netsim.model.transport import Connections
from netsim.scenario.calling import Caller
from netsim.scenario.calling import ports as ports_of
from netsim.scenario.interfaces import Interfaces
from netsim.scenario.loads import connections_of, datagram_problems, filled, load_of, misplaced, sizes_of
from netsim.scenario.objects import WORKLOAD_KINDS
from netsim.scenario.passing import WayError
from netsim.scenario.references import EXTERNAL, INTERNET, LOCALHOST, SOURCES, TARGETS, Directory
from netsim.scenario.schema import RunSection
from netsim.scenario.schema_calls import UDP, CallSection, ConnectionUse, Parallel
from netsim.scenario.schema_law import law_of
from netsim.scenario.schema_traffic import TrafficSection, WorkloadSection
from netsim.scenario.schema_transport import TransportSection
from netsim.scenario.validation import Source
from netsim.scenario.ways import Ways
from netsim.units import UnitError

OUTSIDE = (INTERNET, EXTERNAL)
CALLABLE = "Call its Service, svc/namespace/name, or one of its pods, pod/namespace/name."


@dataclass(slots=True)
class Resolver:
    """Turns sections into model objects; what is wrong with them goes to ``problems``.

    ``interfaces`` is None where the network is not known, because it is wrong itself.
    """

    directory: Directory
    sockets: TransportSection
    interfaces: Interfaces | None
    problems: list[Problem] = field(default_factory=list)
    ways: Ways | None = None
    gateways: dict[str, str] = field(default_factory=dict)  # name of the egress gateway of a workload

    def refuse(self, place: Source, message: str, hint: str = "") -> None:
        """Notes a problem."""
        self.problems.append(place.problem(message, hint))

    def behaviour(self, section: WorkloadSection, place: Source) -> Behaviour | None:
        """A workload's behaviour, or None when its target does not exist."""
        try:
            target = self.directory.find(section.target, SOURCES[:4])
        except UnitError:
            return None  # said before, when workloads were added
        pods = self.directory.workloads[target]
        groups: list[tuple[Call, ...]] = []
        for index, step in enumerate(section.calls):
            inner = place.at("calls", index)
            if isinstance(step, Parallel):
                places = [inner.at("parallel", number) for number in range(len(step.parallel))]
                calls = [self.call(*pair, pods) for pair in zip(step.parallel, places, strict=True)]
            else:
                calls = [self.call(step, inner, pods)]
            groups.append(tuple(call for call in calls if call is not None))
        return Behaviour(
            target=target,
            concurrency=section.concurrency,
            service_time=None if section.service_time is None else law_of(section.service_time),
            cpu_time=None if section.cpu_time is None else law_of(section.cpu_time),
            calls=tuple(groups),
        )

    def call(self, section: CallSection | TrafficSection, place: Source, pods: list[Pod] | None) -> Call | None:
        """A call made by ``pods`` (None: by no pod), or None when its target does not exist."""
        if section.to == LOCALHOST:
            target = LOCALHOST if self._localhost(section.port, place, pods) else None
        else:
            target = self._target(section, place)
        if target is None:
            return None
        used = _connections(section.connections)
        if isinstance(section, CallSection):
            sizes = law_of(section.request), law_of(section.response)
            made = Call(target, *sizes, section.probability, section.port, used, self.sockets.sockets())
            caller = Caller(self.directory, self.refuse, pods)
            made = caller.manner(made, section, place)
            caller.fits(made, section, (self.interfaces, f"pod/{pods[0].path}" if pods else LOCALHOST), place)
            return self._gateway(made, pods)
        chosen = section.bulk.congestion_control if section.bulk is not None else None
        made = Call(
            target,
            *sizes_of(section),
            port=section.port,
            connections=connections_of(section, used),
            transport=self.sockets.sockets(chosen),
        )
        if section.datagrams is not None:
            return replace(made, protocol=UDP)
        outside = section.from_.partition("/")[0] in OUTSIDE
        return Caller(self.directory, self.refuse, pods, outside).manner(made, section, place)

    def _localhost(self, port: int | None, place: Source, pods: list[Pod] | None) -> bool:
        if not pods:
            self.refuse(
                place.at("to"),
                "localhost means another container of the calling pod",
                "Call from a workload.",
            )
            return False
        ports = [number for container in pods[0].containers for number in container.ports]
        if port is None and len(pods[0].containers) < 2:
            self.refuse(place.at("to"), f"pod {quote(pods[0].path)} has no second container", "Write its port.")
            return False
        return self._listening(port, ports, f"pod {quote(pods[0].path)}", place)

    def _target(self, section: CallSection | TrafficSection, place: Source) -> str | None:
        try:
            path = self.directory.find(section.to, TARGETS)
        except UnitError as error:
            is_workload = section.to.partition("/")[0] in set(WORKLOAD_KINDS) - set(TARGETS)
            self.refuse(place.at("to"), error.message, CALLABLE if is_workload else error.hint)
            return None
        ports: list[int] = []
        if service := self.directory.services.get(path):
            streams = isinstance(section, TrafficSection) and section.datagrams is not None
            protocol = UDP if streams else section.protocol
            ports = ports_of(service, protocol)
            if not service.endpoints:
                hint = "Does its selector match the labels of a workload's pods?"
                self.refuse(place.at("to"), f"Service {quote(service.path)} has no endpoints", hint)
            if not ports and not (isinstance(section, TrafficSection) and section.datagrams is not None):
                self.refuse(place.at("to"), f"Service {quote(service.path)} has no {protocol} port")
        elif path in self.directory.workloads and section.protocol != UDP:
            pod = self.directory.workloads[path][0]
            ports = [number for container in pod.containers for number in container.ports]
        self._listening(section.port, ports, quote(path), place)
        return path

    def _listening(self, port: int | None, ports: list[int], who: str, place: Source) -> bool:
        if port is None or not ports or port in ports:
            return True
        listed = ", ".join(map(str, ports))
        self.refuse(place.at("port"), f"{who} does not listen on port {port}", f"Its ports: {listed}.")
        return False

    def traffic(self, section: TrafficSection, place: Source, run: Run) -> Traffic | None:
        """A stream of traffic, or None when one of its ends does not exist."""
        self.problems.extend(misplaced(section, place))
        load = load_of(section, place, run, self.problems)
        source, pods = self._source(section, place)
        call = self.call(section, place, pods)
        if source is None or call is None:
            return None
        if self.interfaces is not None:
            mtu, whose = self.interfaces.narrowest(source, call.to)
            call, load = filled(section, call, load, mtu - TCP_IP)
            room = f"The MTU of {whose} is {mtu}"
            self.problems.extend(datagram_problems(section, place, load, (mtu - UDP_IP, room, run)))
            if not isinstance(load, Datagrams):
                caller = Caller(self.directory, self.refuse, pods)
                caller.fits(call, section, (self.interfaces, source), place)
            self.problems.extend(_too_many(section, source, load, (self.interfaces, place)))
        call, via = self._entered(section, (source, self._gateway(call, pods), load), place)
        return Traffic(
            name=section.name,
            source=source,
            call=call,
            load=load,
            via=via,
            clients=section.clients,
            travel=_travel(section),
            start=section.start,
            cidr=section.cidr,
        )

    def _source(self, section: TrafficSection, place: Source) -> tuple[str | None, list[Pod] | None]:
        if section.from_ == INTERNET:
            return INTERNET, None
        for key in ("rtt", "clients"):
            if key in section.model_fields_set:
                self.refuse(place.at(key), f"{key} is for traffic from the internet", f"From is {section.from_}.")
        try:
            path = self.directory.find(section.from_, SOURCES)
        except UnitError as error:
            hint = "" if section.from_.startswith(SOURCES) else "Known kinds: internet, " + ", ".join(SOURCES) + "."
            self.refuse(place.at("from"), error.message, hint or error.hint)
            return None, None
        return path, self.directory.workloads.get(path)

    def _entered(self, section: TrafficSection, ends: tuple[str, Call, Load], place: Source) -> tuple[Call, str | None]:
        """The call of a stream and its way in; ``ends`` are its source, its call and what it does."""
        if self.ways is None:
            return ends[1], None
        try:
            return self.ways.entered(section, *ends)
        except WayError as error:
            where = error.source if error.source is not None else place.at(error.key)
            self.refuse(where, error.message, error.hint)
            return ends[1], None

    def _gateway(self, call: Call, pods: list[Pod] | None) -> Call:
        """A call out of the cluster goes by the egress gateway that its caller has."""
        if not pods or pods[0].host_network or not call.to.startswith(f"{EXTERNAL}/"):
            return call
        names = [self.gateways[key] for key in (pods[0].owner, f"pod/{pods[0].path}") if key in self.gateways]
        return replace(call, via=f"egressGateway/{names[0]}") if names else call


def _too_many(section: TrafficSection, source: str, load: Load, known: tuple[Interfaces, Source]) -> Iterator[Problem]:
    """More connections at once from one client than it has ports."""
    interfaces, place = known
    if isinstance(load, Transactions):
        kind, field_name, count = "transactions", "processes", load.processes
    elif isinstance(load, Bulk | Datagrams):
        kind, field_name, count = "bulk" if isinstance(load, Bulk) else "datagrams", "streams", load.streams
    else:
        return
    clients, ports = interfaces.ports(source)
    each = -(-count // (clients or section.clients))
    if each > ports:
        message = f"{each} {field_name} are more than the {ports} ports that {source} has towards one destination"
        hint = "net.ipv4.ip_local_port_range says how many a node has."
        yield place.at(kind, field_name).problem(message, hint)


def _connections(section: ConnectionUse) -> Connections:
    return Connections(section.mode, section.per_client, section.keep_alive)


def _travel(section: TrafficSection) -> Law | None:
    """Half of the round trip, or None where none is written."""
    if section.rtt is None or "rtt" not in section.model_fields_set:
        return None
    law = law_of(section.rtt)
    return laws.Law(law.shape, tuple(value // 2 for value in law.parameters), law.weights)


def run_of(section: RunSection) -> Run:
    """How long and how often, in base units."""
    runs = section.replications
    count = runs if isinstance(runs, int) else runs.count or runs.min or 1
    return Run(section.duration, section.warmup, section.seed, count, section.quantum)


def circle(behaviours: list[tuple[Behaviour, Source]], directory: Directory) -> Iterator[Problem]:
    """The first circle of calls that leads back to where it began."""
    targets = {behaviour.target for behaviour, _ in behaviours}
    callees = {behaviour.target: _callees(behaviour, directory) & targets for behaviour, _ in behaviours}
    ordered = {target: sorted(callees[target]) for target in sorted(callees)}
    try:
        TopologicalSorter(ordered).prepare()
    except CycleError as error:
        way = error.args[1][::-1]
        place = next(source for behaviour, source in behaviours if behaviour.target == way[0])
        yield place.at("calls").problem(f"calls go round in a circle: {' -> '.join(way)}")


def _callees(behaviour: Behaviour, directory: Directory) -> set[str]:
    found: set[str] = set()
    for call in (one for group in behaviour.calls for made in group for one in _with_lookups(made)):
        service = directory.services.get(call.to)
        paths = [f"pod/{path}" for path in service.endpoints] if service else [call.to]
        found.update(paths)
        found.update(pod.owner for path in paths for pod in directory.workloads.get(path, ()))
    return found


def _with_lookups(call: Call) -> Iterator[Call]:
    """A call, the questions asked before it, and what a cache asks for them."""
    yield call
    for question in (one for group in call.lookups for one in group):
        yield question
        if question.behaviour is not None:
            yield from (one for group in question.behaviour.calls for one in group)
