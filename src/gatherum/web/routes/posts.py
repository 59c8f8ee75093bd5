"""Posts."""

from gatherum.web.routing import Routes

routes = Routes("Posts")
