"""The reference engine: SimPy processes named after what they are; it defines what is right."""

from netsim.engines.reference.network import simulation

__all__ = ["simulation"]
