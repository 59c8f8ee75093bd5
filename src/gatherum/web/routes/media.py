"""Media."""

from gatherum.web.routing import Routes

routes = Routes("Media")
