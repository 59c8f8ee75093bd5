"""Links."""

from gatherum.web.routing import Routes

routes = Routes("Links")
