"""The reference engine: SimPy processes named after what they are; it defines what is right."""

from netsim.engines.reference.network import simulate

__all__ = ["simulate"]
