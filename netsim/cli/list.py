"""The verb list: what there is to choose from."""

from collections.abc import Callable
from enum import StrEnum
from inspect import getdoc
from pathlib import Path
from typing import Annotated, Any

import typer

from netsim.cli.output import Plain, emit, rendered, serialised

Row = dict[str, str]


class Kinds(StrEnum):
    """What can be listed."""

    CNI = "cni"
    PROXY = "proxy"
    FABRIC = "fabric"
    BALANCING = "balancing"
    BALANCERS = "balancers"
    CONTROLLERS = "controllers"
    STAGES = "stages"
    COSTS = "costs"
    SCENARIOS = "scenarios"


def list_kinds(
    kind: Annotated[Kinds | None, typer.Argument(help="What to list; without it, what there is.")] = None,
    output: Annotated[Plain, typer.Option("-o", "--output", help="Form of the list.")] = Plain.TABLE,
) -> None:
    """List CNIs, proxy modes, fabrics, balancing strategies, costs, scenarios."""
    rows = _LISTS[kind]() if kind else _kinds()
    if output is Plain.TABLE:
        emit(rendered(lambda console: _draw(rows, console)) if rows else "nothing found\n")
    else:
        emit(serialised(rows, output))


def _kinds() -> list[Row]:
    """Everything that can be listed, with how much there is of it."""
    return [{"list": str(kind), "entries": str(len(_LISTS[kind]())), "what they are": _WORDS[kind]} for kind in Kinds]


def _draw(rows: list[Row], console: Any) -> None:
    from rich.table import Table

    from netsim.report.pieces import plain

    made = Table(box=None, pad_edge=False)
    for column in rows[0]:
        made.add_column(column, header_style="not bold dim", overflow="fold")
    for row in rows:
        made.add_row(*(plain(value) for value in row.values()))
    console.print(made)


def _cni() -> list[Row]:
    from netsim import cni

    rows = []
    for name in cni.names():
        module = cni.load(name)
        for config in module.variants():
            path = module.data_path(config)
            rows.append(
                {
                    "cni": name,
                    "mode": module.mode(config),
                    "encapsulation": path.encapsulation.name if path.encapsulation else "none",
                    "pod MTU of 1500": str(path.pod_mtu(1500)),
                }
            )
    return rows


def _folder(package: str) -> Callable[[], list[Row]]:
    def rows() -> list[Row]:
        from importlib import import_module

        registry = import_module(f"netsim.{package}")
        title = package.rpartition(".")[2]
        return [{title: name, "what it is": _sentence(registry.load(name))} for name in registry.names()]

    return rows


def _sentence(module: object) -> str:
    return (getdoc(module) or "").partition("\n")[0]


def _stages() -> list[Row]:
    from netsim import costs

    rows = []
    for name, cost in sorted(costs.load().stages.items()):
        rows.append(
            {
                "stage": name,
                "ns/burst": _nanoseconds(cost.per_burst),
                "ns/frame": _nanoseconds(cost.per_frame),
                "ps/byte": f"{cost.per_byte / 1000:g}",
                "ns/wake-up": _nanoseconds(cost.per_wakeup),
                "confidence": str(cost.confidence),
                "source": str(cost.source),
            }
        )
    return rows


def _nanoseconds(picoseconds: int) -> str:
    return f"{picoseconds / 1000:g}"


def _scenarios() -> list[Row]:
    rows = []
    for path in sorted(Path("scenarios").glob("*.yaml")):
        with path.open(encoding="utf-8", errors="replace") as file:
            first = file.readline(300).strip()
        rows.append({"scenario": str(path), "question": first.lstrip("# ") if first.startswith("#") else ""})
    return rows


_WORDS: dict[Kinds, str] = {
    Kinds.CNI: "CNI plugins with their modes, encapsulation and pod MTU",
    Kinds.PROXY: "kube-proxy modes",
    Kinds.FABRIC: "fabrics: which links join the machines",
    Kinds.BALANCING: "strategies by which nodes, load balancers and proxies choose",
    Kinds.BALANCERS: "what gives Services of type LoadBalancer an address",
    Kinds.CONTROLLERS: "ingress controllers",
    Kinds.STAGES: "stages of data paths with their costs and sources",
    Kinds.COSTS: "the same as stages",
    Kinds.SCENARIOS: "scenario files of ./scenarios with their questions",
}

_LISTS: dict[Kinds, Callable[[], list[Row]]] = {
    Kinds.CNI: _cni,
    Kinds.PROXY: _folder("proxy"),
    Kinds.FABRIC: _folder("fabric"),
    Kinds.BALANCING: _folder("balancing"),
    Kinds.BALANCERS: _folder("entry.balancers"),
    Kinds.CONTROLLERS: _folder("entry.proxies"),
    Kinds.STAGES: _stages,
    Kinds.COSTS: _stages,
    Kinds.SCENARIOS: _scenarios,
}
