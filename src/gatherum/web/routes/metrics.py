"""Metrics."""

from gatherum.web.routing import Routes

routes = Routes("Metrics", prefix="")
