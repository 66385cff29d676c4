"""Nouns of a cluster network: frozen, validated data that never runs."""
