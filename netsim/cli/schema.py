"""The verb schema: the JSON Schema of scenario files, for editors."""

from netsim.cli.output import emit


def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from netsim import scenario
    from netsim.report.formats import as_json

    emit(as_json(scenario.json_schema()))
