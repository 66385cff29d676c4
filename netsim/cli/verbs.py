"""The verbs, put together; their heavy imports wait until one of them runs."""

from typing import Annotated, Any

import typer

from netsim import __version__
from netsim.cli.check import check
from netsim.cli.compare import compare
from netsim.cli.explain import explain
from netsim.cli.import_ import import_
from netsim.cli.list import list_kinds
from netsim.cli.policy import policy
from netsim.cli.run import run
from netsim.cli.schema import schema
from netsim.cli.trace import trace

_HELP = """Answers about a Kubernetes pod network before anyone touches the cluster.

Exit codes: 0 ok, 1 internal error, 2 bad input or usage, 130 interrupted, 143 terminated.
"""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"netsim {__version__}")
        raise typer.Exit


def command() -> Any:
    """The command line as one object with a ``main``."""
    app = typer.Typer(
        help=_HELP,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def options(
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
        ] = False,
    ) -> None:
        pass

    for verb in (run, compare, trace, explain, check, schema):
        app.command()(verb)
    app.command("list")(list_kinds)
    app.command("import")(import_)
    app.add_typer(policy(), name="policy")
    return typer.main.get_command(app)
