"""Bearer tokens."""

from gatherum.web.routing import Routes

routes = Routes("Bearer tokens")
