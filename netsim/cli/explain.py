"""The verb explain: a CNI's data path drawn with its costs, or a field of scenario files."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from netsim.cli.output import Plain, emit, rendered, serialised

if TYPE_CHECKING:
    from netsim.program import Program
    from netsim.report.drawing import Drawn
    from netsim.scenario import Description

WIRE_MTU = 1_500  # bytes, Ethernet's
HEAD_WIDTH = 76  # columns of the lines above a drawing
LARGEST = 65_483  # bytes of payload in a GSO burst: 65,535 less headers with timestamps


def explain(
    topic: Annotated[str, typer.Argument(help="A CNI, or a scenario field such as traffic.rate.", show_default=False)],
    mode: Annotated[
        str | None, typer.Option("--mode", help="Mode of the CNI, see `netsim list cni`.", show_default="its default")
    ] = None,
    size: Annotated[str, typer.Option("--size", help="Payload of one burst, at most 65483B.")] = "1KiB",
    first: Annotated[bool, typer.Option("--first", help="Draw the packet that opens a flow instead.")] = False,
    output: Annotated[Plain, typer.Option("-o", "--output", help="Form of the answer.")] = Plain.TABLE,
) -> None:
    """Draw a CNI's data path, or explain a scenario field."""
    from netsim import cni

    if topic not in cni.names():
        emit(_field(topic, list(cni.names())))
        return
    payload, config = _bytes(size), _mode(topic, mode)
    program, paths = _paths(cni.load(topic), config, payload, first)
    if output is Plain.TABLE:
        emit(rendered(lambda console: _draw(program, (_head(topic, config, first), paths), console)))
    else:
        from netsim.report.drawing import visits

        emit(serialised({drawn.title: list(visits(program, drawn)) for drawn in paths}, output))


def _field(path: str, cnis: list[str]) -> str:
    from netsim import scenario
    from netsim.errors import UsageError, nearest, quote

    fields = [name for part in ("spec", "metadata") for name, _ in scenario.describe(part).fields]
    known = ["spec", "metadata", "apiVersion", "kind", *fields]
    if "." not in path and path not in known:
        raise UsageError(f"{quote(path)} is no CNI and no field", nearest(path, [*cnis, *known]))
    return _described(scenario.describe(path))


def _described(field: "Description") -> str:
    from textwrap import indent

    lines = [f"{field.path}   {field.kind}", indent(field.text, "    ")]
    default = "" if field.default is None else f", default {field.default}"
    lines += ["    required" if field.required else f"    optional{default}"]
    lines += [f"    for example {', '.join(field.examples)}"] if field.examples else []
    width = max((len(name) for name, _ in field.fields), default=0)
    lines += ["", *(f"    {name:<{width}}   {text}".rstrip() for name, text in field.fields)] if field.fields else []
    return "\n".join(lines) + "\n"


def _bytes(text: str) -> int:
    from netsim.errors import UsageError
    from netsim.units import UnitError, parse_size

    try:
        size = parse_size(text)
    except UnitError as error:
        raise UsageError(f"--size: {error.message}", error.hint) from None
    if not 0 < size <= LARGEST:
        raise UsageError(f"--size: {text} is no payload of one burst", f"Write 1B to {LARGEST}B")
    return size


def _head(name: str, config: Any, first: bool) -> str:
    """What the mode costs in bytes, and how to see what is not drawn."""
    from netsim import cni

    module = cni.load(name)
    path = module.data_path(config)
    outer = f", {path.encapsulation.name} between nodes" if path.encapsulation else ", no encapsulation"
    lines = [f"{path.title}: pod MTU {path.pod_mtu(WIRE_MTU):,} on a wire of {WIRE_MTU:,}{outer}"]
    others = [module.mode(other) for other in module.variants() if module.mode(other) != module.mode(config)]
    lines += [_listed("Other modes, for --mode: ", others)] if others else []
    lines += [] if first else ["The packet that opens a flow costs more: --first draws it."]
    return "\n".join(lines)


def _listed(start: str, modes: list[str]) -> str:
    """The modes as arguments of a shell, none of them broken at the end of a line."""
    from shlex import quote
    from textwrap import fill

    whole = [quote(mode).replace(" ", "\u00a0") for mode in modes]
    return fill(start + ", ".join(whole), HEAD_WIDTH).replace("\u00a0", " ")


def _draw(program: "Program", told: "tuple[str, list[Drawn]]", console: Any) -> None:
    from rich.text import Text

    from netsim.report.drawing import draw, references

    head, paths = told
    console.print(Text(head, "dim"))
    console.print()
    sources: list[str] = []
    for drawn in paths:
        draw(program, drawn, sources, console)
    references(sources, console)


def _mode(name: str, mode: str | None) -> Any:
    """The config of a CNI's mode, of its default where none is named; case does not matter."""
    from netsim import cni
    from netsim.errors import UsageError, nearest, quote

    module = cni.load(name)
    if mode is None:
        return module.Config()
    configs = {module.mode(config): config for config in module.variants()}
    for known, config in configs.items():
        if known.lower() == mode.lower():
            return config
    raise UsageError(f"{name} has no mode {quote(mode)}", nearest(mode, configs))


def _paths(module: Any, config: Any, size: int, first: bool) -> "tuple[Program, list[Drawn]]":
    from netsim.lowering import lower
    from netsim.program import Endpoint, Entry, Relation
    from netsim.report.drawing import Drawn

    program = lower(_two_nodes(module, config), 1)
    title = module.data_path(config).title
    endpoint = Endpoint.HOST if module.data_path(config).pods_on_host_network else Endpoint.POD
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
    from netsim.model.cluster import Call, Cluster, Nic, Node, Pod, Run, Scenario, Traffic
    from netsim.model.law import constant
    from netsim.model.load import OpenLoop

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
