"""Searches."""

from gatherum.web.routing import Routes

routes = Routes("Searches")
