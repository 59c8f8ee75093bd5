"""Signing in."""

from gatherum.web.routing import Routes

routes = Routes("Signing in")
