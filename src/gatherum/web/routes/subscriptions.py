"""Subscriptions."""

from gatherum.web.routing import Routes

routes = Routes("Subscriptions")
