"""Gatherum."""
