"""Published measurements of CNIs, and how many of their orderings netsim reproduces."""
