"""Import: from dumps of a running cluster to a scenario that runs, with every conclusion and its evidence."""

from netsim.importing.bringing import Imported, Request, bring_in
from netsim.importing.inputs import Input, inputs

__all__ = ["Imported", "Input", "Request", "bring_in", "inputs"]
