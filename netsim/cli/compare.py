"""The verb compare: the variants of a scenario file against a baseline."""

from pathlib import Path

from netsim.cli import answer as common
from netsim.cli.output import Format


def compare(
    file: common.File,
    output: common.Output = Format.TABLE,
    out: common.Out = Path("results"),
    no_plots: common.NoPlots = False,
    replications: common.Replications = None,
    seed: common.Seed = None,
    duration: common.Duration = None,
    engine: common.Engine = "reference",
    jobs: common.Jobs = None,
    baseline: common.Baseline = None,
    verbose: common.Verbose = False,
) -> None:
    """Run a scenario file and compare its variants with one of them.

    The result goes to stdout, and with tables and figures into a directory under --out.
    """
    common.answer(
        common.Request(file, output, out, not no_plots, verbose),
        replications=replications,
        seed=seed,
        duration=duration,
        engine=engine,
        jobs=jobs,
        baseline=baseline,
    )
