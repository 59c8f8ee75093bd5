"""Files."""

from gatherum.web.routing import Routes

routes = Routes("Files")
