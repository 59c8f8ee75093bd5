"""Second factors."""

from gatherum.web.routing import Routes

routes = Routes("Second factors")
