"""Conducts a running program: lets the data plane run up to the next thing that the control plane does, and so on."""

from netsim.control.agents import Agents
from netsim.control.api import Api
from netsim.control.autoscaler import HorizontalPodAutoscaler
from netsim.control.clients import Clients
from netsim.control.deployment import Deployment
from netsim.control.endpoints import EndpointSlices
from netsim.control.entrances import Entrances
from netsim.control.happenings import Happenings
from netsim.control.journal import Entry
from netsim.control.kubelet import Kubelet
from netsim.control.network import Plugin
from netsim.control.nodes import NodeLifecycle
from netsim.control.plane import Plane
from netsim.control.proxies import Everybody, KubeProxy, Rules
from netsim.control.scheduler import Scheduler
from netsim.control.session import Session
from netsim.control.views import ServiceRows
from netsim.lowering.screens import Screening
from netsim.model.cluster import Scenario
from netsim.program import Program


def needed(scenario: Scenario) -> bool:
    """Whether anything happens in a scenario that the control plane would have to do with."""
    return bool(scenario.events or scenario.cluster.autoscalers)


def conduct(
    scenario: Scenario, program: Program, screening: Screening, session: Session
) -> tuple[Program, tuple[Entry, ...]]:
    """Run the scenario's control plane against ``session`` up to the end of the program; the program with all rows that
    were appended, and the journal."""
    plane = Plane(scenario, program, session.counters)
    assemble(plane, screening)
    while (at := plane.env.peek()) < program.duration:
        instant = int(at)
        session.advance(instant)
        while plane.env.peek() == instant:
            plane.env.step()
        for edit in plane.edits:
            session.apply(edit)
        plane.edits.clear()
    session.advance(program.duration)
    return plane.program, tuple(plane.journal.entries)


def assemble(plane: Plane, screening: Screening) -> Happenings:
    """All processes of a cluster, started."""
    api = Api(plane)
    plugin = Plugin(plane, api, Clients(plane, api), screening)
    names = sorted(plane.machines)
    kubelets = {name: Kubelet(plugin, name) for name in names}
    rows = ServiceRows(plane)
    slices = EndpointSlices(plane, api, rows)
    rules = Rules(plane, slices)
    proxies = {name: KubeProxy(plane, api, rules, rows, name) for name in names}
    agents = Agents(plane, api, kubelets, screening)
    plugin.identified = agents.identified
    deployments = {path: Deployment(plane, api, path) for path in sorted(api.workloads)}
    targets = plane.cluster.autoscalers
    scalers = [HorizontalPodAutoscaler(plane, api, rule, deployments[rule.workload]) for rule in targets]
    nodes = NodeLifecycle(plane, api, kubelets, proxies)
    entrances = Entrances(plane, api, proxies)
    nodes.listeners.append(entrances.machine)
    happenings = Happenings(plane, deployments, nodes, agents)
    running = [Scheduler(plane, api), slices, Everybody(api, rows), *kubelets.values(), *proxies.values()]
    for one in (*running, *deployments.values(), *scalers):
        plane.env.process(one.run())  # type: ignore[attr-defined]
    agents.start()
    for event in plane.scenario.events:
        plane.env.process(happenings.run(event))
    return happenings
