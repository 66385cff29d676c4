"""The verb explain: a CNI's data path drawn with its costs, or a field of scenario files."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from netsim.cli.output import Plain, emit, rendered, serialised

if TYPE_CHECKING:
    from netsim.program import Program
    from netsim.report.drawing import Drawn
    from netsim.scenario import Description


def explain(
    topic: Annotated[str, typer.Argument(help="A CNI, or a field such as spec.traffic.rate.", show_default=False)],
    mode: Annotated[str | None, typer.Option("--mode", help="A mode of the CNI; its first one.")] = None,
    size: Annotated[str, typer.Option("--size", help="Payload that is sent.")] = "1KiB",
    first: Annotated[bool, typer.Option("--first", help="The packet that opens a flow.")] = False,
    output: Annotated[Plain, typer.Option("-o", "--output", help="Form of the answer.")] = Plain.TABLE,
) -> None:
    """Draw a CNI's data path, or explain a scenario field."""
    from netsim import cni

    if topic not in cni.names():
        emit(_field(topic, list(cni.names())))
        return
    program, paths = _paths(topic, mode, _bytes(size), first)
    if output is Plain.TABLE:
        emit(rendered(lambda console: _draw(program, paths, console)))
    else:
        from netsim.report.drawing import visits

        emit(serialised({drawn.title: list(visits(program, drawn)) for drawn in paths}, output))


def _field(path: str, cnis: list[str]) -> str:
    from netsim import scenario
    from netsim.errors import UsageError, nearest

    if "." not in path and path not in ("spec", "metadata", "apiVersion", "kind"):
        raise UsageError(f"'{path}' is no CNI and no field", nearest(path, cnis))
    return _described(scenario.describe(path))


def _described(field: "Description") -> str:
    lines = [f"{field.path}   {field.kind}", f"    {field.text}"]
    lines += ["    required" if field.required else f"    optional, default {field.default}"]
    lines += [f"    for example {', '.join(field.examples)}"] if field.examples else []
    width = max((len(name) for name, _ in field.fields), default=0)
    lines += ["", *(f"    {name:<{width}}   {text}".rstrip() for name, text in field.fields)] if field.fields else []
    return "\n".join(lines) + "\n"


def _bytes(text: str) -> int:
    from netsim.errors import UsageError
    from netsim.units import UnitError, parse_size

    try:
        return min(parse_size(text), 65_483)
    except UnitError as error:
        raise UsageError(f"--size: {error.message}", error.hint) from None


def _draw(program: "Program", paths: "list[Drawn]", console: Any) -> None:
    from netsim.report.drawing import draw, references

    sources: list[str] = []
    for drawn in paths:
        draw(program, drawn, sources, console)
    references(sources, console)


def _paths(name: str, mode: str | None, size: int, first: bool) -> "tuple[Program, list[Drawn]]":
    from netsim import cni
    from netsim.errors import UsageError, nearest
    from netsim.lowering import lower
    from netsim.program import Endpoint, Entry, Relation
    from netsim.report.drawing import Drawn

    module = cni.load(name)
    configs = {module.mode(config): config for config in module.variants()}
    chosen = module.mode(module.Config()) if mode is None else mode
    if chosen not in configs:
        raise UsageError(f"{name} has no mode '{chosen}'", nearest(chosen, configs))
    program = lower(_two_nodes(module, configs[chosen]), 1)
    title = module.data_path(configs[chosen]).title
    endpoint = Endpoint.HOST if module.data_path(configs[chosen]).pods_on_host_network else Endpoint.POD
    ends = {
        Relation.SAME_NODE: "two pods of one node",
        Relation.SAME_SUBNET: "pods of two nodes in one subnet",
        Relation.OTHER_SUBNET: "pods of two nodes in different subnets",
    }
    found: dict[int, Drawn] = {}
    for relation, words in ends.items():
        route = int(program.routes.index[Entry.DIRECT, endpoint, endpoint, relation])
        if route >= 0:
            path = int((program.routes.syn if first else program.routes.request)[route])
            known = found.get(path)
            told = f"{title}: pods of two nodes" if known else f"{title}: {words}"
            found[path] = Drawn(told, path, 0 if first else size)
    return program, list(found.values())


def _two_nodes(module: Any, config: Any) -> Any:
    """The least cluster in which a pod has a neighbour on its node and another on the next."""
    from netsim import fabric, proxy
    from netsim.model.cluster import Call, Cluster, Nic, Node, OpenLoop, Pod, Run, Scenario, Traffic
    from netsim.model.law import constant

    nic = Nic(bandwidth=10 * 10**9)
    nodes = tuple(Node(f"node-{number}", 4, nic, subnet=f"subnet-{number}") for number in (1, 2))
    pods = tuple(
        Pod("default", pod, node, f"pod/default/{pod}")
        for pod, node in (("a", "node-1"), ("b", "node-1"), ("c", "node-2"))
    )
    mode = "ebpf" if module.replaces_proxy(config) else "iptables"
    cluster = Cluster(nodes, pods, (), config, proxy.load(mode).Config(), fabric.load(fabric.names()[0]).Config())
    calls = [Call(f"pod/default/{target}", constant(1000), constant(1000)) for target in ("b", "c")]
    traffic = tuple(Traffic(f"to-{call.to[-1]}", "pod/default/a", call, OpenLoop(((10**9, 10**6),))) for call in calls)
    return Scenario("explain", module.mode(config), cluster, (), traffic, Run(10**9))
