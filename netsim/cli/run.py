"""The verb run: from a scenario file to an answer."""

from pathlib import Path

from netsim.cli import answer as common
from netsim.cli.output import Format


def run(
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
    """Run a scenario file: how fast is each variant, and why?

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
