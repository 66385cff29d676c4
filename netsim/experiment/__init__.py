"""Experiments: variants, replications and processes; above engines and analysis, below the command line."""

from netsim.experiment.options import Options
from netsim.experiment.study import Result, run
from netsim.experiment.task import LawBrokenError

__all__ = ["LawBrokenError", "Options", "Result", "run"]
