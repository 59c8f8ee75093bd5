"""Settings."""

from gatherum.web.routing import Routes

routes = Routes("Settings")
