"""Set-up."""

from gatherum.web.routing import Routes

routes = Routes("Set-up")
