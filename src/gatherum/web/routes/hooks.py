"""Webhooks."""

from gatherum.web.routing import Routes

routes = Routes("Webhooks", prefix="")
