"""Health."""

from gatherum.web.routing import Routes

routes = Routes("Health", prefix="")
