"""Observed traffic: readers of flow logs and metrics, one file each, and what they have in common."""
