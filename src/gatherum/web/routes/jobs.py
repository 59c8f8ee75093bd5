"""Queue."""

from gatherum.web.routing import Routes

routes = Routes("Queue")
