"""Processors: steps that learn facts from a file. They arrive with the web interface."""
