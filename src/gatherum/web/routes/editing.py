"""Editing."""

from gatherum.web.routing import Routes

routes = Routes("Editing")
