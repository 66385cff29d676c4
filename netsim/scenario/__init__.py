"""Scenario files and Kubernetes manifests: text with units in, checked Scenarios of the model out."""

from netsim.scenario.documentation import Description, describe, json_schema
from netsim.scenario.study import Study, load

__all__ = ["Description", "Study", "describe", "json_schema", "load"]
