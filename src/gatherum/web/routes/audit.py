"""Audit."""

from gatherum.web.routing import Routes

routes = Routes("Audit")
