"""Statistics."""

from gatherum.web.routing import Routes

routes = Routes("Statistics")
