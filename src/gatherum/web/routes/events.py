"""Live events."""

from gatherum.web.routing import Routes

routes = Routes("Live events")
