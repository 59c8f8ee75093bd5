"""Timeline."""

from gatherum.web.routing import Routes

routes = Routes("Timeline")
