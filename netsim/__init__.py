"""netsim: a discrete-event simulator of Kubernetes pod networking."""

from pathlib import Path
from typing import Any

__version__ = "0.1.0"


def run(file: Path | str, **overrides: Any) -> dict[str, Any]:
    """The Result of a scenario file, as ``netsim run FILE -o json`` prints it; nothing is written.

    ``overrides`` are the fields of ``netsim.experiment.Options``. Raises netsim.errors.InputError for whatever the
    caller can put right.
    """
    # Imported here: `netsim --version` and the command's help must not wait for numpy.
    from netsim import experiment, scenario

    return experiment.run(scenario.load(file), experiment.Options(**overrides))
