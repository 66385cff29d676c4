"""The verb policy: who may talk to whom under network policies, and what a change of them denies, allows and costs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netsim.cli import answer as common
from netsim.cli.output import Format, emit, notice, rendered

if TYPE_CHECKING:
    from netsim.model.cluster import Scenario
    from netsim.scenario import Study

Variant = Annotated[str | None, typer.Option("--variant", help="Variant that is asked.", show_default="the first")]
Namespace = Annotated[str, typer.Option("--namespace", help="Only pairs with an end in it.", show_default="all")]
Enforced = Annotated[
    bool, typer.Option("--as-if-enforced", help="Ask the policies even where the CNI takes no notice of them.")
]


def policy() -> Any:
    """The verb with its two questions."""
    app = typer.Typer(
        help="Ask network policies before they are applied.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command()(matrix)
    app.command()(diff)
    return app


def matrix(
    file: common.File,
    variant: Variant = None,
    namespace: Namespace = "",
    enforced: Enforced = False,
    output: common.Output = Format.TABLE,
) -> None:
    """Print who may open connections to whom: workloads, nodes, machines outside and the internet.

    A node always reaches the pods that are on it; the matrix shows what it may reach elsewhere. Answers to a connection
    that was allowed always pass.
    """
    from netsim.experiment.ground import ground
    from netsim.experiment.reachability import matrix as answer

    chosen = _chosen(common.loaded(file), variant)
    known = {pod.namespace for pod in chosen.cluster.pods}
    _check(namespace, known)
    _print(answer(ground(chosen, enforced), namespace), output)


def diff(
    file: common.File,
    change: Annotated[
        Path | None,
        typer.Argument(
            help="Another scenario file, or a file or directory of NetworkPolicy manifests that are applied.",
            show_default="the scenario's own applyManifests events",
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="The manifests are all policies there are, not additions.")
    ] = False,
    variant: Variant = None,
    enforced: Enforced = False,
    output: common.Output = Format.TABLE,
) -> None:
    """Print what a change of policies newly denies and allows, which traffic that concerns, and its cost in latency."""
    from netsim.experiment.ground import ground
    from netsim.experiment.reachability import difference
    from netsim.experiment.screening import screening_costs

    old = _chosen(common.loaded(file), variant)
    sides = [ground(one, enforced) for one in (old, _after(old, change, variant, replace))]
    _print(difference(*sides) | {"costs": screening_costs(*sides)}, output)


def _after(old: "Scenario", change: Path | None, variant: str | None, whole: bool) -> "Scenario":
    """The scenario after the change."""
    from dataclasses import replace

    from netsim.errors import UsageError
    from netsim.policy import applied
    from netsim.scenario.policy_files import is_scenario, policy_objects

    if change is None:
        events = [event for event in sorted(old.events, key=lambda one: one.at) if event.policies]
        if not events:
            raise UsageError("there is nothing to compare with", "Name manifests, or add applyManifests to events:")
        found = old.cluster.policies
        for event in events:
            found = applied(found, event.policies)
        return replace(old, cluster=replace(old.cluster, policies=found))
    if is_scenario(change):
        return _chosen(common.loaded(change), variant)
    objects = policy_objects(change)
    policies = tuple(plan.policy for plan in objects.policies.values())
    cluster = replace(
        old.cluster,
        policies=applied(() if whole else old.cluster.policies, policies),
        namespaces=tuple(sorted({**dict(old.cluster.namespaces), **objects.namespaces}.items())),
    )
    return replace(old, cluster=cluster)


def _chosen(study: "Study", variant: str | None) -> "Scenario":
    from netsim.errors import UsageError, nearest

    names = [one.variant for one in study.variants]
    if variant is not None and variant not in names:
        raise UsageError(f"there is no variant '{variant}' in {study.path}", nearest(variant, names))
    return study.variants[0 if variant is None else names.index(variant)]


def _check(namespace: str, known: set[str]) -> None:
    from netsim.errors import UsageError, nearest, quote

    if namespace and namespace not in known:
        raise UsageError(f"there are no pods in a namespace {quote(namespace)}", nearest(namespace, known))


def _print(result: dict[str, Any], output: Format) -> None:
    from netsim.report import policies
    from netsim.report.formats import as_json, as_yaml

    sides = [result] if result["kind"] == "PolicyMatrix" else [result["before"], result["after"]]
    for side in sides:
        if not side["enforced"]:
            notice(f"note: {side['cni']} does not enforce network policies ({side['variant']})")
    if output is Format.TABLE:
        draw = policies.draw_matrix if result["kind"] == "PolicyMatrix" else policies.draw_diff
        emit(rendered(lambda console: draw(result, console)))
    elif output in (Format.JSON, Format.YAML):
        emit(as_json(result) if output is Format.JSON else as_yaml(result))
    else:
        make = policies.as_csv if output is Format.CSV else policies.as_markdown
        emit(make(*policies.parts_of(result)))
