"""Decisions."""

from gatherum.web.routing import Routes

routes = Routes("Decisions")
