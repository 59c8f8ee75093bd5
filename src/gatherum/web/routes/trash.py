"""Recycle bin."""

from gatherum.web.routing import Routes

routes = Routes("Recycle bin")
